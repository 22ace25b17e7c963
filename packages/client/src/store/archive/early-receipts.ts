// Receipts for messages that are not here: they may come with an archive later. Table `early_receipt`.

import { toHex } from "@nodoor/bytes"
import type { Transaction } from "../../core/transaction.ts"
import type { DueReceipt } from "../chat/receipts-due.ts"
import type { Reader } from "../reader.ts"

export interface EarlyReceipt extends DueReceipt {
  readonly chatId: Uint8Array
  readonly accountId: Uint8Array
  readonly atMs: number
}

/** Of one account in one chat. Of more, the newest stay: whoever reports what is not there displaces nobody's receipts but their own. */
const receiptsMax = 1_000

/** Of these messages of a chat, those that are not here. */
export async function listMissing(reader: Reader, chatId: Uint8Array, messageIds: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(
    `SELECT unhex(value) AS message_id FROM json_each(?)
     WHERE NOT EXISTS (SELECT 1 FROM message WHERE chat_id = ? AND message_id = unhex(value))`,
    JSON.stringify(messageIds.map(toHex)),
    chatId,
  )
  return rows.map((row) => row["message_id"] as Uint8Array)
}

/** What one account reports of messages that are not here. A status only rises. */
export function keepEarlyReceipts(
  tx: Transaction,
  { chatId, accountId, atMs }: Pick<EarlyReceipt, "chatId" | "accountId" | "atMs">,
  receipts: readonly DueReceipt[],
): void {
  for (const { messageId, status } of receipts)
    tx.write(
      `INSERT INTO early_receipt (chat_id, message_id, account_id, status, at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET status = excluded.status, at_ms = excluded.at_ms WHERE excluded.status > status`,
      chatId,
      messageId,
      accountId,
      status,
      atMs,
    )
  tx.write(
    `DELETE FROM early_receipt WHERE (chat_id, message_id, account_id) IN
       (SELECT chat_id, message_id, account_id FROM early_receipt WHERE chat_id = ? AND account_id = ? ORDER BY at_ms DESC LIMIT -1 OFFSET ${receiptsMax})`,
    chatId,
    accountId,
  )
}

/** Those for these messages. */
export async function listEarlyReceipts(
  reader: Reader,
  names: readonly { readonly chatId: Uint8Array; readonly messageId: Uint8Array }[],
): Promise<readonly EarlyReceipt[]> {
  const rows = await reader.read(
    "SELECT e.* FROM json_each(?) CROSS JOIN early_receipt e ON e.chat_id = unhex(value ->> 0) AND e.message_id = unhex(value ->> 1)",
    JSON.stringify(names.map(({ chatId, messageId }) => [toHex(chatId), toHex(messageId)])),
  )
  return rows.map((row) => ({
    chatId: row["chat_id"] as Uint8Array,
    messageId: row["message_id"] as Uint8Array,
    accountId: row["account_id"] as Uint8Array,
    status: Number(row["status"]),
    atMs: Number(row["at_ms"]),
  }))
}

/** The message is here. */
export function deleteEarlyReceipts(tx: Transaction, { chatId, messageId }: Pick<EarlyReceipt, "chatId" | "messageId">): void {
  tx.write("DELETE FROM early_receipt WHERE chat_id = ? AND message_id = ?", chatId, messageId)
}
