// What the database needs now and then: erasing what is past its time, its own health.

import type { OperationInput, OperationOutput } from "../store.ts"
import type { Database } from "../../sqlite/database.ts"
import { dropThrough, trimMailbox } from "./mailboxes.ts"

export function sweep(db: Database, input: OperationInput<"sweep">): OperationOutput<"sweep"> {
  if (input.from === undefined) sweepTables(db, input)
  const mailboxes = db.all<{ mailbox: Uint8Array }>(
    "SELECT mailbox FROM mailboxes WHERE mailbox > ? ORDER BY mailbox LIMIT ?",
    input.from ?? new Uint8Array(),
    input.max,
  )
  for (const { mailbox } of mailboxes) {
    sweepMailbox(db, mailbox, input.mailboxBeforeMs)
    if (input.mailboxMaxBytes !== undefined) trimMailbox(db, mailbox, input.mailboxMaxBytes)
  }
  return { next: mailboxes.length === input.max ? mailboxes.at(-1)?.mailbox : undefined }
}

function sweepTables(db: Database, input: OperationInput<"sweep">): void {
  const { nowMs, addressesBeforeMs, mailboxBeforeMs, introductionsBefore } = input
  db.run("DELETE FROM introductions WHERE day < ?", introductionsBefore)
  db.run("DELETE FROM invites WHERE expires_at_ms <= ?", nowMs)
  db.run("DELETE FROM used_claims WHERE expires_at_ms <= ?", nowMs)
  db.run("DELETE FROM addresses WHERE last_seen_ms < ?", addressesBeforeMs)
  db.run("DELETE FROM placed WHERE time_ms < ?", mailboxBeforeMs)
}

/** Drops what was not acknowledged in time. The floor rises with it, so that the device is told of the gap. */
function sweepMailbox(db: Database, mailbox: Uint8Array, beforeMs: number): void {
  const oldest = db.get<{ time_ms: number }>(
    "SELECT b.time_ms FROM waiting w JOIN bodies b ON b.body_id = w.body_id WHERE w.mailbox = ? ORDER BY w.seq LIMIT 1",
    mailbox,
  )
  if (oldest === undefined || oldest.time_ms >= beforeMs) return
  const last = db.get<{ seq: number | null }>(
    "SELECT max(w.seq) AS seq FROM waiting w JOIN bodies b ON b.body_id = w.body_id WHERE w.mailbox = ? AND b.time_ms < ?",
    mailbox,
    beforeMs,
  )?.seq
  if (typeof last === "number") dropThrough(db, mailbox, last)
}

export function integrity(db: Database): string {
  return db.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check ?? "unknown"
}

export function newestTime(db: Database): number {
  const row = db.get<{ newest: number | null }>(
    "SELECT max(coalesce((SELECT max(time_ms) FROM placed), 0), coalesce((SELECT max(created_at_ms) FROM accounts), 0)) AS newest",
  )
  return row?.newest ?? 0
}

export function queueDepth(db: Database): OperationOutput<"queueDepth"> {
  const held = db.get<{ bodies: number; bytes: number | null }>("SELECT count(*) AS bodies, sum(length(body)) AS bytes FROM bodies")
  const mailboxes = db.get<{ n: number }>("SELECT count(DISTINCT mailbox) AS n FROM waiting")?.n ?? 0
  // Ids rise in the order in which bodies were taken.
  const oldest = db.get<{ time_ms: number }>("SELECT time_ms FROM bodies ORDER BY body_id LIMIT 1")
  return { bodies: held?.bodies ?? 0, bytes: held?.bytes ?? 0, mailboxes, oldestAtMs: oldest?.time_ms }
}
