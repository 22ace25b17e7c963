// KeyPackages that people in chats of two left here: table `spare_key_package`.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface Spare {
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
  /** The chat of two in which it came. */
  readonly groupId: Uint8Array
  readonly keyPackage: Uint8Array
  readonly arrivedMs: number
}

/** Takes the place of an earlier one of the device. */
export function replaceSpare(tx: Transaction, { accountId, deviceId, groupId, keyPackage, arrivedMs }: Spare): void {
  tx.write(
    "INSERT OR REPLACE INTO spare_key_package (account_id, device_id, group_id, key_package, arrived_ms) VALUES (?, ?, ?, ?, ?)",
    accountId,
    deviceId,
    groupId,
    keyPackage,
    arrivedMs,
  )
}

/** Of an account, those that came in a chat of two that still goes on. */
export async function listSpares(
  reader: Reader,
  accountId: Uint8Array,
  { afterMs }: { readonly afterMs: number },
): Promise<readonly Spare[]> {
  const rows = await reader.read(
    `SELECT s.* FROM spare_key_package s JOIN mls_group g ON g.group_id = s.group_id
     WHERE s.account_id = ? AND s.arrived_ms > ? AND g.status = 'active'
       AND EXISTS (SELECT 1 FROM member m WHERE m.group_id = s.group_id AND m.account_id = s.account_id AND m.device_id = s.device_id)`,
    accountId,
    afterMs,
  )
  return rows.map((row) => ({
    accountId: row["account_id"] as Uint8Array,
    deviceId: row["device_id"] as Uint8Array,
    groupId: row["group_id"] as Uint8Array,
    keyPackage: row["key_package"] as Uint8Array,
    arrivedMs: Number(row["arrived_ms"]),
  }))
}

/** It was used, or is of no use. */
export function deleteSpare(tx: Transaction, { accountId, deviceId }: Pick<Spare, "accountId" | "deviceId">): void {
  tx.write("DELETE FROM spare_key_package WHERE account_id = ? AND device_id = ?", accountId, deviceId)
}

/** Whether one of this device's, made after this time, is left in the group and not used. */
export async function hasLeftSpare(reader: Reader, groupId: Uint8Array, { afterMs }: { readonly afterMs: number }): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM key_package WHERE spare_in = ? AND created_ms > ? LIMIT 1", groupId, afterMs)).length > 0
}

/** What becomes of a KeyPackage that was made for the group: the server never gets it. */
export function leaveSpare(
  tx: Transaction,
  groupId: Uint8Array,
  made: { readonly ref: Uint8Array; readonly secret: Uint8Array; readonly hash: Uint8Array; readonly createdMs: number },
): void {
  tx.write(
    "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms, spare_in) VALUES (?, ?, ?, 0, NULL, 0, ?, ?)",
    made.ref,
    made.secret,
    made.hash,
    made.createdMs,
    groupId,
  )
}
