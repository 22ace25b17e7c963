// Hours on the disk. Chats that are used in the same hours have a device in common, so beside bodies only days stand there, beside a group four weeks. The
// hour of a body is beside its day under a pad whose key is in memory only: while the server runs, who comes later is told the hour; once it has
// stopped, nobody can.

import { hash, randomBytes } from "node:crypto"
import type { Database } from "../../../sqlite/database.ts"
import { writeOrder } from "./record.ts"

const dayHours = 24
const keyBytes = 32
/** Room for a masked hour. */
const hourRoom = 32

/** The hour in which the day began. */
export function dayOf(hour: number): number {
  return hour - (hour % dayHours)
}

/** Four weeks: how exactly a group's last use is known when nothing of it waits. Days would tell, of every group, on which it was last used. */
const periodHours = 28 * dayHours

/** The hour in which the four weeks began. */
export function periodOf(hour: number): number {
  return hour - (hour % periodHours)
}

/** Says of something that only its day is known: no later than then, for certain. Readers take it as the whole day. */
export function lastHourOf(day: number): number {
  return day + dayHours - 1
}

interface Place {
  readonly groupId: Uint8Array
  readonly order: number
}

interface Key {
  readonly id: number
  readonly bytes: Buffer
}

/** One for each opening of a file. */
const keys = new WeakMap<Database, Key>()

function keyOf(db: Database): Key {
  let key = keys.get(db)
  if (key === undefined) keys.set(db, (key = { id: randomBytes(4).readUInt32BE(), bytes: randomBytes(keyBytes) }))
  return key
}

/** The hour of the day under this opening's key, with the key's random name. */
export function hiddenHour(db: Database, place: Place, hour: number): number {
  const key = keyOf(db)
  return key.id * hourRoom + (((hour % dayHours) + pad(key, place)) % dayHours)
}

export function shownHour(db: Database, place: Place, { day, hidden }: { readonly day: number; readonly hidden: number }): number {
  const key = keyOf(db)
  if (Math.floor(hidden / hourRoom) !== key.id) return lastHourOf(day)
  return day + (((hidden % hourRoom) + dayHours - pad(key, place)) % dayHours)
}

function pad({ bytes }: Key, { groupId, order }: Place): number {
  const input = Buffer.alloc(keyBytes + groupId.length + 8)
  bytes.copy(input)
  input.set(groupId, keyBytes)
  writeOrder(input, order, keyBytes + groupId.length)
  return hash("sha256", input, "buffer").readUInt32BE() % dayHours
}
