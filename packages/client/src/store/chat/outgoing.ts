// The state of own messages on their way to the server: column `outgoing` of table `message`.

import type { Transaction } from "../../core/transaction.ts"
import type { MessageName } from "./messages.ts"

/** The person sends it again. */
export function setQueued(tx: Transaction, { chatId, messageId }: MessageName): void {
  tx.write("UPDATE message SET outgoing = 'queued', failure = NULL WHERE chat_id = ? AND message_id = ?", chatId, messageId)
  tx.messageChanged(chatId, messageId)
}

/** The server has it. */
export function setSent(tx: Transaction, { chatId, messageId }: MessageName): void {
  tx.write("UPDATE message SET outgoing = 'sent' WHERE chat_id = ? AND message_id = ? AND outgoing = 'queued'", chatId, messageId)
  tx.messageChanged(chatId, messageId)
}

/** It was not sent. The person can send it again. */
export function setUnsent(
  tx: Transaction,
  { chatId, messageId }: MessageName,
  failure: { readonly code: string; readonly message: string },
): void {
  tx.write(
    "UPDATE message SET outgoing = 'failed', failure = ? WHERE chat_id = ? AND message_id = ?",
    JSON.stringify({ code: failure.code, message: failure.message }),
    chatId,
    messageId,
  )
  tx.messageChanged(chatId, messageId)
}
