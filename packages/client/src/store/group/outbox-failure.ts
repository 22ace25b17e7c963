// What becomes of a group's outgoing things when nothing is sent there any more.

import type { GroupRow } from "./groups.ts"
import type { Transaction } from "../../core/transaction.ts"

/** Everything still queued in a group will not be sent; its messages say so. */
export function failOutbox(
  tx: Transaction,
  group: Pick<GroupRow, "groupId" | "chatId">,
  failure: { readonly code: string; readonly message: string },
): void {
  tx.write(
    "UPDATE message SET outgoing = 'failed', failure = ? WHERE chat_id = ? AND message_id IN (SELECT message_id FROM outbox WHERE group_id = ? AND status != 'placed')",
    JSON.stringify(failure),
    group.chatId,
    group.groupId,
  )
  tx.write("DELETE FROM outbox WHERE group_id = ? AND status != 'placed'", group.groupId)
  tx.chatChanged(group.chatId)
}

/** Erases what was ready to be sent in a group where nothing is sent any more: requests, and commits with secrets of the next epoch. */
export function erasePrepared(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM own_body WHERE group_id = ? AND staged IS NOT NULL", groupId)
  tx.write("UPDATE outbox SET status = 'queued' WHERE group_id = ? AND status = 'prepared'", groupId)
  tx.write("UPDATE outbox SET request = NULL WHERE group_id = ?", groupId)
}
