// A passkey that is to open the recovery key and has not done so yet: table `recovery_passkey`.

import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalBytes } from "../reader.ts"

export async function findUnprovenPasskey(reader: Reader): Promise<Uint8Array | undefined> {
  const [row] = await reader.read("SELECT passkey FROM recovery_passkey WHERE id = 1")
  return optionalBytes(row?.["passkey"])
}

export function saveUnprovenPasskey(tx: Transaction, passkey: Uint8Array, madeMs: number): void {
  tx.write("INSERT OR REPLACE INTO recovery_passkey (id, passkey, made_ms) VALUES (1, ?, ?)", passkey, madeMs)
}

export function deleteUnprovenPasskey(tx: Transaction): void {
  tx.write("DELETE FROM recovery_passkey")
}

/** Whether the person has written a message. */
export async function hasWritten(reader: Reader): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM message WHERE outgoing IS NOT NULL LIMIT 1")).length > 0
}
