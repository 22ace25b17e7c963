// The events that tell listeners what a transaction changed. The rows are read after the commit, as sets: one query for the chats, three for
// the messages, whatever their number.

import { fromHex } from "@nodoor/bytes"
import type { Changes } from "../core/changes.ts"
import type { Hex } from "../core/hex.ts"
import type { CanaryView } from "../store/trust/canary-view.ts"
import { findAlarm } from "../store/trust/alarms.ts"
import type { OperatorNoticeView } from "../trust/operator/operator-notice-view.ts"
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
}

export async function changedEvents({ parts, notices, canary }: EventSources, changes: Changes): Promise<readonly ClientEvent[]> {
  const events: ClientEvent[] = []
  if (changes.contacts.size > 0) {
    const contacts = await findContacts(parts, Array.from(changes.contacts, fromHex))
    events.push({ type: "contacts", ids: [...changes.contacts], contacts })
  }
  if (changes.chats.size > 0) {
    const chats = new Map((await findListedChats(parts, Array.from(changes.chats, fromHex))).map((chat) => [chat.id, chat]))
    const messages = await changedMessages(parts, changes.messages)
    for (const id of changes.chats) {
      const { ids = new Set<Hex>(), incoming = new Set<Hex>() } = changes.messages.get(id) ?? {}
      const found = messages.get(id) ?? []
      const here = new Set(found.map((message) => message.id))
      events.push({
        type: "chat",
        id,
        chat: chats.get(id),
        messages: found,
        removed: [...ids].filter((messageId) => !here.has(messageId)),
        incoming: [...incoming].filter((messageId) => here.has(messageId)),
      })
    }
  }
  for (const id of changes.alarms) {
    const alarm = await findAlarm(parts.reader, fromHex(id))
    if (alarm) events.push({ type: "alarm", alarm })
  }
  if (changes.operatorNotices) events.push({ type: "operator_notices", notices: await notices() })
  if (changes.canary) events.push({ type: "canary", canary: await canary() })
  return events
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
