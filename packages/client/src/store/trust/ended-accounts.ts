// Accounts of others that the log shows as ended without proof of who ended them: table `account_ended`. They never live again.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** The version with which the account was shown as ended. */
export async function findEndedVersion(reader: Reader, accountId: Uint8Array): Promise<number | undefined> {
  const [row] = await reader.read("SELECT version FROM account_ended WHERE account_id = ?", accountId)
  return row && Number(row["version"])
}

export function insertEnded(tx: Transaction, accountId: Uint8Array, version: number): void {
  tx.write("INSERT OR IGNORE INTO account_ended (account_id, version) VALUES (?, ?)", accountId, version)
}
