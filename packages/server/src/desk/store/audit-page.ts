// The log of what people did, a page at a time, and whether its chain is intact.

import { fromUtf8, toHex } from "@nodoor/bytes"
import { operatorLimits } from "@nodoor/wire/operator"
import type { Clock } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import { readAudit } from "./desk-database.ts"

/** The newest first; with `before`, those with smaller numbers. `holds` is about the whole chain, not only the page; `holdsOf` says it. */
export function auditPage(
  db: Database,
  before: number | undefined,
  holdsOf: (db: Database) => boolean = chainHolds,
): {
  readonly holds: boolean
  readonly entries: readonly { readonly seq: number; readonly entry: string; readonly hash: string }[]
  readonly more: boolean
} {
  const rows = db.all<{ seq: number; entry: Uint8Array; hash: Uint8Array }>(
    "SELECT seq, entry, hash FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?",
    before ?? Number.MAX_SAFE_INTEGER,
    operatorLimits.pageRows + 1,
  )
  const entries = rows.slice(0, operatorLimits.pageRows).map(({ seq, entry, hash }) => ({ seq, entry: fromUtf8(entry), hash: toHex(hash) }))
  return { holds: holdsOf(db), entries, more: rows.length > operatorLimits.pageRows }
}

/** `chainHolds` as it was found within the last `everyMs`: the whole log is read and hashed for it, while everybody's messages wait. */
export function recentlyHolds(clock: Clock, everyMs: number): (db: Database) => boolean {
  let last: { readonly atMs: number; readonly holds: boolean } | undefined
  return (db) => {
    const atMs = clock.nowMs()
    if (last === undefined || Math.abs(atMs - last.atMs) >= everyMs) last = { atMs, holds: chainHolds(db) }
    return last.holds
  }
}

function chainHolds(db: Database): boolean {
  try {
    readAudit(db)
    return true
  } catch (error) {
    if (error instanceof ServerError && error.code === "desk_damaged") return false
    throw error
  }
}
