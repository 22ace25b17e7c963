// What waits to be sent, and how far it is: table `outbox`. `outbox-item.ts` puts things into it.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"
import { type Intent, encodeIntent } from "./intent.ts"
import { type OutboxItem, itemFromRow, ranks } from "./outbox-item.ts"

/**
 * What goes next in a group, in order. `held`: kinds that may not go now. `passing`: kinds that keep nothing waiting once the server has them.
 */
export async function listNextItems(
  reader: Reader,
  groupId: Uint8Array,
  { held, passing, max }: { readonly held: readonly string[]; readonly passing: readonly string[]; readonly max: number },
): Promise<readonly OutboxItem[]> {
  const rows = await reader.read(
    `SELECT * FROM outbox WHERE group_id = ? AND status NOT IN ('failed', 'uploading') AND NOT (status = 'placed' AND kind IN (SELECT value FROM json_each(?)))
       AND kind NOT IN (SELECT value FROM json_each(?)) ORDER BY kind = 'create' DESC, rank, id LIMIT ?`,
    groupId,
    JSON.stringify(passing),
    JSON.stringify(held),
    max,
  )
  return rows.map(itemFromRow)
}

/** Groups in which there may be something to send, or to make for sending. */
export async function listGroupsToSend(reader: Reader): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(
    "SELECT DISTINCT group_id FROM outbox UNION SELECT group_id FROM receipt_due UNION SELECT group_id FROM mls_group WHERE profile_due = 2 OR proposals > 0",
  )
  return rows.map((row) => row["group_id"] as Uint8Array)
}

/** Commits of a group that are not taken in yet, in the order in which they are made. */
export async function listCommits(reader: Reader, groupId: Uint8Array): Promise<readonly OutboxItem[]> {
  const rows = await reader.read("SELECT * FROM outbox WHERE group_id = ? AND kind = 'commit' ORDER BY rank, id", groupId)
  return rows.map(itemFromRow)
}

/** Whether the group is still to be made known to the server, or somebody let in. */
export async function isGroupUnderWay(reader: Reader, groupId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind IN ('create', 'commit') LIMIT 1", groupId)).length > 0
}

/** The message as it was to be sent when that failed. */
export async function findFailed(
  reader: Reader,
  messageId: Uint8Array,
): Promise<(Pick<OutboxItem, "id" | "payload"> & { readonly groupId: Uint8Array }) | undefined> {
  const [row] = await reader.read("SELECT id, group_id, payload FROM outbox WHERE message_id = ? AND status = 'failed'", messageId)
  return row && { id: Number(row["id"]), groupId: row["group_id"] as Uint8Array, payload: row["payload"] as Uint8Array }
}

/** What was written in a chat and is not with the server. The own name is nothing that was written there. */
export async function listUnsentContent(reader: Reader, chatId: Uint8Array): Promise<readonly Pick<OutboxItem, "id" | "payload">[]> {
  const rows = await reader.read(
    `SELECT id, payload FROM outbox WHERE kind = 'content' AND status != 'placed' AND rank != ?
       AND group_id IN (SELECT group_id FROM mls_group WHERE chat_id = ?)`,
    ranks.introduction,
    chatId,
  )
  return rows.map((row) => ({ id: Number(row["id"]), payload: row["payload"] as Uint8Array }))
}

export async function hasItem(reader: Reader, id: number): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM outbox WHERE id = ?", id)).length > 0
}

/** Whether the item still waits to be prepared: a commit may have come in between. */
export async function isQueued(reader: Reader, item: Pick<OutboxItem, "id">): Promise<boolean> {
  return (await queuedOf(reader, [item])).length > 0
}

/** Those of the items that still wait to be prepared. */
export async function queuedOf<Item extends Pick<OutboxItem, "id">>(reader: Reader, items: readonly Item[]): Promise<readonly Item[]> {
  const sql = "SELECT id FROM outbox WHERE status = 'queued' AND id IN (SELECT value FROM json_each(?))"
  const rows = await reader.read(sql, JSON.stringify(items.map(({ id }) => id)))
  const queued = new Set(rows.map((row) => Number(row["id"])))
  return items.filter(({ id }) => queued.has(id))
}

