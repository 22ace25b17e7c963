// Rows as the service asks for them.

import { concat } from "@nodoor/bytes"
import type { Database } from "../../../sqlite/database.ts"
import { type DeliveryInput, type DeliveryOutput, type StoredBody, type StoredGroup, placedEntryBytes } from "../delivery-store.ts"
import { dayOf, lastHourOf, shownHour } from "./hours.ts"

interface GroupRow {
  readonly epoch: number
  readonly delivery_key: Uint8Array
  readonly previous_key: Uint8Array | null
  readonly last_order: number
  readonly last_hour: number
  readonly create_hash: Uint8Array
}
interface SeatRow {
  readonly seat: Uint8Array
  readonly public_key: Uint8Array
  readonly read_hash: Uint8Array
  readonly rekeyed: number
  readonly from_order: number
  readonly end_order: number | null
}
interface PlacedRow {
  readonly first_order: number
  readonly hour: number
  readonly entries: Uint8Array
  readonly fanout: Uint8Array | null
}
interface BodyRow {
  readonly group_order: number
  readonly day: number
  readonly hidden_hour: number
  readonly kind: number
  readonly body: Uint8Array
  readonly group_info: Uint8Array | null
}

export function loadGroup(db: Database, { groupId, placedSinceHour }: DeliveryInput<"loadGroup">): StoredGroup | undefined {
  const group = db.get<GroupRow>(
    "SELECT epoch, delivery_key, previous_key, last_order, last_hour, create_hash FROM groups WHERE group_id = ?",
    groupId,
  )
  if (group === undefined) return undefined
  const seats = db.all<SeatRow>("SELECT seat, public_key, read_hash, rekeyed, from_order, end_order FROM seats WHERE group_id = ?", groupId)
  const waiting = db.all<{ group_order: number; size: number }>(
    "SELECT group_order, size FROM bodies WHERE group_id = ? ORDER BY group_order",
    groupId,
  )
  return {
    epoch: group.epoch,
    deliveryKey: group.delivery_key,
    previousKey: group.previous_key ?? undefined,
    lastOrder: group.last_order,
    lastHour: group.last_hour,
    createHash: group.create_hash,
    seats: seats.map((row) => ({
      seat: row.seat,
      publicKey: row.public_key,
      readHash: row.read_hash,
      rekeyed: row.rekeyed,
      fromOrder: row.from_order,
      endOrder: row.end_order ?? undefined,
    })),
    placed: placesOf(db, { groupId, placedSinceHour }),
    waiting: Float64Array.from(waiting.flatMap((row) => [row.group_order, row.size])),
  }
}

/** A row of posts counts by the day of its last. Each is said to have come in the last hour of its day: no later, for certain. */
function placesOf(db: Database, { groupId, placedSinceHour }: DeliveryInput<"loadGroup">): StoredGroup["placed"] {
  const rows = db.all<PlacedRow>(
    "SELECT first_order, hour, entries, fanout FROM placed WHERE group_id = ? AND hour >= ? ORDER BY first_order",
    groupId,
    dayOf(placedSinceHour),
  )
  const posts = rows.filter((row) => row.fanout === null)
  const commits = rows.flatMap((row) =>
    row.fanout === null
      ? []
      : [{ hash: row.entries.slice(0, placedEntryBytes - 12), order: row.first_order, hour: lastHourOf(row.hour), fanout: row.fanout }],
  )
  return { posts: withLastHours(concat(...posts.map((row) => row.entries))), commits }
}

function withLastHours(entries: Uint8Array): Uint8Array {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.length)
  for (let at = placedEntryBytes - 4; at < entries.length; at += placedEntryBytes) view.setUint32(at, lastHourOf(view.getUint32(at)))
  return entries
}

export function readBodies(db: Database, input: DeliveryInput<"readBodies">): StoredBody[] {
  const sizes = db.all<{ group_order: number; size: number }>(
    "SELECT group_order, size FROM bodies WHERE group_id = ? AND group_order > ? AND group_order <= ? ORDER BY group_order LIMIT ?",
    input.groupId,
    input.after,
    input.through,
    input.maxRecords,
  )
  let sizeBytes = 0
  let through = input.after
  for (const row of sizes) {
    if (sizeBytes >= input.maxBytes) break
    sizeBytes += row.size
    through = row.group_order
  }
  const rows = db.all<BodyRow>(
    "SELECT group_order, day, hidden_hour, kind, body, group_info FROM bodies WHERE group_id = ? AND group_order > ? AND group_order <= ? ORDER BY group_order",
    input.groupId,
    input.after,
    through,
  )
  return rows.map((row) => ({
    order: row.group_order,
    hour: shownHour(db, { groupId: input.groupId, order: row.group_order }, { day: row.day, hidden: row.hidden_hour }),
    kind: row.kind === 0 ? "post" : "commit",
    body: row.body,
    groupInfo: row.group_info ?? undefined,
  }))
}

export function spendToken(db: Database, { tokenHash, keyEpoch }: DeliveryInput<"spendToken">): boolean {
  return db.run("INSERT OR IGNORE INTO spent (token_hash, key_epoch) VALUES (?, ?)", tokenHash, keyEpoch) > 0
}

export function setting(db: Database, { name, value }: DeliveryInput<"setting">): Uint8Array {
  db.run("INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)", name, value)
  return db.get<{ value: Uint8Array }>("SELECT value FROM settings WHERE name = ?", name)?.value ?? value
}

export function depth(db: Database): DeliveryOutput<"depth"> {
  const groups = db.get<{ n: number }>("SELECT count(*) AS n FROM groups")?.n ?? 0
  const waiting = db.get<{ n: number; bytes: number | null; oldest: number | null }>(
    "SELECT count(*) AS n, sum(size) AS bytes, min(day) AS oldest FROM bodies",
  )
  return { groups, bodies: waiting?.n ?? 0, bytes: waiting?.bytes ?? 0, oldestHour: waiting?.oldest ?? undefined }
}

export function integrity(db: Database): string {
  return db.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check ?? "no answer"
}
