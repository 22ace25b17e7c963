// Which chat comes first in the list. Times are not fit for it: those of messages are the server's, those of what waits to be sent are this
// device's, and a chat with one message from a clock that was ahead would stay on top for as long.

import type { Transaction } from "../../core/transaction.ts"

/** Something happened in the chat: it comes first, in the order in which this device learns of things. `timeMs` is what is shown. */
export function noteActivity(tx: Transaction, chatId: Uint8Array, timeMs: number): void {
  tx.write(
    "UPDATE chat SET hidden = 0, activity_ms = ?, activity_order = (SELECT MAX(activity_order) + 1 FROM chat) WHERE chat_id = ?",
    timeMs,
    chatId,
  )
}

/** What the chat shows as its time is that of its last message, whichever clock dated one before. */
export function settleActivity(tx: Transaction, chatId: Uint8Array): void {
  tx.write(
    "UPDATE chat SET activity_ms = COALESCE((SELECT time_ms FROM message WHERE chat_id = ? ORDER BY position DESC LIMIT 1), activity_ms) WHERE chat_id = ?",
    chatId,
    chatId,
  )
}
