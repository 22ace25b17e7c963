// How chats and people are named on the command line.

import { type ChatView, ClientError, type ContactView, type Device, addressOf } from "@nodoor/client"
import { sharedLink } from "@nodoor/client/text"
import { CliError } from "./cli-error.ts"
import { harmlessLine } from "./terminal.ts"

/** Beginnings of chat ids shorter than this fit too many. */
const shortestIdPrefix = 6

/**
 * The chat meant by `@handle` or `#mark` (the conversation with that person, made on first use), an id or its beginning, or a title.
 * @throws CliError `not_found`, `ambiguous`
 */
export async function findChat(device: Device, reference: string): Promise<ChatView> {
  if (/^[@#]/.test(reference) || isPersonLink(reference)) return device.openChat((await findAccount(device, reference)).accountId)
  const chats = await device.chats()
  const wanted = reference.toLowerCase()
  const byId = chats.filter((chat) => chat.id === wanted || (wanted.length >= shortestIdPrefix && chat.id.startsWith(wanted)))
  const found = byId.length > 0 ? byId : titled(chats, reference)
  const [only, another] = found
  if (only === undefined) {
    const next = isHandle(reference) ? `to write to a person, use @: @${reference.toLowerCase()}` : "nodoor chats"
    throw new CliError("not_found", `There is no chat ${harmlessLine(reference)}.`, { next })
  }
  if (another !== undefined) {
    throw new CliError("ambiguous", `${found.length} chats match ${harmlessLine(reference)}. Use more digits of the id.`, {
      next: "nodoor chats",
    })
  }
  return only
}

/**
 * The account with this handle (with or without @, or the person's link), a known contact's or one that the key log proves now; or the known contact with this
 * `#mark`. @throws ClientError `not_found`
 */
export async function findAccount(device: Device, reference: string): Promise<ContactView> {
  const who = isPersonLink(reference) ? await handleOfLink(device, reference) : asHandle(reference)
  const name = who.replace(/^@/, "")
  const [known, another] = (await device.contacts()).filter((contact) => isMeant(contact, who))
  if (another !== undefined) throw new CliError("ambiguous", `More than one person matches ${harmlessLine(who)}. Nothing was changed.`)
  if (known !== undefined) return known
  if (who.startsWith("#"))
    throw new CliError("not_found", `This device knows nobody with the mark ${harmlessLine(who)}.`, { next: "nodoor chats" })
  try {
    return await device.findContact(name)
  } catch (error) {
    if (error instanceof ClientError && (error.code === "not_found" || error.code === "account_not_found")) {
      throw new CliError("not_found", `Nobody on this server has the handle @${harmlessLine(name)}.`, {
        next: "check the handle with the person",
        cause: error,
      })
    }
    throw error
  }
}

export async function findAccounts(device: Device, handles: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = []
  for (const handle of handles) ids.push((await findAccount(device, handle)).accountId)
  return ids
}

/** How a person is named in a command that is suggested: a mark is quoted, because shells take `#` for a comment. */
export function asArgument(person: ContactView): string {
  return person.handle === undefined ? `'${addressOf(person)}'` : addressOf(person)
}

/** Whether a person of this device is meant by a handle, with or without its @, or by a `#mark`. */
export function isMeant(person: ContactView, who: string): boolean {
  return who.startsWith("#")
    ? person.mark === who.slice(1)
    : person.handle !== undefined && person.handle === asHandle(who).replace(/^@/, "")
}

/** `@handle` of every account in a chat, `#mark` of one whose handle is not proven. */
export async function handlesOf(device: Device, chatId: string): Promise<ReadonlyMap<string, string>> {
  return new Map((await device.members(chatId)).map((member) => [member.accountId, addressOf(member)]))
}

function isPersonLink(reference: string): boolean {
  return /\/(?:@|%40)/.test(reference)
}

/** Whoever is called so on another server is somebody else here. */
async function handleOfLink(device: Device, reference: string): Promise<string> {
  const { serverUrl } = await device.account()
  const link = sharedLink(reference, serverUrl)
  if (link?.type === "person") return `@${link.handle}`
  if (link?.type === "elsewhere")
    throw new CliError(
      "usage",
      `This link is for another server, ${harmlessLine(link.host)}. You can only reach people on your own server.`,
    )
  throw new CliError("usage", `${harmlessLine(reference)} is not a person's link or handle.`, { next: "nodoor send @HANDLE" })
}

function isHandle(text: string): boolean {
  return /^[a-z0-9._-]{3,32}$/i.test(text)
}

/** A handle in the one spelling that it has, however it was typed: `@Alice`, `＠alice`. Anything else is left as it is. */
function asHandle(reference: string): string {
  const plain = asShown(reference).replace(/^@/, "")
  return isHandle(plain) ? `@${plain.toLowerCase()}` : reference
}

/** Chats whose title looks like this one: what nobody can tell apart is not told apart here. In other capitals only if there is none in these. */
function titled(chats: readonly ChatView[], reference: string): readonly ChatView[] {
  const wanted = asShown(reference)
  const alike = chats.filter(({ title }) => asShown(title) === wanted)
  return alike.length > 0 ? alike : chats.filter(({ title }) => asShown(title).toLowerCase() === wanted.toLowerCase())
}

/** Without what shows nothing, with one space for each gap, and each letter in one spelling (accents, full-width forms). */
function asShown(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, (character) => (/\s/.test(character) ? " " : ""))
    .replace(/\s+/gu, " ")
    .trim()
}
