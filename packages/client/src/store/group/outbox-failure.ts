// What happens to a group's outgoing items when nothing more is sent there.

import type { GroupRow } from "./groups.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Intent, decodeIntent } from "./intent.ts"

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

/** Messages to this person that are not sent yet will not be sent. Each says so, and can be sent again. */
export function failWaitingFor(tx: Transaction, peer: Uint8Array, failure: { readonly code: string; readonly message: string }): void {
  const waiting = `SELECT o.message_id FROM outbox o JOIN mls_group g ON g.group_id = o.group_id JOIN chat c ON c.chat_id = g.chat_id
    WHERE c.peer = ? AND o.kind = 'content' AND o.status IN ('uploading', 'queued', 'prepared') AND o.message_id IS NOT NULL`
  tx.write(
    `UPDATE message SET outgoing = 'failed', failure = ? WHERE chat_id IN (SELECT chat_id FROM chat WHERE peer = ?) AND message_id IN (${waiting})`,
    JSON.stringify(failure),
    peer,
    peer,
  )
  tx.write(`UPDATE outbox SET status = 'failed' WHERE status != 'placed' AND message_id IN (${waiting})`, peer)
}

/** Erases what was ready to be sent in a group where nothing more is sent: requests, and commits with secrets of the next epoch. */
export function erasePrepared(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM own_body WHERE group_id = ? AND staged IS NOT NULL", groupId)
  tx.write("UPDATE outbox SET status = 'queued' WHERE group_id = ? AND status = 'prepared'", groupId)
  tx.write("UPDATE outbox SET request = NULL WHERE group_id = ?", groupId)
}

/** What a person wanted to be changed. The others follow from a group's own keys, seats or proposals. */
const wanted: readonly Intent["type"][] = ["add", "remove", "rename", "role", "rules", "history"]

/**
 * Takes back everything that is not known to have reached the others, so that it can go to another group. Own copies that still come are not
 * recognised from here on.
 */
export async function withdrawOutbox(tx: Transaction, groupId: Uint8Array): Promise<void> {
  tx.write("DELETE FROM own_body WHERE group_id = ?", groupId)
  tx.write("DELETE FROM outbox WHERE group_id = ? AND kind NOT IN ('content', 'commit')", groupId)
  for (const row of await tx.read("SELECT id, payload FROM outbox WHERE group_id = ? AND kind = 'commit'", groupId))
    if (!wanted.includes(decodeIntent(row["payload"] as Uint8Array).type)) tx.write("DELETE FROM outbox WHERE id = ?", row["id"] as number)
  tx.write(
    `UPDATE outbox SET status = CASE WHEN status IN ('failed', 'uploading') THEN status ELSE 'queued' END, request = NULL, body_hash = NULL, epoch = NULL, attempts = 0
     WHERE group_id = ?`,
    groupId,
  )
  tx.write(
    `UPDATE message SET outgoing = 'queued' WHERE group_id = ? AND outgoing = 'sent' AND ord IS NULL
       AND message_id IN (SELECT message_id FROM outbox WHERE group_id = ? AND status = 'queued' AND message_id IS NOT NULL)`,
    groupId,
    groupId,
  )
}

/** What waits in one group goes to another one of the same chat. */
export function moveOutbox(tx: Transaction, { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array }): void {
  // Who gets a message follows from the group in which it takes its place.
  tx.write(
    "UPDATE message SET group_id = ? WHERE group_id = ? AND message_id IN (SELECT message_id FROM outbox WHERE group_id = ? AND message_id IS NOT NULL)",
    to,
    from,
    from,
  )
  tx.write("UPDATE outbox SET group_id = ? WHERE group_id = ?", to, from)
  tx.write("UPDATE OR REPLACE receipt_due SET group_id = ? WHERE group_id = ?", to, from)
}
