// The records of MLS group states, as the engine writes them: table `mls_record`.

import type { RecordWrite } from "@nodoor/mls"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface MlsRecord {
  readonly key: string
  readonly value: Uint8Array
}

export async function listRecords(reader: Reader, groupId: Uint8Array): Promise<readonly MlsRecord[]> {
  const rows = await reader.read("SELECT key, value FROM mls_record WHERE group_id = ?", groupId)
  return rows.map((row) => ({ key: String(row["key"]), value: row["value"] as Uint8Array }))
}

/** Groups that hold keys for messages that may come late, or of epochs that have passed. */
export async function listGroupsWithLateKeys(reader: Reader): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(
    "SELECT DISTINCT group_id FROM mls_record WHERE (key >= 'skipped/' AND key < 'skipped0') OR (key >= 'past/' AND key < 'past0')",
  )
  return rows.map((row) => row["group_id"] as Uint8Array)
}

export function writeRecords(tx: Transaction, groupId: Uint8Array, writes: readonly RecordWrite[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) tx.write("DELETE FROM mls_record WHERE group_id = ? AND key = ?", groupId, key)
    else tx.write("INSERT OR REPLACE INTO mls_record (group_id, key, value) VALUES (?, ?, ?)", groupId, key, value)
  }
}

export function deleteRecords(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM mls_record WHERE group_id = ?", groupId)
}
