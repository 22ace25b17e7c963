// Receipts that this device has not sent yet: table `receipt_due`.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface DueReceipt {
  readonly messageId: Uint8Array
  /** As in `content/mimi/status-report.ts`: 1 delivered, 2 read. */
  readonly status: number
}

/** Adds a receipt to send. The higher status of two counts. */
export function oweReceipt(tx: Transaction, groupId: Uint8Array, { messageId, status }: DueReceipt): void {
  tx.write(
    `INSERT INTO receipt_due (group_id, message_id, status) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET status = MAX(status, excluded.status)`,
    groupId,
    messageId,
    status,
  )
}

export async function listReceiptsDue(reader: Reader, groupId: Uint8Array): Promise<readonly DueReceipt[]> {
  const rows = await reader.read("SELECT message_id, status FROM receipt_due WHERE group_id = ? ORDER BY message_id", groupId)
  return rows.map((row) => ({ messageId: row["message_id"] as Uint8Array, status: Number(row["status"]) }))
}

export function deleteReceiptsDue(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM receipt_due WHERE group_id = ?", groupId)
}

export function deleteReceiptsDueOfChat(tx: Transaction, chatId: Uint8Array): void {
  tx.write("DELETE FROM receipt_due WHERE group_id IN (SELECT group_id FROM mls_group WHERE chat_id = ?)", chatId)
}

/** Groups with receipts to send. */
export async function listGroupsOwedReceipts(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT DISTINCT group_id FROM receipt_due")).map((row) => row["group_id"] as Uint8Array)
}
