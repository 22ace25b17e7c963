// Handing the history over to a device that was let in: tables `history_due` and `history_part`.

import { equal } from "@nodoor/bytes"
import type { Transaction } from "../core/transaction.ts"
import type { Reader } from "./reader.ts"

/** One part of an archive, as a blob of the server. */
export interface HistoryPart {
  readonly number: number
  /** Of the whole archive. Another one than before: it was begun anew. */
  readonly archiveKey: Uint8Array
  readonly blobId: Uint8Array
  readonly size: number
  readonly last: boolean
}

export function insertHistoryDue(tx: Transaction, deviceId: Uint8Array): void {
  tx.write("INSERT OR IGNORE INTO history_due (device_id) VALUES (?)", deviceId)
}

export function deleteHistoryDue(tx: Transaction, deviceId: Uint8Array): void {
  tx.write("DELETE FROM history_due WHERE device_id = ?", deviceId)
}

export async function listHistoryDue(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT device_id FROM history_due")).map((row) => row["device_id"] as Uint8Array)
}

export async function isHistoryDue(reader: Reader, deviceId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM history_due WHERE device_id = ?", deviceId)).length > 0
}

/** Only the next one of the archive that is under way, or the first one of a new archive unless one is here whole. Says whether it was taken. */
export async function insertHistoryPart(tx: Transaction, part: HistoryPart): Promise<boolean> {
  const present = await listHistoryParts(tx)
  const { number, archiveKey, blobId, size, last } = part
  const before = present.at(-1)
  const isNext = before !== undefined && before.number === number - 1 && !before.last && equal(before.archiveKey, archiveKey)
  if (number !== 0 && !isNext) return false
  if (number === 0 && before?.last === true) return false
  if (number === 0) deleteHistoryParts(tx)
  tx.write(
    "INSERT OR REPLACE INTO history_part (number, archive_key, blob_id, size, last) VALUES (?, ?, ?, ?, ?)",
    number,
    archiveKey,
    blobId,
    size,
    last ? 1 : 0,
  )
  return true
}

export async function listHistoryParts(reader: Reader): Promise<readonly HistoryPart[]> {
  const rows = await reader.read("SELECT * FROM history_part ORDER BY number")
  return rows.map((row) => ({
    number: Number(row["number"]),
    archiveKey: row["archive_key"] as Uint8Array,
    blobId: row["blob_id"] as Uint8Array,
    size: Number(row["size"]),
    last: row["last"] === 1,
  }))
}

export function deleteHistoryParts(tx: Transaction): void {
  tx.write("DELETE FROM history_part")
}
