// KeyPackages that the devices of one account leave with each other through their own group: those of the others (table `own_key_package`), and
// this device's own (`key_package` with the other device in `spare_in`).

import { toHex } from "@nodoor/bytes"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** Kept of one device. More is nothing that an honest one leaves. */
const keptMax = 512

export async function insertOwnKeyPackages(
  tx: Transaction,
  {
    deviceId,
    keyPackages,
    arrivedMs,
  }: { readonly deviceId: Uint8Array; readonly keyPackages: readonly Uint8Array[]; readonly arrivedMs: number },
): Promise<void> {
  const [row] = await tx.read("SELECT COUNT(*) AS n FROM own_key_package WHERE device_id = ?", deviceId)
  for (const keyPackage of keyPackages.slice(0, Math.max(0, keptMax - Number(row?.["n"] ?? 0))))
    tx.write("INSERT OR IGNORE INTO own_key_package (device_id, key_package, arrived_ms) VALUES (?, ?, ?)", deviceId, keyPackage, arrivedMs)
}

/** The oldest that is still good. */
export async function findOwnKeyPackage(
  reader: Reader,
  deviceId: Uint8Array,
  { afterMs }: { readonly afterMs: number },
): Promise<Uint8Array | undefined> {
  const [row] = await reader.read(
    "SELECT key_package FROM own_key_package WHERE device_id = ? AND arrived_ms > ? ORDER BY arrived_ms, key_package LIMIT 1",
    deviceId,
    afterMs,
  )
  return row && (row["key_package"] as Uint8Array)
}

/** By device, in hexadecimal. */
export async function countOwnKeyPackages(reader: Reader, { afterMs }: { readonly afterMs: number }): Promise<ReadonlyMap<string, number>> {
  const rows = await reader.read("SELECT device_id, COUNT(*) AS n FROM own_key_package WHERE arrived_ms > ? GROUP BY device_id", afterMs)
  return new Map(rows.map((row) => [toHex(row["device_id"] as Uint8Array), Number(row["n"])]))
}

/** It was used, or is of no use. */
export function deleteOwnKeyPackage(tx: Transaction, deviceId: Uint8Array, keyPackage: Uint8Array): void {
  tx.write("DELETE FROM own_key_package WHERE device_id = ? AND key_package = ?", deviceId, keyPackage)
}

/** Those of a device that the account does not list any more. */
export function deleteOwnKeyPackagesOf(tx: Transaction, deviceId: Uint8Array): void {
  tx.write("DELETE FROM own_key_package WHERE device_id = ?", deviceId)
}

/** How many of this device's own, made after this time, are left with the other device and not used. */
export async function countLeftWith(reader: Reader, deviceId: Uint8Array, { afterMs }: { readonly afterMs: number }): Promise<number> {
  const [row] = await reader.read("SELECT COUNT(*) AS n FROM key_package WHERE spare_in = ? AND created_ms > ?", deviceId, afterMs)
  return Number(row?.["n"] ?? 0)
}
