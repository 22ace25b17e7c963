// Changes as rows. Each function writes one change, inside the transaction of the caller.

import { concat } from "@nodoor/bytes"
import type { Database } from "../../../sqlite/database.ts"
import { type Change, type CommitChange, type CreateChange, type PostChange, placedEntryBytes, placedHashBytes } from "../delivery-store.ts"
import { dayOf, hiddenHour, periodOf } from "./hours.ts"

export function applyChange(db: Database, change: Change): void {
  switch (change.kind) {
    case "create":
      return createGroup(db, change)
    case "post":
      return placePost(db, change)
    case "commit":
      commitGroup(db, change)
      return addCommitBody(db, change)
    case "rekey":
      db.run(
        "UPDATE seats SET public_key = ?, read_hash = ?, rekeyed = ? WHERE group_id = ? AND seat = ?",
        change.publicKey,
        change.readHash,
        change.rekeyed,
        change.groupId,
        change.seat,
      )
      return
    case "erase":
      eraseBodies(db, change)
      return
    case "seatGone":
      db.run("DELETE FROM seats WHERE group_id = ? AND seat = ?", change.groupId, change.seat)
  }
}

function createGroup(db: Database, change: CreateChange): void {
  db.run(
    "INSERT INTO groups (group_id, epoch, delivery_key, previous_key, last_order, last_hour, create_hash) VALUES (?, 0, ?, NULL, 0, ?, ?)",
    change.groupId,
    change.deliveryKey,
    periodOf(change.hour),
    change.createHash,
  )
  addSeat(db, change.groupId, change, 0)
}

function placePost(db: Database, post: PostChange): void {
  addBody(db, post)
  notePlaced(db, { groupId: post.groupId, firstOrder: post.order, hour: post.hour, entries: placedEntry(post), fanout: undefined })
  noteLast(db, post)
}

/** The group and its seats after the commit, without the commit's own body. */
export function commitGroup(db: Database, change: CommitChange): void {
  const { groupId, order } = change
  for (const seat of change.removes) db.run("UPDATE seats SET end_order = ? WHERE group_id = ? AND seat = ?", order, groupId, seat)
  for (const seat of change.adds) addSeat(db, groupId, seat, order)
  db.run(
    "UPDATE groups SET epoch = ?, delivery_key = ?, previous_key = ? WHERE group_id = ?",
    change.epoch,
    change.deliveryKey,
    change.previousKey ?? null,
    groupId,
  )
  notePlaced(db, { groupId, firstOrder: order, hour: change.hour, entries: placedEntry(change), fanout: change.fanout })
}

function addCommitBody(db: Database, change: CommitChange): void {
  addBody(db, change)
  noteLast(db, change)
}

/** Whatever stands there already is the same body, written before a crash. */
export function addBody(
  db: Database,
  body: Pick<PostChange | CommitChange, "groupId" | "order" | "hour" | "kind" | "body"> & { readonly groupInfo?: Uint8Array | undefined },
): void {
  const { groupInfo } = body
  db.run(
    "INSERT OR REPLACE INTO bodies (group_id, group_order, day, hidden_hour, kind, size, body, group_info) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    body.groupId,
    body.order,
    dayOf(body.hour),
    hiddenHour(db, body, body.hour),
    body.kind === "post" ? 0 : 1,
    body.body.length + (groupInfo?.length ?? 0),
    body.body,
    groupInfo ?? null,
  )
}

export function eraseBodies(db: Database, range: { readonly groupId: Uint8Array; readonly from: number; readonly through: number }): void {
  db.run("DELETE FROM bodies WHERE group_id = ? AND group_order BETWEEN ? AND ?", range.groupId, range.from, range.through)
}

export interface PlacedRow {
  readonly groupId: Uint8Array
  readonly firstOrder: number
  readonly hour: number
  readonly entries: Uint8Array
  readonly fanout: Uint8Array | undefined
}

export function notePlaced(db: Database, row: PlacedRow): void {
  db.run(
    "INSERT OR REPLACE INTO placed (group_id, first_order, hour, entries, fanout) VALUES (?, ?, ?, ?, ?)",
    row.groupId,
    row.firstOrder,
    dayOf(row.hour),
    withDays(row.entries),
    row.fanout ?? null,
  )
}

export function noteLast(
  db: Database,
  { groupId, order, hour }: { readonly groupId: Uint8Array; readonly order: number; readonly hour: number },
): void {
  db.run(
    "UPDATE groups SET last_order = max(last_order, ?), last_hour = max(last_hour, ?) WHERE group_id = ?",
    order,
    periodOf(hour),
    groupId,
  )
}

/** The entries with the day in place of each hour. */
function withDays(entries: Uint8Array): Uint8Array {
  const copy = Buffer.from(entries)
  for (let at = placedEntryBytes - 4; at < copy.length; at += placedEntryBytes) copy.writeUInt32BE(dayOf(copy.readUInt32BE(at)), at)
  return copy
}

function addSeat(
  db: Database,
  groupId: Uint8Array,
  seat: { readonly seat: Uint8Array; readonly publicKey: Uint8Array; readonly readHash: Uint8Array },
  fromOrder: number,
): void {
  db.run(
    "INSERT INTO seats (group_id, seat, public_key, read_hash, rekeyed, from_order, end_order) VALUES (?, ?, ?, ?, 0, ?, NULL)",
    groupId,
    seat.seat,
    seat.publicKey,
    seat.readHash,
    fromOrder,
  )
}

/** 16 bytes of hash, order as uint64, hour as uint32. */
function placedEntry({ hash, order, hour }: { readonly hash: Uint8Array; readonly order: number; readonly hour: number }): Uint8Array {
  const place = new Uint8Array(placedEntryBytes - placedHashBytes)
  const view = new DataView(place.buffer)
  view.setBigUint64(0, BigInt(order))
  view.setUint32(8, hour)
  return concat(hash.subarray(0, placedHashBytes), place)
}
