// How far this device has come in the log of a group, at each of its seats there: table `reading`.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** The seat of this device whose log is read. */
export interface ReadSeat {
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
}

export interface ReadingRow {
  /** The newest order that is safe here, taken in or kept as waiting. 0: nothing yet. */
  readonly after: number
  /** The end of the last gap that the person was told of. */
  readonly gapThrough: number
  /** The hour of the newest record, in Unix time / 3600 s. */
  readonly hour: number
  /**
   * What the seat had acknowledged when this device first read with a secret that only it knows. Until then somebody else could acknowledge
   * in its place.
   */
  readonly ackedBefore: number | undefined
}

export const unread: ReadingRow = { after: 0, gapThrough: 0, hour: 0, ackedBefore: undefined }

export async function findReading(reader: Reader, { groupId, seat }: ReadSeat): Promise<ReadingRow> {
  const [row] = await reader.read(
    "SELECT after, gap_through, hour, acked_before FROM reading WHERE group_id = ? AND seat = ?",
    groupId,
    seat,
  )
  if (!row) return unread
  const ackedBefore = row["acked_before"] as number | null
  return {
    after: Number(row["after"]),
    gapThrough: Number(row["gap_through"]),
    hour: Number(row["hour"]),
    ackedBefore: ackedBefore === null ? undefined : ackedBefore,
  }
}

export function saveReading(tx: Transaction, { groupId, seat }: ReadSeat, row: Pick<ReadingRow, "after" | "hour">): void {
  tx.write(
    `INSERT INTO reading (group_id, seat, after, hour) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET after = excluded.after, hour = excluded.hour`,
    groupId,
    seat,
    row.after,
    row.hour,
  )
}

export function saveGap(tx: Transaction, { groupId, seat }: ReadSeat, through: number): void {
  tx.write(
    `INSERT INTO reading (group_id, seat, gap_through) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET gap_through = excluded.gap_through`,
    groupId,
    seat,
    through,
  )
}

/** Whether this device has, or had, this seat. */
export async function hasReadAt(reader: Reader, { groupId, seat }: ReadSeat): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM reading WHERE group_id = ? AND seat = ?", groupId, seat)).length > 0
}

export function saveAckedBefore(tx: Transaction, { groupId, seat }: ReadSeat, acked: number): void {
  tx.write(
    `INSERT INTO reading (group_id, seat, acked_before) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET acked_before = excluded.acked_before`,
    groupId,
    seat,
    acked,
  )
}

/** Whether everything before this place, from what this device has, is known to be gone. */
export async function isBehindGap(reader: Reader, groupId: Uint8Array, order: number): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM reading WHERE group_id = ? AND gap_through >= ?", groupId, order - 1)).length > 0
}

export function deleteReading(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM reading WHERE group_id = ?", groupId)
}
