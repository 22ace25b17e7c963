// What this device missed and asks back: tables `missed_due`, `missed` and `missed_answer`.

import { toHex } from "@nodoor/bytes"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalBytes, optionalNumber } from "../reader.ts"
import { queuedPosition } from "../chat/position.ts"
import { type Range, decodeRanges, encodeRanges, endsOf } from "./ranges.ts"

/**
 * `retention`: the server no longer had it. `copy`: the store was put back to an older copy or comes from an archive. `keys`: this device had lost
 * keys of the group. `line`: single bodies that did not open.
 */
export type MissedReason = "retention" | "copy" | "keys" | "line"

export interface MissedDue {
  readonly groupId: Uint8Array
  /** Undefined for all that no archive has. */
  readonly from: number | undefined
  readonly to: number
  readonly fromMs: number
  readonly untilMs: number
  readonly why: Exclude<MissedReason, "line">
}

export interface Missed {
  readonly requestId: Uint8Array
  readonly groupId: Uint8Array
  readonly ranges: readonly Range[]
  readonly secret: Uint8Array
  readonly fromMs: number
  readonly untilMs: number
  readonly why: MissedReason
  readonly stage: "new" | "own" | "all" | "over"
  readonly sinceMs: number
  readonly madeMs: number
  readonly tries: number
  /** Somebody has more from this order on than fitted into an answer. */
  readonly againFrom: number | undefined
  readonly line: Uint8Array | undefined
}

export function insertMissedDue(tx: Transaction, due: MissedDue): void {
  tx.write(
    "INSERT OR REPLACE INTO missed_due (group_id, to_ord, from_ord, from_ms, until_ms, why) VALUES (?, ?, ?, ?, ?, ?)",
    due.groupId,
    due.to,
    due.from ?? null,
    due.fromMs,
    due.untilMs,
    due.why,
  )
}

export async function listMissedDue(reader: Reader): Promise<readonly MissedDue[]> {
  const rows = await reader.read("SELECT * FROM missed_due ORDER BY group_id, to_ord")
  return rows.map((row) => ({
    groupId: row["group_id"] as Uint8Array,
    from: optionalNumber(row["from_ord"]),
    to: Number(row["to_ord"]),
    fromMs: Number(row["from_ms"]),
    untilMs: Number(row["until_ms"]),
    why: row["why"] as MissedDue["why"],
  }))
}

export function deleteMissedDue(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM missed_due WHERE group_id = ?", groupId)
}

