// What the readers of other seats ask for: table `rejoin_request`.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface KeptRequest {
  readonly seat: Uint8Array
  readonly epoch: number
  readonly content: Uint8Array
}

/** Takes the place of the seat's one before. */
export function replaceRequest(
  tx: Transaction,
  groupId: Uint8Array,
  { seat, epoch, content, arrivedMs }: KeptRequest & { readonly arrivedMs: number },
): void {
  tx.write(
    "INSERT OR REPLACE INTO rejoin_request (group_id, seat, epoch, content, arrived_ms) VALUES (?, ?, ?, ?, ?)",
    groupId,
    seat,
    epoch,
    content,
    arrivedMs,
  )
}

/** Oldest first. */
export async function listRequests(reader: Reader, groupId: Uint8Array, max: number): Promise<readonly KeptRequest[]> {
  const rows = await reader.read(
    "SELECT seat, epoch, content FROM rejoin_request WHERE group_id = ? ORDER BY arrived_ms, seat LIMIT ?",
    groupId,
    max,
  )
  return rows.map((row) => ({ seat: row["seat"] as Uint8Array, epoch: Number(row["epoch"]), content: row["content"] as Uint8Array }))
}

export async function countRequests(reader: Reader, groupId: Uint8Array): Promise<number> {
  const [row] = await reader.read("SELECT COUNT(*) AS n FROM rejoin_request WHERE group_id = ?", groupId)
  return Number(row?.["n"] ?? 0)
}

export async function hasRequest(reader: Reader, groupId: Uint8Array, seat: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM rejoin_request WHERE group_id = ? AND seat = ?", groupId, seat)).length > 0
}

export async function listGroupsWithRequests(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT DISTINCT group_id FROM rejoin_request")).map((row) => row["group_id"] as Uint8Array)
}

export function deleteRequest(tx: Transaction, groupId: Uint8Array, seat: Uint8Array): void {
  tx.write("DELETE FROM rejoin_request WHERE group_id = ? AND seat = ?", groupId, seat)
}

/** Those that came before that time. */
export function deleteRequestsBefore(tx: Transaction, groupId: Uint8Array, timeMs: number): void {
  tx.write("DELETE FROM rejoin_request WHERE group_id = ? AND arrived_ms < ?", groupId, timeMs)
}

export function deleteRequests(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM rejoin_request WHERE group_id = ?", groupId)
}
