// Mailboxes: pointers to bodies, with sequence numbers without gaps, until the device has them safe.

import { WireError } from "@nodoor/wire"
import type { OperationInput, OperationOutput, StoredRecord } from "../store.ts"
import type { Database } from "../../sqlite/database.ts"

interface State {
  /** The newest sequence number that is gone. */
  readonly floor: number
  /** The newest there ever was. */
  readonly head: number
  /** The newest that the device said it has safe. */
  readonly acked: number
}

function mailboxState(db: Database, mailbox: Uint8Array): State {
  const row = db.get<{ floor: number; acked: number }>("SELECT floor, acked FROM mailboxes WHERE mailbox = ?", mailbox)
  if (row === undefined) throw new WireError("unauthorized", "the device is no longer in its account")
  const newest = db.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM waiting WHERE mailbox = ?", mailbox)?.seq ?? 0
  return { floor: row.floor, head: Math.max(row.floor, newest), acked: row.acked }
}

interface WaitingRow {
  readonly seq: number
  readonly kind: "post" | "commit" | "welcome"
  readonly group_id: Uint8Array
  readonly group_order: number
  readonly time_ms: number
  readonly body: Uint8Array
  readonly fanout: Uint8Array | null
  readonly group_info: Uint8Array | null
}

export function readMailbox(db: Database, input: OperationInput<"readMailbox">): OperationOutput<"readMailbox"> {
  const { mailbox, after, maxRecords, maxBytes } = input
  const { floor, head, acked } = mailboxState(db, mailbox)
  if (after > head) throw new WireError("cursor_ahead")
  const records: StoredRecord[] = after < floor ? [{ kind: "gap", seq: floor }] : []
  let room = maxBytes
  let from = Math.max(after, floor)
  while (records.length < maxRecords) {
    // A few at a time, so that many large bodies are never all in memory.
    const rows = db.all<WaitingRow>(
      `SELECT w.seq, b.kind, b.group_id, b.group_order, b.time_ms, b.body, b.fanout, i.body AS group_info
         FROM waiting w JOIN bodies b ON b.body_id = w.body_id LEFT JOIN bodies i ON i.body_id = b.group_info_id
        WHERE w.mailbox = ? AND w.seq > ? ORDER BY w.seq LIMIT ?`,
      mailbox,
      from,
      Math.min(16, maxRecords - records.length),
    )
    for (const row of rows) {
      room -= row.body.length + (row.group_info?.length ?? 0) + 128
      if (room < 0 && records.length > 0) return { records, head, acked }
      records.push(asRecord(row))
      from = row.seq
    }
    if (rows.length === 0) break
  }
  return { records, head, acked }
}

function asRecord(row: WaitingRow): StoredRecord {
  return {
    kind: row.kind,
    seq: row.seq,
    groupId: row.group_id,
    order: row.group_order,
    timeMs: row.time_ms,
    body: row.body,
    fanout: row.fanout ?? undefined,
    groupInfo: row.group_info ?? undefined,
  }
}

export function ack(db: Database, { mailbox, seq }: OperationInput<"ack">): void {
  const { floor, head, acked } = mailboxState(db, mailbox)
  if (seq > head) throw new WireError("cursor_ahead")
  if (seq > acked) db.run("UPDATE mailboxes SET acked = ? WHERE mailbox = ?", seq, mailbox)
  if (seq > floor) dropThrough(db, mailbox, seq)
}

/** Erases a mailbox's pointers up to and including `seq`, and bodies that wait nowhere else. */
export function dropThrough(db: Database, mailbox: Uint8Array, seq: number): void {
  const dropped = db.all<{ body_id: number }>("DELETE FROM waiting WHERE mailbox = ? AND seq <= ? RETURNING body_id", mailbox, seq)
  for (const { body_id } of dropped) releaseBody(db, body_id)
  db.run("UPDATE mailboxes SET floor = ? WHERE mailbox = ?", seq, mailbox)
}

/** Size of the ciphertexts that wait in a mailbox. */
export function waitingBytes(db: Database, mailbox: Uint8Array): number {
  const row = db.get<{ bytes: number }>(
    `SELECT newest.held_bytes - oldest.held_bytes + length(b.body) + coalesce(length(i.body), 0) AS bytes
       FROM (SELECT held_bytes FROM waiting WHERE mailbox = ? ORDER BY seq DESC LIMIT 1) AS newest,
            (SELECT held_bytes, body_id FROM waiting WHERE mailbox = ? ORDER BY seq LIMIT 1) AS oldest
       JOIN bodies b ON b.body_id = oldest.body_id LEFT JOIN bodies i ON i.body_id = b.group_info_id`,
    mailbox,
    mailbox,
  )
  return row?.bytes ?? 0
}

/** Drops the oldest of a mailbox that holds more than it may. The floor rises with it, so that the device is told of the gap. */
export function trimMailbox(db: Database, mailbox: Uint8Array, maxBytes: number): void {
  const over = waitingBytes(db, mailbox) - maxBytes
  if (over <= 0) return
  type Newest = { seq: number; held_bytes: number }
  const newest = db.get<Newest>("SELECT seq, held_bytes FROM waiting WHERE mailbox = ? ORDER BY seq DESC LIMIT 1", mailbox)
  if (newest === undefined) return
  // What was placed after this record fits. The newest stays, whatever its size: a bound is no reason to lose everything.
  const last = db.get<{ seq: number }>(
    "SELECT seq FROM waiting WHERE mailbox = ? AND (held_bytes >= ? OR seq = ?) ORDER BY seq LIMIT 1",
    mailbox,
    newest.held_bytes - maxBytes,
    newest.seq - 1,
  )
  if (last !== undefined && last.seq < newest.seq) dropThrough(db, mailbox, last.seq)
}

function releaseBody(db: Database, bodyId: number): void {
  const left = db.get<{ waiting: number; group_info_id: number | null }>(
    "UPDATE bodies SET waiting = waiting - 1 WHERE body_id = ? RETURNING waiting, group_info_id",
    bodyId,
  )
  if (left === undefined || left.waiting > 0) return
  db.run("DELETE FROM bodies WHERE body_id = ?", bodyId)
  if (left.group_info_id !== null) releaseBody(db, left.group_info_id)
}

/** A revoked device's mailbox: everything in it goes, and nothing comes any more. */
export function closeMailbox(db: Database, mailbox: Uint8Array): void {
  const dropped = db.all<{ body_id: number }>("DELETE FROM waiting WHERE mailbox = ? RETURNING body_id", mailbox)
  for (const { body_id } of dropped) releaseBody(db, body_id)
  db.run("DELETE FROM mutes WHERE mailbox = ?", mailbox)
  db.run("DELETE FROM mailboxes WHERE mailbox = ?", mailbox)
}

export function setMute(db: Database, { mailbox, groupId, muted }: OperationInput<"setMute">): void {
  if (muted) db.run("INSERT OR IGNORE INTO mutes (mailbox, group_id) VALUES (?, ?)", mailbox, groupId)
  else db.run("DELETE FROM mutes WHERE mailbox = ? AND group_id = ?", mailbox, groupId)
}
