// What becomes of a group's outgoing things when nothing is sent there any more.

import type { GroupRow } from "./store/rows.ts"
import type { Turn } from "./turn.ts"

/** Everything still queued in a group will not be sent; its messages say so. */
export function failOutbox(
  turn: Turn,
  group: Pick<GroupRow, "groupId" | "chatId">,
  failure: { readonly code: string; readonly message: string },
): void {
  turn.write(
    "UPDATE message SET outgoing = 'failed', failure = ? WHERE chat_id = ? AND message_id IN (SELECT message_id FROM outbox WHERE group_id = ? AND status != 'placed')",
    JSON.stringify(failure),
    group.chatId,
    group.groupId,
  )
  turn.write("DELETE FROM outbox WHERE group_id = ? AND status != 'placed'", group.groupId)
  turn.chatChanged(group.chatId)
}

/** Erases what was ready to be sent in a group where nothing is sent any more: requests, and commits with secrets of the next epoch. */
export function erasePrepared(turn: Turn, groupId: Uint8Array): void {
  turn.write("DELETE FROM own_body WHERE group_id = ? AND staged IS NOT NULL", groupId)
  turn.write("UPDATE outbox SET status = 'queued' WHERE group_id = ? AND status = 'prepared'", groupId)
  turn.write("UPDATE outbox SET request = NULL WHERE group_id = ?", groupId)
}
