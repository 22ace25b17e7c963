// What opens streams of the delivery service, one for each kind: table `pass`.

import type { StreamKind } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import type { Reader } from "./reader.ts"

export interface Pass {
  readonly pass: Uint8Array
  /** Unix time / 3600 s by the server's clock. */
  readonly expiryHour: number
}

export async function findPass(reader: Reader, kind: StreamKind): Promise<Pass | undefined> {
  const [row] = await reader.read("SELECT pass, expiry_hour FROM pass WHERE kind = ?", kind)
  return row && { pass: row["pass"] as Uint8Array, expiryHour: Number(row["expiry_hour"]) }
}

export function replacePass(tx: Transaction, kind: StreamKind, { pass, expiryHour }: Pass): void {
  tx.write("INSERT OR REPLACE INTO pass (kind, pass, expiry_hour) VALUES (?, ?, ?)", kind, pass, expiryHour)
}

export function deletePass(tx: Transaction, kind: StreamKind): void {
  tx.write("DELETE FROM pass WHERE kind = ?", kind)
}
