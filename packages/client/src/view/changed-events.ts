// The events that tell listeners what a transaction changed. The rows are read after the commit, as sets: one query for the chats, three for
// the messages, whatever their number.

import { fromHex, toHex } from "@nodoor/bytes"
import type { Changes } from "../core/changes.ts"
import type { Hex } from "../core/hex.ts"
import { StoreError } from "../core/store-error.ts"
import type { CanaryView } from "../store/trust/canary-view.ts"
import { findAlarm } from "../store/trust/alarms.ts"
import type { OperatorNoticeView } from "../trust/operator/operator-notice-view.ts"
import { listFolders } from "../store/chat/folders.ts"
import { listSettings } from "../store/sync/entries.ts"
import { findListedChats } from "./chat-list.ts"
import { findContacts } from "./contacts.ts"
import type { ClientEvent } from "./event.ts"
import type { MessageView } from "./message-view.ts"
import { readMessages } from "./messages.ts"
import type { ViewParts } from "./view-parts.ts"

export interface EventSources {
  readonly parts: ViewParts
  readonly notices: () => Promise<readonly OperatorNoticeView[]>
  readonly canary: () => Promise<CanaryView>
  readonly recovery: (changes: Changes) => Promise<readonly ClientEvent[]>
  /** Is told what kept events of one sort back. */
  fault(error: unknown): void
}

/**
 * Alarms come first. What goes wrong with events of one sort does not keep back the others.
 *
 * @throws StoreError when the store cannot be read: the same changes can be asked for again
 */
export async function changedEvents(sources: EventSources, changes: Changes): Promise<readonly ClientEvent[]> {
  const { parts, notices, canary, recovery, fault } = sources
  const events: ClientEvent[] = []
  const add = async (made: () => Promise<readonly ClientEvent[]>): Promise<void> => {
    try {
      events.push(...(await made()))
    } catch (error) {
      if (error instanceof StoreError) throw error
      fault(error)
    }
  }
  for (const id of changes.alarms) await add(() => alarmEvents(parts, id))
  if (changes.contacts.size > 0) await add(() => contactEvents(parts, changes.contacts))
  if (changes.chats.size > 0) await add(() => chatEvents(parts, changes))
  if (changes.operatorNotices) await add(async () => [{ type: "operator_notices", notices: await notices() }])
  await add(() => recovery(changes))
  if (changes.folders) await add(async () => [{ type: "folders", folders: await listFolders(parts.reader) }])
  if (changes.settings) await add(async () => [{ type: "settings", settings: await listSettings(parts.reader) }])
  if (changes.canary) await add(async () => [{ type: "canary", canary: await canary() }])
  return events
}

async function alarmEvents(parts: ViewParts, id: Hex): Promise<readonly ClientEvent[]> {
  const alarm = await findAlarm(parts.reader, fromHex(id))
  return alarm ? [{ type: "alarm", alarm }] : []
}

async function contactEvents(parts: ViewParts, ids: Changes["contacts"]): Promise<readonly ClientEvent[]> {
  return [{ type: "contacts", ids: [...ids], contacts: await findContacts(parts, Array.from(ids, fromHex)) }]
}

async function chatEvents(parts: ViewParts, changes: Changes): Promise<readonly ClientEvent[]> {
  const chats = new Map((await findListedChats(parts, Array.from(changes.chats, fromHex))).map((chat) => [chat.id, chat]))
  const messages = await changedMessages(parts, changes.messages)
  const own = await selfChats(
    parts,
    [...changes.chats].filter((id) => !chats.has(id)),
  )
  const shown = [...changes.chats].filter((id) => !own.has(id))
  return shown.map((id) => {
    const { ids = new Set<Hex>(), incoming = new Set<Hex>() } = changes.messages.get(id) ?? {}
    const found = messages.get(id) ?? []
    const here = new Set(found.map((message) => message.id))
    return {
      type: "chat",
      id,
      chat: chats.get(id),
      messages: found,
      removed: [...ids].filter((messageId) => !here.has(messageId)),
      incoming: [...incoming].filter((messageId) => here.has(messageId)),
    }
  })
}

/** The group of the account's own devices is no chat to a person. */
async function selfChats({ reader }: ViewParts, ids: readonly Hex[]): Promise<ReadonlySet<Hex>> {
  if (ids.length === 0) return new Set()
  const sql = "SELECT chat_id FROM chat WHERE kind = 'self' AND chat_id IN (SELECT unhex(value) FROM json_each(?))"
  return new Set((await reader.read(sql, JSON.stringify(ids))).map((row) => toHex(row["chat_id"] as Uint8Array)))
}

const named = `SELECT m.row, m.position AS place FROM json_each(?) CROSS JOIN message m
  ON m.chat_id = unhex(value ->> 0) AND m.message_id = unhex(value ->> 1)`

/** By chat, oldest first. */
async function changedMessages(parts: ViewParts, changes: Changes["messages"]): Promise<ReadonlyMap<Hex, readonly MessageView[]>> {
  const names = [...changes].flatMap(([chatId, { ids }]) => Array.from(ids, (id) => [chatId, id]))
  if (names.length === 0) return new Map()
  const { messages } = await readMessages(parts, { page: named, values: [JSON.stringify(names)] })
  return Map.groupBy(messages, ({ chatId }) => chatId)
}
