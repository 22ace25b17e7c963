// What the log of a group says to this device, record by record in the log's order.

import type { CommitDetails } from "@nodoor/wire/delivery"

/** The server says the hour only: something was placed within this time from its beginning. */
export const hourMs = 3_600_000
const dayHours = 24

interface Placed {
  readonly groupId: Uint8Array
  readonly order: number
  /** Beginning of the hour in which the server placed it, by the server's clock. */
  readonly timeMs: number
}

export interface PostRecord extends Placed {
  readonly kind: "post"
  readonly body: Uint8Array
}

export interface CommitRecord extends Placed, CommitDetails {
  readonly kind: "commit"
}

/** The commit that added this device's seat, with the encrypted GroupInfo: the first record of the seat. */
export interface JoinRecord extends Placed, CommitDetails {
  readonly kind: "join"
  readonly groupInfo: Uint8Array
}

/** What was before this place, and after what the device has, is gone from the log; so is what stood in it. */
export interface GapRecord {
  readonly kind: "gap"
  readonly groupId: Uint8Array
  readonly order: number
}

export type GroupRecord = PostRecord | CommitRecord | JoinRecord | GapRecord

/**
 * From when on something may have been placed. The last hour of a UTC day says the day and not more: of what waits, a server that was started
 * anew knows only the day.
 */
export function placedFromMs(hourBeginMs: number): number {
  const hour = Math.floor(hourBeginMs / hourMs)
  return (hour % dayHours === dayHours - 1 ? hour - (dayHours - 1) : hour) * hourMs
}

/** Whether it was placed after `timeMs` for certain. */
export function isPlacedAfter(hourBeginMs: number, timeMs: number): boolean {
  return placedFromMs(hourBeginMs) > timeMs
}

/** Whether what was placed in the hour that begins at `hourBeginMs` was placed before `timeMs` for certain. */
export function isPlacedBefore(hourBeginMs: number, timeMs: number): boolean {
  return hourBeginMs + hourMs <= timeMs
}

/** The MLS message of a record. */
export function messageOf(record: PostRecord | CommitRecord | JoinRecord): Uint8Array {
  return record.kind === "post" ? record.body : record.commit
}
