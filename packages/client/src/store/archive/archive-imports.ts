// Archives that this device takes in, or took in: table `archive_import`.

import type { Hex } from "../../core/hex.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface ArchiveImport {
  readonly nextAt: number
  readonly done: boolean
  /** Ids of the chats that were chosen, as the archive has them. Undefined: all of them. */
  readonly chats: readonly Hex[] | undefined
}

export interface NewImport extends ArchiveImport {
  readonly archiveId: Uint8Array
  readonly madeMs: number
}

export async function findImport(reader: Reader, archiveId: Uint8Array): Promise<ArchiveImport | undefined> {
  const [row] = await reader.read("SELECT next_at, done, chats FROM archive_import WHERE archive_id = ?", archiveId)
  const chats = row?.["chats"]
  return (
    row && {
      nextAt: Number(row["next_at"]),
      done: row["done"] === 1,
      chats: typeof chats === "string" ? (JSON.parse(chats) as readonly Hex[]) : undefined,
    }
  )
}

/** Everything before `nextAt` of these chats is stored. */
export function saveImport(tx: Transaction, made: NewImport): void {
  tx.write(
    `INSERT INTO archive_import (archive_id, made_ms, next_at, done, chats) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET next_at = excluded.next_at, done = excluded.done, chats = excluded.chats`,
    made.archiveId,
    made.madeMs,
    made.nextAt,
    made.done ? 1 : 0,
    made.chats === undefined ? null : JSON.stringify(made.chats),
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
