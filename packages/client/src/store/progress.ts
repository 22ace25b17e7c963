// How this device stands, and how far it is with what it does in order: columns of its one row in table `device`.

import type { Transaction } from "../core/transaction.ts"
import { type Reader, optionalNumber } from "./reader.ts"

/** The sequence number of the last mailbox record that is taken in or kept. */
export async function readCursor(reader: Reader): Promise<number> {
  const [row] = await reader.read("SELECT cursor FROM device WHERE id = 1")
  return Number(row?.["cursor"] ?? 0)
}

export function setCursor(tx: Transaction, seq: number): void {
  tx.write("UPDATE device SET cursor = ? WHERE id = 1", seq)
}

/** When keys of messages that never came were last erased. */
export async function readLateKeysMs(reader: Reader): Promise<number | undefined> {
  const [row] = await reader.read("SELECT late_keys_ms FROM device WHERE id = 1")
  return optionalNumber(row?.["late_keys_ms"])
}

export function setLateKeysMs(tx: Transaction, atMs: number): void {
  tx.write("UPDATE device SET late_keys_ms = ? WHERE id = 1", atMs)
}

/** Whether the own account was deleted. */
export async function isAccountOver(reader: Reader): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM device WHERE status = 'ended'")).length > 0
}

export function setOwnDeviceName(tx: Transaction, name: string): void {
  tx.write("UPDATE device SET name = ? WHERE id = 1", name)
}
