// Records that are safe on this device and not taken in yet, in the order of their group's log: table `waiting_record`.

import { type CommitDetails, type ReadingAnswer, decodeReadingAnswer, encodeReadingAnswer } from "@nodoor/wire/delivery"
import { type GroupRecord, hourMs } from "../../core/group-record.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** Everything but a gap, which is told at once. */
export type PlacedRecord = Exclude<GroupRecord, { readonly kind: "gap" }>
type PlacedItem = Extract<ReadingAnswer, { readonly type: PlacedRecord["kind"] }>

export async function hasWaiting(reader: Reader, groupId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM waiting_record WHERE group_id = ? LIMIT 1", groupId)).length > 0
}

export async function listWaitingGroups(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT DISTINCT group_id FROM waiting_record")).map((row) => row["group_id"] as Uint8Array)
}

/** The oldest records of a group, and the order of its newest. */
export async function listFirstWaiting(
  reader: Reader,
  groupId: Uint8Array,
  count: number,
): Promise<{ readonly records: readonly PlacedRecord[]; readonly lastOrder: number }> {
  const rows = await reader.read(
    "SELECT record, (SELECT MAX(ord) FROM waiting_record WHERE group_id = w.group_id) AS last FROM waiting_record w WHERE group_id = ? ORDER BY ord LIMIT ?",
    groupId,
    count,
  )
  return { records: rows.map((row) => decode(groupId, row["record"] as Uint8Array)), lastOrder: Number(rows[0]?.["last"] ?? 0) }
}

export async function findWaiting(reader: Reader, groupId: Uint8Array, order: number): Promise<PlacedRecord | undefined> {
  const [row] = await reader.read("SELECT record FROM waiting_record WHERE group_id = ? AND ord = ?", groupId, order)
  return row && decode(groupId, row["record"] as Uint8Array)
}

export async function listWaitingAfter(reader: Reader, groupId: Uint8Array, order: number): Promise<readonly PlacedRecord[]> {
  const rows = await reader.read("SELECT record FROM waiting_record WHERE group_id = ? AND ord > ? ORDER BY ord", groupId, order)
  return rows.map((row) => decode(groupId, row["record"] as Uint8Array))
}

export function insertWaiting(tx: Transaction, record: PlacedRecord): void {
  // The commit that adds this device again may come from its old seat too; that from the new one brings more.
  tx.write(
    `INSERT OR ${record.kind === "join" ? "REPLACE" : "IGNORE"} INTO waiting_record (group_id, ord, record) VALUES (?, ?, ?)`,
    record.groupId,
    record.order,
    encodeReadingAnswer([itemOf(record)]),
  )
}

export function deleteWaiting(tx: Transaction, { groupId, order }: Pick<PlacedRecord, "groupId" | "order">): void {
  tx.write("DELETE FROM waiting_record WHERE group_id = ? AND ord = ?", groupId, order)
}

/** What the stream brought, as a record of its group. `hour`: what is believed of when it was placed. */
export function recordOf(groupId: Uint8Array, item: PlacedItem, hour: number = item.hour): PlacedRecord {
  const place = { groupId, order: item.order, timeMs: hour * hourMs }
  switch (item.type) {
    case "post":
      return { kind: "post", ...place, body: item.body }
    case "commit":
      return { kind: "commit", ...place, ...detailsOf(item) }
    case "join":
      return { kind: "join", ...place, ...detailsOf(item), groupInfo: item.groupInfo }
  }
}

function detailsOf(details: CommitDetails): CommitDetails {
  const { epoch, seat, signature, adds, removes, nextKeyHash, infoHash, fanout, commit } = details
  return { epoch, seat, signature, adds, removes, nextKeyHash, infoHash, fanout, commit }
}

/** Kept as it came, with a subscription that says nothing. */
function itemOf(record: PlacedRecord): PlacedItem {
  const place = { sub: 0, order: record.order, hour: record.timeMs / hourMs }
  switch (record.kind) {
    case "post":
      return { type: "post", ...place, body: record.body }
    case "commit":
      return { ...record, type: "commit", ...place }
    case "join":
      return { ...record, type: "join", ...place }
  }
}

function decode(groupId: Uint8Array, stored: Uint8Array): PlacedRecord {
  const [item] = decodeReadingAnswer(stored)
  if (item?.type === "post" || item?.type === "commit" || item?.type === "join") return recordOf(groupId, item)
  throw new RangeError("no record")
}
