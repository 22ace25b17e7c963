// Archives that this device takes in, or took in: table `archive_import`.

import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface ArchiveImport {
  readonly nextAt: number
  readonly done: boolean
}

export async function findImport(reader: Reader, archiveId: Uint8Array): Promise<ArchiveImport | undefined> {
  const [row] = await reader.read("SELECT next_at, done FROM archive_import WHERE archive_id = ?", archiveId)
  return row && { nextAt: Number(row["next_at"]), done: row["done"] === 1 }
}

/** Everything before `nextAt` is stored. */
export function saveImport(tx: Transaction, made: ArchiveImport & { readonly archiveId: Uint8Array; readonly madeMs: number }): void {
  tx.write(
    `INSERT INTO archive_import (archive_id, made_ms, next_at, done) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET next_at = excluded.next_at, done = excluded.done`,
    made.archiveId,
    made.madeMs,
    made.nextAt,
    made.done ? 1 : 0,
  )
}

/** Whether one is on its way in, or was interrupted. */
export async function hasUnfinishedImport(reader: Reader): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM archive_import WHERE done = 0 LIMIT 1")).length > 0
}

/** When the newest archive was made that this device has made or taken in whole. */
export async function newestArchiveMs(reader: Reader): Promise<number | undefined> {
  const [row] = await reader.read(
    "SELECT MAX(ms) AS newest FROM (SELECT made_ms AS ms FROM archive_import WHERE done = 1 UNION ALL SELECT last_ms FROM backup)",
  )
  return optionalNumber(row?.["newest"])
}
