// How far an own message has come on its way out, of table `message`.

import type { Transaction } from "../../core/transaction.ts"

interface Place {
  readonly chatId: Uint8Array
  readonly messageId: Uint8Array
}

/** The server has it. */
export function setSent(tx: Transaction, { chatId, messageId }: Place): void {
  tx.write("UPDATE message SET outgoing = 'sent' WHERE chat_id = ? AND message_id = ? AND outgoing = 'queued'", chatId, messageId)
  tx.messageChanged(chatId, messageId)
}

/** It will not be sent unless its person tries again. */
export function setUnsent(
  tx: Transaction,
  { chatId, messageId }: Place,
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
