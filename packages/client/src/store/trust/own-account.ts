// The own account as the log and this device hold it: tables `own_unknown` (versions that this device did not make), `own_logged` (since when the log
// has had some), `account_end` (the last version, signed here) and the recovery key of table `device`.

import { type LogCrypto, type VerifiedAccountState, decodeVerifiedAccountState, encodeVerifiedAccountState } from "@nodoor/keylog"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalBytes } from "../reader.ts"

/** Versions that the log holds and nobody acknowledged, oldest first. */
export async function listUnknownVersions(crypto: LogCrypto, reader: Reader): Promise<readonly VerifiedAccountState[]> {
  const rows = await reader.read("SELECT state FROM own_unknown ORDER BY version")
  return rows.map((row) => decodeVerifiedAccountState(crypto, row["state"] as Uint8Array))
}

export async function findLatestUnknownVersion(crypto: LogCrypto, reader: Reader): Promise<VerifiedAccountState | undefined> {
  const [row] = await reader.read("SELECT state FROM own_unknown ORDER BY version DESC LIMIT 1")
  return row && decodeVerifiedAccountState(crypto, row["state"] as Uint8Array)
}

export function saveUnknownVersion(tx: Transaction, state: VerifiedAccountState): void {
  tx.write("INSERT OR REPLACE INTO own_unknown (version, state) VALUES (?, ?)", state.state.version, encodeVerifiedAccountState(state))
}

export function deleteUnknownVersions(tx: Transaction): void {
  tx.write("DELETE FROM own_unknown")
}

/** Since when the log has had those versions of which it was asked, by version. */
export async function listLoggedVersions(reader: Reader): Promise<ReadonlyMap<number, number>> {
  const rows = await reader.read("SELECT version, at_ms FROM own_logged")
  return new Map(rows.map((row) => [Number(row["version"]), Number(row["at_ms"])]))
}

export function saveLoggedVersion(tx: Transaction, { version, atMs }: { readonly version: number; readonly atMs: number }): void {
  tx.write("INSERT OR REPLACE INTO own_logged (version, at_ms) VALUES (?, ?)", version, atMs)
}

/** The signed version that ends the account, if this device has made one. */
export async function findSignedEnd(reader: Reader): Promise<Uint8Array | undefined> {
  const [row] = await reader.read("SELECT state FROM account_end WHERE id = 1")
  return optionalBytes(row?.["state"])
}

export function saveSignedEnd(tx: Transaction, signed: Uint8Array): void {
  tx.write("INSERT OR REPLACE INTO account_end (id, state) VALUES (1, ?)", signed)
}

export function deleteSignedEnd(tx: Transaction): void {
  tx.write("DELETE FROM account_end")
}

/** `seed`: the recovery key's secret. `update`: the signed version that adds the key, until the log shows it. */
export async function findRecoveryKey(
  reader: Reader,
): Promise<{ readonly seed: Uint8Array | undefined; readonly update: Uint8Array | undefined }> {
  const [row] = await reader.read("SELECT recovery_seed, recovery_update FROM device WHERE id = 1")
  return { seed: optionalBytes(row?.["recovery_seed"]), update: optionalBytes(row?.["recovery_update"]) }
}

export function saveRecoveryKey(tx: Transaction, { seed, update }: { readonly seed: Uint8Array; readonly update: Uint8Array }): void {
  tx.write("UPDATE device SET recovery_seed = ?, recovery_update = ? WHERE id = 1", seed, update)
}

/** The log shows another next version than the one with the key: the key goes with it. */
export function deletePendingRecoveryKey(tx: Transaction): void {
  tx.write("UPDATE device SET recovery_seed = NULL, recovery_update = NULL WHERE id = 1 AND recovery_update IS NOT NULL")
}

/** The log shows the version with the key. */
export function settleRecoveryKey(tx: Transaction): void {
  tx.write("UPDATE device SET recovery_update = NULL WHERE id = 1")
}
