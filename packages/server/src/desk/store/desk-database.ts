// The desk's own file, and its log of every step: append-only, each entry holding the hash of the one before.

import { type Json, canonicalJson, equal, fromUtf8, toHex } from "@nodoor/bytes"
import { sha256 } from "../../core/crypto.ts"
import type { Clock } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import { type Database, type DatabaseSchema, openDatabase } from "../../sqlite/database.ts"

/** "nddk" */
export const deskSchema: DatabaseSchema = {
  url: new URL("desk-schema.sql", import.meta.url),
  version: 2,
  applicationId: 0x6e64646b,
  upgrades: { 2: new URL("upgrade-2.sql", import.meta.url) },
}

/** @throws ServerError as `openDatabase` */
export function openDeskDatabase(path: string): Database {
  return openDatabase(path, { schema: deskSchema })
}

/** Runs as a whole and without interference, or not at all. */
export function inTransaction<T>(db: Database, run: () => T): T {
  db.run("BEGIN IMMEDIATE")
  try {
    const result = run()
    db.run("COMMIT")
    return result
  } catch (error) {
    if (db.inTransaction) db.run("ROLLBACK")
    throw error
  }
}

export interface AuditEvent {
  readonly timeMs: number
  /** Name of the operator, or "server". */
  readonly actor: string
  readonly event: string
  readonly caseId?: string | undefined
  readonly facts?: { readonly [name: string]: Json } | undefined
}

/** Inside a transaction with what it is about. */
export function appendAudit(db: Database, { timeMs, actor, event, caseId, facts }: AuditEvent): void {
  const last = db.get<{ seq: number; hash: Uint8Array }>("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
  const seq = (last?.seq ?? 0) + 1
  const prev = toHex(last?.hash ?? new Uint8Array(32))
  const entry = canonicalJson({ seq, prev, timeMs, actor, event, case: caseId, facts })
  db.run("INSERT INTO audit (seq, entry, hash) VALUES (?, ?, ?)", seq, entry, sha256(entry))
}

/** One change and its line in the audit log, both or neither. `run` checks who acts and answers their name. */
export function auditedStep<T>(
  db: Database,
  { clock, event, caseId, facts }: Pick<AuditEvent, "event" | "caseId" | "facts"> & { readonly clock: Clock },
  run: () => { readonly actor: string; readonly result: T },
): T {
  return inTransaction(db, () => {
    const { actor, result } = run()
    appendAudit(db, { timeMs: clock.nowMs(), actor, event, caseId, facts })
    return result
  })
}

/**
 * Reads the whole log; answers its entries, oldest first.
 * @throws ServerError `desk_damaged` if an entry was changed, taken out or put in
 */
export function readAudit(db: Database): readonly { readonly [name: string]: Json }[] {
  let prev = new Uint8Array(32)
  const rows = db.all<{ seq: number; entry: Uint8Array; hash: Uint8Array }>("SELECT seq, entry, hash FROM audit ORDER BY seq")
  return rows.map(({ seq, entry, hash }, at) => {
    const parsed = JSON.parse(fromUtf8(entry)) as { readonly [name: string]: Json }
    const follows = seq === at + 1 && parsed["seq"] === seq && parsed["prev"] === toHex(prev)
    if (!follows || !equal(sha256(entry), hash))
      throw new ServerError("desk_damaged", `The desk's log is broken at entry ${at + 1}. Somebody changed it, or the disk is damaged.`)
    prev = new Uint8Array(hash)
    return parsed
  })
}
