// At the end of a world everybody is shown the same: names, people and roles of chats, messages with their edits and reactions, in one order; and
// the devices of one person have the same chats and settings.

import { toHex } from "@nodoor/bytes"
import type { ChatView, Device, MessageView } from "@nodoor/client"
import { BrokenPromise } from "../broken-promise.ts"
import type { WorldDevice } from "./world-device.ts"

interface Shown {
  readonly handle: string
  readonly account: string
  /** In which group each chat is where the device is. */
  readonly groups: ReadonlyMap<string, string>
  /** Of each chat in which the device is, by chat and group: what everybody there is shown. */
  readonly chats: ReadonlyMap<string, string>
  /** By message. Only those that the device received where it stands. */
  readonly messages: ReadonlyMap<string, string>
  /** By chat: what only the person's own devices agree on. */
  readonly own: ReadonlyMap<string, string>
  readonly settings: ReadonlyMap<string, string>
}

/** How many messages were compared, over all pairs. @throws BrokenPromise */
export async function assertAgreement(devices: readonly WorldDevice[]): Promise<number> {
  const all: Shown[] = []
  for (const device of devices) if (device.device) all.push(await shownOn(device, device.device))
  let compared = 0
  for (const [at, one] of all.entries())
    for (const other of all.slice(at + 1)) {
      compareMaps(one, other, "group of the chat", ({ groups }) => groups)
      compareMaps(one, other, "chat", ({ chats }) => chats)
      compared += compareMaps(one, other, "message", ({ messages }) => messages)
      if (one.account !== other.account) continue
      compareMaps(one, other, "own chat", ({ own }) => own)
      compareMaps(one, other, "setting", ({ settings }) => settings)
      for (const [name] of one.settings)
        if (!other.settings.has(name)) throw new BrokenPromise(`${other.handle} lacks the setting ${name} of ${one.handle}`)
      for (const [name] of other.settings)
        if (!one.settings.has(name)) throw new BrokenPromise(`${one.handle} lacks the setting ${name} of ${other.handle}`)
    }
  return compared
}

function compareMaps(one: Shown, other: Shown, what: string, of: (shown: Shown) => ReadonlyMap<string, string>): number {
  let compared = 0
  for (const [name, view] of of(one)) {
    const known = of(other).get(name)
    if (known === undefined) continue
    compared++
    if (known !== view)
      throw new BrokenPromise(`${one.handle} and ${other.handle} are not shown the same ${what} ${name}:\n  ${view}\n  ${known}`)
  }
  return compared
}

async function shownOn(virtual: WorldDevice, device: Device): Promise<Shown> {
  const groups = new Map<string, string>()
  const chats = new Map<string, string>()
  const messages = new Map<string, string>()
  const own = new Map<string, string>()
  for (const chat of await device.chats()) {
    if (chat.state !== "active") continue
    const native = await receivedIn(virtual, chat.id)
    if (!native) continue
    groups.set(chat.id, native.groupId)
    chats.set(`${chat.id} in ${native.groupId}`, await chatAsShown(device, chat))
    const { muted, pinned, archived, folder } = chat
    own.set(chat.id, JSON.stringify({ muted, pinned, archived, folder }))
    let last = { position: Number.NEGATIVE_INFINITY, order: 0 }
    for (const message of await pages(device, chat.id)) {
      if (!native.ids.has(message.id) || message.order === undefined) continue
      messages.set(`${message.id} of ${chat.id} in ${native.groupId}`, messageAsShown(message))
      if (message.position < last.position || message.order < last.order)
        throw new BrokenPromise(`${virtual.handle} shows ${message.id} of ${chat.id} in another order than it came`)
      last = { position: message.position, order: message.order }
    }
  }
  return { handle: virtual.handle, account: virtual.account, groups, chats, messages, own, settings: await settingsOn(virtual) }
}

/** Messages of the chat's present group that came to the device there. Undefined where it is not in that group. */
async function receivedIn(
  { disk }: WorldDevice,
  chatId: string,
): Promise<{ readonly groupId: string; readonly ids: ReadonlySet<string> } | undefined> {
  const id = Uint8Array.from(Buffer.from(chatId, "hex"))
  const [group] = await disk.read(
    "SELECT g.group_id, g.joined_order FROM mls_group g JOIN chat c ON c.group_id = g.group_id WHERE c.chat_id = ? AND g.status = 'active'",
    [id],
  )
  if (!group) return undefined
  const rows = await disk.read("SELECT message_id FROM message WHERE chat_id = ? AND group_id = ? AND kind != 'event' AND ord > ?", [
    id,
    group["group_id"] ?? null,
    group["joined_order"] ?? null,
  ])
  return { groupId: toHex(group["group_id"] as Uint8Array), ids: new Set(rows.map((row) => toHex(row["message_id"] as Uint8Array))) }
}

async function pages(device: Device, chatId: string): Promise<readonly MessageView[]> {
  const all: MessageView[] = []
  let page = await device.messages(chatId, { limit: 100 })
  all.unshift(...page.messages)
  while (page.before !== undefined) {
    page = await device.messages(chatId, { limit: 100, before: page.before })
    all.unshift(...page.messages)
  }
  return all
}

async function chatAsShown(device: Device, chat: ChatView): Promise<string> {
  const members = (await device.members(chat.id)).map(({ accountId, role }) => `${accountId} ${role}`).toSorted()
  const { kind, rules, memberCount } = chat
  return JSON.stringify({ kind, rules, memberCount, members, title: kind === "group" ? chat.title : undefined })
}

function messageAsShown({ id, sender, content, edited, reactions, inReplyTo }: MessageView): string {
  const given = reactions.map(({ emoji, accounts }) => `${emoji} ${accounts.toSorted().join(" ")}`).toSorted()
  return JSON.stringify({ id, sender: sender.accountId, content, edited, given, answers: inReplyTo?.id })
}

async function settingsOn({ disk }: WorldDevice): Promise<ReadonlyMap<string, string>> {
  const rows = await disk.read("SELECT key, hex(value) AS value FROM sync_entry")
  return new Map(rows.map((row) => [String(row["key"]), String(row["value"])]))
}
