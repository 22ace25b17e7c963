// How this device stands, and how far it is with what it does in order: columns of its one row in table `device`.

import type { Transaction } from "../core/transaction.ts"
import type { Reader } from "./reader.ts"

/** The sequence number of the last mailbox record that is taken in or kept. */
export async function readCursor(reader: Reader): Promise<number> {
  const [row] = await reader.read("SELECT cursor FROM device WHERE id = 1")
  return Number(row?.["cursor"] ?? 0)
}

export function setCursor(tx: Transaction, seq: number): void {
  tx.write("UPDATE device SET cursor = ? WHERE id = 1", seq)
}

/** Whether the own account was deleted. */
export async function isAccountOver(reader: Reader): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM device WHERE status = 'ended'")).length > 0
}

export function setOwnDeviceName(tx: Transaction, name: string): void {
  tx.write("UPDATE device SET name = ? WHERE id = 1", name)
}
