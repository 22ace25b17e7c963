// The order of the chat list. It is the order in which this device learned of things, not the order of times: sent messages have the server's
// time and queued ones this device's, and a clock that was ahead once would keep its chat on top.

import type { Transaction } from "../../core/transaction.ts"

/** Something happened in the chat, so it moves to the top. `timeMs` is the time that is shown. */
export function noteActivity(tx: Transaction, chatId: Uint8Array, timeMs: number): void {
  tx.write(
    "UPDATE chat SET hidden = 0, activity_ms = ?, activity_order = (SELECT MAX(activity_order) + 1 FROM chat) WHERE chat_id = ?",
    timeMs,
    chatId,
  )
}

/** Shows the time of the last message again, after its time has changed. */
export function settleActivity(tx: Transaction, chatId: Uint8Array): void {
  tx.write(
    "UPDATE chat SET activity_ms = COALESCE((SELECT time_ms FROM message WHERE chat_id = ? ORDER BY position DESC LIMIT 1), activity_ms) WHERE chat_id = ?",
    chatId,
    chatId,
  )
}
