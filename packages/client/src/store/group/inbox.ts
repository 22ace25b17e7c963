// Mailbox records that are safe on this device and not taken in yet, in the mailbox's order: table `inbox`.

import { type MailboxRecord, decodeMessage, encodeMessage, limits, mailboxRecord } from "@nodoor/wire"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** Everything but a gap, which belongs to no group. */
export type WaitingRecord = Exclude<MailboxRecord, { readonly kind: "gap" }>

export async function hasWaiting(reader: Reader, groupId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM inbox WHERE group_id = ? LIMIT 1", groupId)).length > 0
}

export async function listWaitingGroups(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT DISTINCT group_id FROM inbox")).map((row) => row["group_id"] as Uint8Array)
}

/** The oldest record of a group, and the sequence number of its newest. */
export async function findFirstWaiting(
  reader: Reader,
  groupId: Uint8Array,
): Promise<{ readonly record: MailboxRecord; readonly lastSeq: number } | undefined> {
  const [row] = await reader.read(
    "SELECT record, (SELECT MAX(seq) FROM inbox WHERE group_id = i.group_id) AS last FROM inbox i WHERE group_id = ? ORDER BY seq LIMIT 1",
    groupId,
  )
  return row && { record: decode(row["record"] as Uint8Array), lastSeq: Number(row["last"]) }
}

export async function listWaitingAfter(reader: Reader, groupId: Uint8Array, seq: number): Promise<readonly MailboxRecord[]> {
  const rows = await reader.read("SELECT record FROM inbox WHERE group_id = ? AND seq > ? ORDER BY seq", groupId, seq)
  return rows.map((row) => decode(row["record"] as Uint8Array))
}

export function insertWaiting(tx: Transaction, record: WaitingRecord): void {
  tx.write("INSERT OR IGNORE INTO inbox (seq, group_id, record) VALUES (?, ?, ?)", record.seq, record.groupId, encodeMessage(record))
}

export function deleteWaiting(tx: Transaction, seq: number): void {
  tx.write("DELETE FROM inbox WHERE seq = ?", seq)
}

function decode(stored: Uint8Array): MailboxRecord {
  return decodeMessage(mailboxRecord, stored, 3 * limits.commitBundleBytes)
}