/** The request is fixed: from now on exactly this is posted. */
export function setPrepared(
  tx: Transaction,
  { id }: Pick<OutboxItem, "id">,
  prepared: { readonly request: Uint8Array; readonly epoch: number; readonly bodyHash: Uint8Array | undefined },
): void {
  tx.write(
    "UPDATE outbox SET status = 'prepared', request = ?, epoch = ?, body_hash = ? WHERE id = ?",
    prepared.request,
    prepared.epoch,
    prepared.bodyHash ?? null,
    id,
  )
}

/** The server has it. An own copy that came first has ended the item. */
export function setPlaced(tx: Transaction, { id }: Pick<OutboxItem, "id">): void {
  tx.write("UPDATE outbox SET status = 'placed' WHERE id = ? AND status = 'prepared'", id)
}

/** The file of a message is on the server: the message goes now. Returns the group. */
export async function releaseUploaded(tx: Transaction, messageId: Uint8Array): Promise<Uint8Array | undefined> {
  const [row] = await tx.read("SELECT group_id FROM outbox WHERE message_id = ? AND status = 'uploading'", messageId)
  tx.write("UPDATE outbox SET status = 'queued' WHERE message_id = ? AND status = 'uploading'", messageId)
  return row && (row["group_id"] as Uint8Array)
}

/** The message whose file is on its way to the server. */
export async function findUploading(reader: Reader, messageId: Uint8Array): Promise<Pick<OutboxItem, "id"> | undefined> {
  const [row] = await reader.read("SELECT id FROM outbox WHERE message_id = ? AND status = 'uploading'", messageId)
  return row && { id: Number(row["id"]) }
}

/** Kept so that its person can have it sent again. */
export function setFailed(tx: Transaction, { id }: Pick<OutboxItem, "id">): void {
  tx.write("UPDATE outbox SET status = 'failed' WHERE id = ?", id)
}

/** Has an item that was prepared and not placed prepared again. */
export function requeue(tx: Transaction, { id }: Pick<OutboxItem, "id">): void {
  tx.write("UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL WHERE id = ? AND status = 'prepared'", id)
}

/** Has all prepared items of these kinds in the group prepared again; with `placed`, also those that the server has and has not delivered. */
export function requeueAll(
  tx: Transaction,
  groupId: Uint8Array,
  { kinds, placed }: { readonly kinds: readonly string[]; readonly placed: boolean },
): void {
  tx.write(
    `UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL
     WHERE group_id = ? AND kind IN (SELECT value FROM json_each(?)) AND status IN (SELECT value FROM json_each(?))`,
    groupId,
    JSON.stringify(kinds),
    JSON.stringify(placed ? ["prepared", "placed", "failed"] : ["prepared"]),
  )
}

export function setRank(tx: Transaction, { id }: Pick<OutboxItem, "id">, rank: number): void {
  tx.write("UPDATE outbox SET rank = ? WHERE id = ?", rank, id)
}

export function countAttempt(tx: Transaction, { id }: Pick<OutboxItem, "id">): void {
  tx.write("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", id)
}

export function forgetAttempts(tx: Transaction, { id }: Pick<OutboxItem, "id">): void {
  tx.write("UPDATE outbox SET attempts = 0 WHERE id = ?", id)
}

export function deleteItem(tx: Transaction, { id }: Pick<OutboxItem, "id">): void {
  tx.write("DELETE FROM outbox WHERE id = ?", id)
}

/** Commits that are to do exactly this. */
export function deleteIntent(tx: Transaction, groupId: Uint8Array, intent: Intent): void {
  tx.write("DELETE FROM outbox WHERE group_id = ? AND kind = 'commit' AND payload = ?", groupId, encodeIntent(intent))
}

/** Acknowledges the alarm about removals once the outbox holds none. Call it after the last write that may have ended one. */
export function acknowledgeRemovalAlarm(
  tx: Transaction,
  {
    groupId,
    chatId,
    code,
    atMs,
  }: { readonly groupId: Uint8Array; readonly chatId: Uint8Array; readonly code: string; readonly atMs: number },
): void {
  tx.write(
    `UPDATE alarm SET acknowledged_ms = ? WHERE code = ? AND chat_id = ? AND acknowledged_ms IS NULL
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE group_id = ? AND kind = 'commit' AND (rank = ? OR payload = ?))`,
    atMs,
    code,
    chatId,
    groupId,
    ranks.removal,
    encodeIntent({ type: "proposals" }),
  )
}