export function insertMissed(tx: Transaction, missed: Missed): void {
  tx.write(
    `INSERT INTO missed (request_id, group_id, ranges, secret, from_ms, until_ms, why, stage, since_ms, made_ms, tries, again_from, line)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    missed.requestId,
    missed.groupId,
    encodeRanges(missed.ranges),
    missed.secret,
    missed.fromMs,
    missed.untilMs,
    missed.why,
    missed.stage,
    missed.sinceMs,
    missed.madeMs,
    missed.tries,
    missed.againFrom ?? null,
    missed.line ?? null,
  )
}

export async function findMissed(reader: Reader, requestId: Uint8Array): Promise<Missed | undefined> {
  const [row] = await reader.read("SELECT * FROM missed WHERE request_id = ?", requestId)
  return row && missedFromRow(row)
}

/** Oldest first. */
export async function listMissed(reader: Reader): Promise<readonly Missed[]> {
  return (await reader.read("SELECT * FROM missed ORDER BY made_ms, request_id")).map(missedFromRow)
}

export function setStage(tx: Transaction, { requestId, stage, sinceMs }: Pick<Missed, "requestId" | "stage" | "sinceMs">): void {
  tx.write("UPDATE missed SET stage = ?, since_ms = ? WHERE request_id = ?", stage, sinceMs, requestId)
}

/** It is to be asked for once more. */
export function askAgain(tx: Transaction, { requestId, tries, sinceMs }: Pick<Missed, "requestId" | "tries" | "sinceMs">): void {
  tx.write("UPDATE missed SET stage = 'new', tries = ?, since_ms = ? WHERE request_id = ?", tries, sinceMs, requestId)
}

export function setAgainFrom(tx: Transaction, { requestId, againFrom }: Pick<Missed, "requestId" | "againFrom">): void {
  tx.write("UPDATE missed SET again_from = ? WHERE request_id = ?", againFrom ?? null, requestId)
}

export function setLine(tx: Transaction, { requestId, line }: Pick<Missed, "requestId" | "line">): void {
  tx.write("UPDATE missed SET line = ? WHERE request_id = ?", line ?? null, requestId)
}

/** Nothing more is taken. That it was asked for stays known. */
export function closeMissed(tx: Transaction, requestId: Uint8Array): void {
  tx.write("UPDATE missed SET secret = x'' WHERE request_id = ?", requestId)
  tx.write("DELETE FROM missed_answer WHERE request_id = ?", requestId)
}

export function deleteMissed(tx: Transaction, requestId: Uint8Array): void {
  for (const table of ["missed", "missed_answer"]) tx.write(`DELETE FROM ${table} WHERE request_id = ?`, requestId)
}

/** This account has said all that it has. */
export function noteAnswered(tx: Transaction, requestId: Uint8Array, accountId: Uint8Array): void {
  tx.write("INSERT OR IGNORE INTO missed_answer (request_id, account_id) VALUES (?, ?)", requestId, accountId)
}

/** Accounts that have said all that they have, in hexadecimal. */
export async function listAnswered(reader: Reader, requestId: Uint8Array): Promise<ReadonlySet<string>> {
  const rows = await reader.read("SELECT account_id FROM missed_answer WHERE request_id = ?", requestId)
  return new Set(rows.map((row) => toHex(row["account_id"] as Uint8Array)))
}

function missedFromRow(row: Row): Missed {
  return {
    requestId: row["request_id"] as Uint8Array,
    groupId: row["group_id"] as Uint8Array,
    ranges: decodeRanges(row["ranges"] as Uint8Array),
    secret: row["secret"] as Uint8Array,
    fromMs: Number(row["from_ms"]),
    untilMs: Number(row["until_ms"]),
    why: row["why"] as MissedReason,
    stage: row["stage"] as Missed["stage"],
    sinceMs: Number(row["since_ms"]),
    madeMs: Number(row["made_ms"]),
    tries: Number(row["tries"]),
    againFrom: optionalNumber(row["again_from"]),
    line: optionalBytes(row["line"]),
  }
}

/** Whether this device itself could not read something of it. */
export async function isMissing(reader: Reader, groupId: Uint8Array, ranges: readonly Range[]): Promise<boolean> {
  const [from, to] = endsOf(ranges)
  const rows = await reader.read(
    `SELECT 1 AS one FROM message WHERE group_id = ? AND kind = 'waiting' AND ord BETWEEN ? AND ?
     UNION ALL SELECT 1 FROM healing WHERE group_id = ? UNION ALL SELECT 1 FROM missed_due WHERE group_id = ? LIMIT 1`,
    groupId,
    from,
    to,
    groupId,
    groupId,
  )
  if (rows.length > 0) return true
  const own = await reader.read("SELECT * FROM missed WHERE group_id = ?", groupId)
  return own.map(missedFromRow).some((missed) => missed.ranges.some(([first, last]) => first <= to && from <= last))
}

/** Who was in the group at an order or came later, as far as this device knows. */
export async function listMembersSince(reader: Reader, groupId: Uint8Array, order: number): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(
    "SELECT DISTINCT account_id FROM membership WHERE group_id = ? AND (until_order IS NULL OR until_order >= ?)",
    groupId,
    order,
  )
  return rows.map((row) => row["account_id"] as Uint8Array)
}

/** What this device has of a group's log between two orders, and the next on either side, in the order of the log. */
export interface KnownPlace {
  readonly messageId: Uint8Array
  readonly order: number
  readonly timeMs: number
  readonly kind: string
  readonly position: number
}

export async function listKnown(
  reader: Reader,
  { chatId, groupId, from, to }: { readonly chatId: Uint8Array; readonly groupId: Uint8Array; readonly from: number; readonly to: number },
): Promise<readonly KnownPlace[]> {
  const rows = await reader.read(
    `SELECT message_id, ord, time_ms, kind, position FROM message WHERE chat_id = ? AND group_id = ?
       AND ord >= COALESCE((SELECT MAX(ord) FROM message WHERE chat_id = ? AND group_id = ? AND ord < ?), ?)
       AND ord <= COALESCE((SELECT MIN(ord) FROM message WHERE chat_id = ? AND group_id = ? AND ord > ?), ?) ORDER BY ord`,
    chatId,
    groupId,
    chatId,
    groupId,
    from,
    from,
    chatId,
    groupId,
    to,
    to,
  )
  return rows.map((row) => ({
    messageId: row["message_id"] as Uint8Array,
    order: Number(row["ord"]),
    timeMs: Number(row["time_ms"]),
    kind: String(row["kind"]),
    position: Number(row["position"]),
  }))
}

/** The first position behind one. */
export async function nextPlaced(reader: Reader, chatId: Uint8Array, position: number): Promise<number | undefined> {
  const [row] = await reader.read(
    "SELECT MIN(position) AS next FROM message WHERE chat_id = ? AND position > ? AND position < ?",
    chatId,
    position,
    queuedPosition,
  )
  return optionalNumber(row?.["next"])
}

/** Lines that stand for what could not be read, oldest first. */
export async function listUnread(
  reader: Reader,
  max: number,
): Promise<readonly { readonly groupId: Uint8Array; readonly order: number; readonly timeMs: number }[]> {
  const rows = await reader.read(
    "SELECT group_id, ord, time_ms FROM message WHERE kind = 'waiting' AND ord IS NOT NULL ORDER BY group_id, ord LIMIT ?",
    max,
  )
  return rows.map((row) => ({ groupId: row["group_id"] as Uint8Array, order: Number(row["ord"]), timeMs: Number(row["time_ms"]) }))
}

/** What was read of a group's log, below an order. */
export async function lastReadBefore(reader: Reader, groupId: Uint8Array, order: number): Promise<number> {
  const [row] = await reader.read(
    "SELECT MAX(ord) AS last FROM message WHERE group_id = ? AND ord < ? AND kind IN ('content', 'deleted', 'event')",
    groupId,
    order,
  )
  return Number(row?.["last"] ?? 0)
}
