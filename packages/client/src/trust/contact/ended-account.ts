// Accounts of others that have ended (docs/transparency.md, "Ended accounts"): verified, or only shown, when the log has erased how.

import type { Reader } from "../../store/reader.ts"
import type { Transaction } from "../../core/transaction.ts"
import { contactTexts } from "../../texts/en.ts"

/** `proven`: one of the account's devices ended it. `unproven`: nothing vouches for who did; nobody can be reached there all the same. */
export type AccountEnding = "proven" | "unproven"

/** The version with which an account was shown as ended, if that could not be verified. */
export async function readEnded(reader: Reader, accountId: Uint8Array): Promise<number | undefined> {
  const [row] = await reader.read("SELECT version FROM account_ended WHERE account_id = ?", accountId)
  return row && Number(row["version"])
}

export function writeEnded(tx: Transaction, accountId: Uint8Array, version: number): void {
  tx.write("INSERT OR IGNORE INTO account_ended (account_id, version) VALUES (?, ?)", accountId, version)
}

/** Why nothing reaches somebody any more. */
export function endingText(name: string, ending: AccountEnding): string {
  return ending === "proven" ? contactTexts.deleted(name) : contactTexts.unreachable(name)
}
