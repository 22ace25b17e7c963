// Groups that a commit broke, and where their chats go on: table `broken_group`.

import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface BrokenGroup {
  readonly groupId: Uint8Array
  /** The last good one. */
  readonly epoch: number
  readonly commitHash: Uint8Array
  /** Whose seat signed the commit. */
  readonly leafIndex: number
  readonly code: string
  readonly brokenMs: number
  readonly successor: Successor | undefined
}

/** Of two successors the one that was founded on an earlier day counts, and of two of the same day the one whose maker has the lower rank. */
export interface Successor {
  readonly groupId: Uint8Array
  /** Beginning of the hour in which the commit that let everybody in was placed; undefined while this device is still making it. */
  readonly foundedMs: number | undefined
  readonly rank: number
}

export async function findBroken(reader: Reader, groupId: Uint8Array): Promise<BrokenGroup | undefined> {
  const [row] = await reader.read("SELECT * FROM broken_group WHERE group_id = ?", groupId)
  return row && brokenFromRow(row)
}

/** The broken group that goes on in this one. */
export async function findBrokenBySuccessor(reader: Reader, successor: Uint8Array): Promise<BrokenGroup | undefined> {
  const [row] = await reader.read("SELECT * FROM broken_group WHERE successor = ?", successor)
  return row && brokenFromRow(row)
}

export function insertBroken(tx: Transaction, broken: Omit<BrokenGroup, "successor">): void {
  const { groupId, epoch, commitHash, leafIndex, code, brokenMs } = broken
  tx.write(
    "INSERT OR IGNORE INTO broken_group (group_id, epoch, commit_hash, leaf_index, code, broken_ms) VALUES (?, ?, ?, ?, ?, ?)",
    groupId,
    epoch,
    commitHash,
    leafIndex,
    code,
    brokenMs,
  )
}

export function setSuccessor(tx: Transaction, groupId: Uint8Array, { groupId: successor, foundedMs, rank }: Successor): void {
  tx.write(
    "UPDATE broken_group SET successor = ?, founded_ms = ?, rank = ? WHERE group_id = ?",
    successor,
    foundedMs ?? null,
    rank,
    groupId,
  )
}

/** The commit by which this device lets everybody in was taken in. */
export function setFounded(tx: Transaction, successor: Uint8Array, foundedMs: number): void {
  tx.write("UPDATE broken_group SET founded_ms = ? WHERE successor = ? AND founded_ms IS NULL", foundedMs, successor)
}

export function deleteBroken(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM broken_group WHERE group_id = ?", groupId)
}

function brokenFromRow(row: Row): BrokenGroup {
  const successor = row["successor"] as Uint8Array | null
  return {
    groupId: row["group_id"] as Uint8Array,
    epoch: Number(row["epoch"]),
    commitHash: row["commit_hash"] as Uint8Array,
    leafIndex: Number(row["leaf_index"]),
    code: String(row["code"]),
    brokenMs: Number(row["broken_ms"]),
    successor: successor ? { groupId: successor, foundedMs: optionalNumber(row["founded_ms"]), rank: Number(row["rank"]) } : undefined,
  }
}
