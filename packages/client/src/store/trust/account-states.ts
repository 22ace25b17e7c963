// Verified states of accounts, own and others', every version seen: table `account_state`.

import { type LogCrypto, type VerifiedAccountState, decodeVerifiedAccountState, encodeVerifiedAccountState } from "@nodoor/keylog"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** The latest stored state of an account, whether or not the log has shown it. */
export async function findLatestState(crypto: LogCrypto, reader: Reader, accountId: Uint8Array): Promise<VerifiedAccountState | undefined> {
  const [row] = await reader.read("SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC LIMIT 1", accountId)
  return row && stateFromRow(crypto, row)
}

export async function findState(
  crypto: LogCrypto,
  reader: Reader,
  account: { readonly accountId: Uint8Array; readonly version: number },
): Promise<VerifiedAccountState | undefined> {
  const { accountId, version } = account
  const [row] = await reader.read("SELECT state FROM account_state WHERE account_id = ? AND version = ?", accountId, version)
  return row && stateFromRow(crypto, row)
}

/** Every stored state of an account, newest first. */
export async function listStates(crypto: LogCrypto, reader: Reader, accountId: Uint8Array): Promise<readonly VerifiedAccountState[]> {
  const rows = await reader.read("SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC", accountId)
  return rows.map((row) => stateFromRow(crypto, row))
}

/** Adds a state. One of the same version stays as it is. */
export function insertState(tx: Transaction, state: VerifiedAccountState): void {
  const { accountId, version } = state.state
  tx.write(
    "INSERT OR IGNORE INTO account_state (account_id, version, state) VALUES (?, ?, ?)",
    accountId,
    version,
    encodeVerifiedAccountState(state),
  )
}

export function deleteAllStates(tx: Transaction): void {
  tx.write("DELETE FROM account_state")
}

function stateFromRow(crypto: LogCrypto, row: Row): VerifiedAccountState {
  return decodeVerifiedAccountState(crypto, row["state"] as Uint8Array)
}
