// The events that tell listeners what a transaction changed.

import { fromHex } from "@nodoor/bytes"
import type { Changes } from "../core/changes.ts"
import { findAlarm } from "../store/trust/alarms.ts"
import type { Reader } from "../store/reader.ts"
import type { ClientEvent } from "./event.ts"

/** Messages first, so that who re-reads a chat for its event finds nothing that was not announced. */
export async function changedEvents(reader: Reader, changes: Changes): Promise<readonly ClientEvent[]> {
  const events: ClientEvent[] = []
  for (const [chatId, { ids, incoming }] of changes.messages)
    events.push({ type: "messages", chatId, ids: [...ids], incoming: [...incoming] })
  if (changes.contacts.size > 0) events.push({ type: "contacts", ids: [...changes.contacts] })
  if (changes.chats.size > 0) events.push({ type: "chats", ids: [...changes.chats] })
  for (const id of changes.alarms) {
    const alarm = await findAlarm(reader, fromHex(id))
    if (alarm) events.push({ type: "alarm", alarm })
  }
  if (changes.operatorNotices) events.push({ type: "operator_notices" })
  if (changes.canary) events.push({ type: "canary" })
  return events
}
