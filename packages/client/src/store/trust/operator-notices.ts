// What the server's operator has told this account about requests of authorities: table `operator_notice`.

import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface StoredNotice {
  readonly id: Uint8Array
  /** `operator-notice` of docs/wire.cddl. */
  readonly notice: Uint8Array
  readonly arrivedMs: number
  readonly acknowledgedMs: number | undefined
}

/** Newest arrivals first. */
export async function listNotices(reader: Reader): Promise<readonly StoredNotice[]> {
  return (await reader.read("SELECT * FROM operator_notice ORDER BY arrived_ms DESC, id")).map(noticeFromRow)
}

/** Without the notices themselves; the ones read longest ago first. */
export async function listNoticesByReading(reader: Reader): Promise<readonly Pick<StoredNotice, "id" | "acknowledgedMs">[]> {
  const rows = await reader.read("SELECT id, acknowledged_ms FROM operator_notice ORDER BY acknowledged_ms, id")
  return rows.map((row) => ({ id: row["id"] as Uint8Array, acknowledgedMs: optionalNumber(row["acknowledged_ms"]) }))
}

export async function findNotice(reader: Reader, id: Uint8Array): Promise<StoredNotice | undefined> {
  const [row] = await reader.read("SELECT * FROM operator_notice WHERE id = ?", id)
  return row && noticeFromRow(row)
}

export function insertNotice(tx: Transaction, { id, notice, arrivedMs }: Omit<StoredNotice, "acknowledgedMs">): void {
  tx.write("INSERT INTO operator_notice (id, notice, arrived_ms) VALUES (?, ?, ?)", id, notice, arrivedMs)
}

export function acknowledgeNotice(tx: Transaction, id: Uint8Array, atMs: number): void {
  tx.write("UPDATE operator_notice SET acknowledged_ms = ? WHERE id = ?", atMs, id)
}

export function deleteNotice(tx: Transaction, id: Uint8Array): void {
  tx.write("DELETE FROM operator_notice WHERE id = ?", id)
}

function noticeFromRow(row: Row): StoredNotice {
  return {
    id: row["id"] as Uint8Array,
    notice: row["notice"] as Uint8Array,
    arrivedMs: Number(row["arrived_ms"]),
    acknowledgedMs: optionalNumber(row["acknowledged_ms"]),
  }
}
