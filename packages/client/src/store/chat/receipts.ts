// Receipts from others for own messages: table `receipt`.

import type { Transaction } from "../../core/transaction.ts"
import type { DueReceipt } from "./receipts-due.ts"

/** Stores a receipt. One for a message that `author` did not write is ignored, and a status only rises. */
export function raiseReceipt(
  tx: Transaction,
  receipt: DueReceipt & {
    readonly chatId: Uint8Array
    readonly accountId: Uint8Array
    readonly atMs: number
    readonly author: Uint8Array
  },
): void {
  const { chatId, messageId, accountId, status, atMs, author } = receipt
  tx.write(
    `INSERT INTO receipt (chat_id, message_id, account_id, status, at_ms)
     SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM message WHERE chat_id = ? AND message_id = ? AND account_id = ?)
     ON CONFLICT DO UPDATE SET status = excluded.status, at_ms = excluded.at_ms WHERE excluded.status > status`,
    chatId,
    messageId,
    accountId,
    status,
    atMs,
    chatId,
    messageId,
    author,
  )
  tx.messageChanged(chatId, messageId)
}

export function deleteReceiptsTo(tx: Transaction, chatId: Uint8Array, messageId: Uint8Array): void {
  tx.write("DELETE FROM receipt WHERE chat_id = ? AND message_id = ?", chatId, messageId)
}

export function deleteReceiptsOfChat(tx: Transaction, chatId: Uint8Array): void {
  for (const table of ["receipt", "early_receipt"]) tx.write(`DELETE FROM ${table} WHERE chat_id = ?`, chatId)
}
