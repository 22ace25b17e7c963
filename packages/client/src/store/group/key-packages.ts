// KeyPackages of this device with their secrets: table `key_package`. `message` is kept until the server has it.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface KeyPackageSecret {
  readonly ref: Uint8Array
  readonly secret: Uint8Array
  readonly lastResort: boolean
}

export async function findKeyPackage(reader: Reader, ref: Uint8Array): Promise<KeyPackageSecret | undefined> {
  const [row] = await reader.read("SELECT secret, last_resort FROM key_package WHERE ref = ?", ref)
  return row && { ref, secret: row["secret"] as Uint8Array, lastResort: row["last_resort"] === 1 }
}

/** The last serial number, and how many of the last resort were made between these times. */
export async function readStock(
  reader: Reader,
  { afterMs, untilMs }: { readonly afterMs: number; readonly untilMs: number },
): Promise<{ readonly lastSerial: number; readonly lastResorts: number }> {
  const [row] = await reader.read(
    "SELECT COALESCE(MAX(serial), 0) AS serial, COUNT(CASE WHEN last_resort = 1 AND created_ms > ? AND created_ms <= ? THEN 1 END) AS last_resorts FROM key_package",
    afterMs,
    untilMs,
  )
  return { lastSerial: Number(row?.["serial"] ?? 0), lastResorts: Number(row?.["last_resorts"] ?? 0) }
}

/** What the server does not have yet, oldest first. */
export async function listPending(
  reader: Reader,
  max: number,
): Promise<readonly { readonly ref: Uint8Array; readonly message: Uint8Array; readonly lastResort: boolean }[]> {
  const rows = await reader.read("SELECT ref, message, last_resort FROM key_package WHERE message IS NOT NULL ORDER BY serial LIMIT ?", max)
  return rows.map((row) => ({
    ref: row["ref"] as Uint8Array,
    message: row["message"] as Uint8Array,
    lastResort: row["last_resort"] === 1,
  }))
}

/** Hashes of what was uploaded, newest first. */
export async function listUploaded(reader: Reader): Promise<readonly { readonly hash: Uint8Array; readonly lastResort: boolean }[]> {
  const rows = await reader.read(
    "SELECT hash, last_resort FROM key_package WHERE message IS NULL AND spare_in IS NULL ORDER BY serial DESC",
  )
  return rows.map((row) => ({ hash: row["hash"] as Uint8Array, lastResort: row["last_resort"] === 1 }))
}

export function insertKeyPackage(
  tx: Transaction,
  made: KeyPackageSecret & {
    readonly hash: Uint8Array
    readonly message: Uint8Array
    readonly serial: number
    readonly createdMs: number
  },
): void {
  tx.write(
    "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    made.ref,
    made.secret,
    made.hash,
    made.lastResort ? 1 : 0,
    made.message,
    made.serial,
    made.createdMs,
  )
}

export function setUploaded(tx: Transaction, ref: Uint8Array): void {
  tx.write("UPDATE key_package SET message = NULL WHERE ref = ?", ref)
}

/** It was used: its secret goes, unless it is one of last resort, which serves again. */
export function spendKeyPackage(tx: Transaction, ref: Uint8Array): void {
  tx.write("DELETE FROM key_package WHERE ref = ? AND last_resort = 0", ref)
}

/** Those that nobody can use any more. */
export function deleteKeyPackages(tx: Transaction, { createdBeforeMs }: { readonly createdBeforeMs: number }): void {
  tx.write("DELETE FROM key_package WHERE created_ms < ?", createdBeforeMs)
}
