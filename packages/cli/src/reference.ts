// How chats and people are named on the command line.

import { type ChatView, ClientError, type ContactView, type Device } from "@nodoor/client"
import { CliError } from "./cli-error.ts"
import { harmlessLine } from "./terminal.ts"

/** Beginnings of chat ids shorter than this fit too many. */
const shortestIdPrefix = 6

/**
 * The chat meant by `@handle` (the conversation with that person, made on first use), an id or its beginning, or a title.
 * @throws CliError `not_found`, `ambiguous`
 */
export async function findChat(device: Device, reference: string): Promise<ChatView> {
  if (reference.startsWith("@")) return device.openChat((await findAccount(device, reference)).accountId)
  const chats = await device.chats()
  const wanted = reference.toLowerCase()
  const byId = chats.filter((chat) => chat.id === wanted || (wanted.length >= shortestIdPrefix && chat.id.startsWith(wanted)))
  const found = byId.length > 0 ? byId : chats.filter((chat) => chat.title === reference)
  const [only, another] = found
  if (only === undefined) throw new CliError("not_found", `There is no chat ${harmlessLine(reference)}.`, { next: "nodoor chats" })
  if (another !== undefined) {
    throw new CliError("ambiguous", `${found.length} chats are meant by ${harmlessLine(reference)}. Give more of the id.`, {
      next: "nodoor chats",
    })
  }
  return only
}

/** The account with this handle (with or without @): a known contact, else what the server says. @throws ClientError `not_found` */
export async function findAccount(device: Device, handle: string): Promise<ContactView> {
  const name = handle.replace(/^@/, "")
  const known = (await device.contacts()).find((contact) => contact.handle === name)
  if (known !== undefined) return known
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

/** `@handle` of every account in a chat. */
export async function handlesOf(device: Device, chatId: string): Promise<ReadonlyMap<string, string>> {
  return new Map((await device.members(chatId)).map((member) => [member.accountId, `@${member.handle}`]))
}
