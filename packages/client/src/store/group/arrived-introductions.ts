// Introductions that came as content of a chat of two, until they are opened: table `arrived_introduction`.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

/** More than these wait for nobody: each costs a look at the log. */
const arrivedMax = 256

export function insertArrived(tx: Transaction, sealed: Uint8Array): void {
  tx.write(
    "INSERT OR IGNORE INTO arrived_introduction (sealed) SELECT ? WHERE (SELECT COUNT(*) FROM arrived_introduction) < ?",
    sealed,
    arrivedMax,
  )
}

export async function listArrived(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT sealed FROM arrived_introduction")).map((row) => row["sealed"] as Uint8Array)
}

export function deleteArrived(tx: Transaction, sealed: Uint8Array): void {
  tx.write("DELETE FROM arrived_introduction WHERE sealed = ?", sealed)
}
