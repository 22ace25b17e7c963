// How long this device has been shown one and the same head of the key log: table `log_health`, one row.

import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface LogHealthRow {
  /** Size of the head that was seen last. */
  readonly size: number
  readonly lookedMs: number
  /** How long this size has been seen, by this device's clock. */
  readonly watchedMs: number
  /** Since when the head has been too old at every look. */
  readonly stillMs: number | undefined
}

export async function findLogHealth(reader: Reader): Promise<LogHealthRow | undefined> {
  const [row] = await reader.read("SELECT size, looked_ms, watched_ms, still_ms FROM log_health WHERE id = 1")
  return (
    row && {
      size: Number(row["size"]),
      lookedMs: Number(row["looked_ms"]),
      watchedMs: Number(row["watched_ms"]),
      stillMs: optionalNumber(row["still_ms"]),
    }
  )
}

/** `stillMs` stays as it is. */
export function saveLook(tx: Transaction, { size, lookedMs, watchedMs }: Omit<LogHealthRow, "stillMs">): void {
  tx.write(
    `INSERT INTO log_health (id, size, looked_ms, watched_ms) VALUES (1, ?, ?, ?)
     ON CONFLICT DO UPDATE SET size = excluded.size, looked_ms = excluded.looked_ms, watched_ms = excluded.watched_ms`,
    size,
    lookedMs,
    watchedMs,
  )
}

export function saveStillSince(tx: Transaction, stillMs: number | undefined): void {
  tx.write("UPDATE log_health SET still_ms = ? WHERE id = 1", stillMs ?? null)
}
