// Keys with which members who cannot go on seal what they ask of the others: table `rejoin_key`.

import type { Transaction } from "../../core/transaction.ts"
import type { Row } from "../../core/ports.ts"
import { type Reader, optionalBytes } from "../reader.ts"

export interface RejoinKey {
  readonly epoch: number
  /** 32 bytes. */
  readonly key: Uint8Array
  /** Of the group in that epoch: who was in it, and its policy but for the name. Undefined if an archive brought the key. */
  readonly shape?: Uint8Array | undefined
}

export function saveRejoinKey(
  tx: Transaction,
  groupId: Uint8Array,
  { epoch, key, madeMs, shape }: RejoinKey & { readonly madeMs: number },
): void {
  const sql = "INSERT OR REPLACE INTO rejoin_key (group_id, epoch, key, made_ms, shape) VALUES (?, ?, ?, ?, ?)"
  tx.write(sql, groupId, epoch, key, madeMs, shape ?? null)
}

export async function findRejoinKey(reader: Reader, groupId: Uint8Array, epoch: number): Promise<RejoinKey | undefined> {
  const [row] = await reader.read("SELECT * FROM rejoin_key WHERE group_id = ? AND epoch = ?", groupId, epoch)
  return row && keyFromRow(row)
}

/** Of the newest epoch that this device has been in. */
export async function findNewestRejoinKey(reader: Reader, groupId: Uint8Array): Promise<RejoinKey | undefined> {
  const [row] = await reader.read("SELECT * FROM rejoin_key WHERE group_id = ? ORDER BY epoch DESC LIMIT 1", groupId)
  return row && keyFromRow(row)
}

function keyFromRow(row: Row): RejoinKey {
  return { epoch: Number(row["epoch"]), key: row["key"] as Uint8Array, shape: optionalBytes(row["shape"]) }
}

/** Those whose epoch ended before that time. The newest of a group stays. */
export function deleteRejoinKeysBefore(tx: Transaction, timeMs: number): void {
  tx.write(
    `DELETE FROM rejoin_key WHERE EXISTS (
       SELECT 1 FROM rejoin_key later WHERE later.group_id = rejoin_key.group_id AND later.epoch > rejoin_key.epoch AND later.made_ms < ?)`,
    timeMs,
  )
}

export function deleteRejoinKeys(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM rejoin_key WHERE group_id = ?", groupId)
}
