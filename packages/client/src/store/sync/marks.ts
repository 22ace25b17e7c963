// What a person's other devices said of something before this device had it: it holds from the moment it is here.

import { decodeCbor } from "@nodoor/bytes"
import { chatName, syncKeys } from "./sync-entry.ts"
import { placedFromMs } from "../../core/group-record.ts"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** CBOR's `true`. */
const isTrue = "EXISTS (SELECT 1 FROM sync_entry WHERE key = ? AND value = x'f5')"

/** Whether the person has deleted a message, or read it, on any of their devices. */
export async function marksOf(reader: Reader, message: Marked): Promise<Marks> {
  const { groupId, messageId } = message
  const [deleted, cleared, read] = [syncKeys.deleted(groupId, messageId), syncKeys.cleared(groupId), syncKeys.read(groupId)]
  const rows = await reader.read("SELECT key, value, ms FROM sync_entry WHERE key IN (?, ?, ?)", deleted, cleared, read)
  return marksIn(rows)(message)
}

/** The same for many messages at once: what was deleted, as keys, and up to which order each group was cleared and read. */
export async function listMarks(
  reader: Reader,
  messages: readonly { readonly groupId: Uint8Array; readonly messageId: Uint8Array }[],
): Promise<(message: Marked) => Marks> {
  const keys = new Set(
    messages.flatMap(({ groupId, messageId }) => [syncKeys.deleted(groupId, messageId), syncKeys.cleared(groupId), syncKeys.read(groupId)]),
  )
  const rows = await reader.read(
    "SELECT key, value, ms FROM sync_entry WHERE key IN (SELECT value FROM json_each(?))",
    JSON.stringify([...keys]),
  )
  return marksIn(rows)
}

interface Marked {
  readonly groupId: Uint8Array
  readonly messageId: Uint8Array
  readonly order: number | undefined
  /** When the server placed it. */
  readonly timeMs: number
}

export interface Marks {
  readonly deleted: boolean
  readonly read: boolean
}

function marksIn(rows: readonly Row[]): Awaited<ReturnType<typeof listMarks>> {
  const values = new Map(rows.map((row) => [row["key"], { value: row["value"] as Uint8Array, ms: Number(row["ms"]) }]))
  return ({ groupId, messageId, order, timeMs }) => {
    // Nobody read or deleted what came after they said so, whatever order they named: a stolen device could silence a chat for good.
    const reaches = (key: string): boolean => {
      const mark = values.get(key)
      return order !== undefined && mark !== undefined && orderOf(mark.value) >= order && placedFromMs(timeMs) <= mark.ms
    }
    const deleted = values.has(syncKeys.deleted(groupId, messageId)) || reaches(syncKeys.cleared(groupId))
    return { deleted, read: reaches(syncKeys.read(groupId)) }
  }
}

function orderOf(value: Uint8Array): number {
  return Number(decodeCbor(value, { maxBytes: 16 }))
}

export async function isDeletedForMe(reader: Reader, groupId: Uint8Array, messageId: Uint8Array): Promise<boolean> {
  return (await marksOf(reader, { groupId, messageId, order: undefined, timeMs: 0 })).deleted
}

/** A chat that is new here. */
export function applyMarks(tx: Transaction, chat: { readonly chatId: Uint8Array; readonly peer: Uint8Array | undefined }): void {
  const name = chatName(chat)
  tx.write(
    `UPDATE chat SET muted = ${isTrue}, pinned = ${isTrue}, archived = ${isTrue},
       state = CASE WHEN state = 'request' AND ${isTrue} THEN 'active' ELSE state END WHERE chat_id = ?`,
    syncKeys.chat(name, "muted"),
    syncKeys.chat(name, "pinned"),
    syncKeys.chat(name, "archived"),
    syncKeys.chat(name, "accepted"),
    chat.chatId,
  )
}

/** A contact that is new here. One that is blocked is blocked from the start. */
export function applyContactMarks(tx: Transaction, accountId: Uint8Array): void {
  tx.write(
    `UPDATE contact SET accepted = accepted OR ${isTrue}, blocked = blocked OR ${isTrue} WHERE account_id = ?`,
    syncKeys.contact(accountId, "accepted"),
    syncKeys.contact(accountId, "blocked"),
    accountId,
  )
}
