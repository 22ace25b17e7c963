// Keys with which members who cannot go on seal what they ask of the others: table `rejoin_key`.

import type { Transaction } from "../../core/transaction.ts"
import type { Row } from "../../core/ports.ts"
import type { Reader } from "../reader.ts"

export interface RejoinKey {
  readonly epoch: number
  /** 32 bytes. */
  readonly key: Uint8Array
}

export function saveRejoinKey(tx: Transaction, groupId: Uint8Array, { epoch, key, madeMs }: RejoinKey & { readonly madeMs: number }): void {
  tx.write("INSERT OR REPLACE INTO rejoin_key (group_id, epoch, key, made_ms) VALUES (?, ?, ?, ?)", groupId, epoch, key, madeMs)
}

export async function findRejoinKey(reader: Reader, groupId: Uint8Array, epoch: number): Promise<RejoinKey | undefined> {
  const [row] = await reader.read("SELECT epoch, key FROM rejoin_key WHERE group_id = ? AND epoch = ?", groupId, epoch)
  return row && keyFromRow(row)
}

/** Of the newest epoch that this device has been in. */
export async function findNewestRejoinKey(reader: Reader, groupId: Uint8Array): Promise<RejoinKey | undefined> {
  const [row] = await reader.read("SELECT epoch, key FROM rejoin_key WHERE group_id = ? ORDER BY epoch DESC LIMIT 1", groupId)
  return row && keyFromRow(row)
}

function keyFromRow(row: Row): RejoinKey {
  return { epoch: Number(row["epoch"]), key: row["key"] as Uint8Array }
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
