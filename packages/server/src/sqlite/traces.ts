// SQLite overwrites what is deleted (secure_delete), but where it moved a row from one page to another before, a copy stays in the slack of
// the old page. Writing the file anew takes those copies away.

import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import type { Database } from "./database.ts"

const dueSetting = "rewrite_due_ms"
const rewriteEveryMs = 24 * 3_600_000
/** A larger file is rewritten through a temporary file instead of in memory. */
const inMemoryMaxBytes = 256 * 1024 ** 2

/**
 * Writes the file anew if a day has passed since it was, or something was erased whose last copy must not wait; then empties the write-ahead
 * log. Others wait meanwhile, some seconds per gigabyte. Nothing is changed if it fails, and the next call tries again.
 */
export function eraseTraces(db: Database, { nowMs }: { readonly nowMs: number }): void {
  const noted = db.get<{ value: Uint8Array }>("SELECT value FROM settings WHERE name = ?", dueSetting)
  const dueMs = noted === undefined ? undefined : Number(fromUtf8(noted.value))
  if (dueMs !== undefined && dueMs <= nowMs) writeAnew(db)
  // Also for a new database, and after a clock that was ahead.
  if (dueMs === undefined || dueMs <= nowMs || dueMs > nowMs + rewriteEveryMs) noteDue(db, nowMs + rewriteEveryMs)
  emptyWriteAheadLog(db)
}

/** For the transaction that erases something of a person: the next `eraseTraces` does not wait for its day. */
export function tracesAreDue(db: Database): void {
  noteDue(db, 0)
}

/** Outside a transaction. */
export function writeAnew(db: Database): void {
  const size = db.get<{ bytes: number }>("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size")
  db.all(`PRAGMA temp_store = ${(size?.bytes ?? 0) > inMemoryMaxBytes ? "FILE" : "MEMORY"}`)
  db.run("VACUUM")
}

export function emptyWriteAheadLog(db: Database): void {
  db.all("PRAGMA wal_checkpoint(TRUNCATE)")
}

function noteDue(db: Database, dueMs: number): void {
  db.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", dueSetting, toUtf8(String(dueMs)))
}
