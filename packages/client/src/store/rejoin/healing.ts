// Groups in which this device cannot go on, and what it asked of the others: tables `healing`, `rejoin` and `healed`.

import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { insertOwnSeat } from "../group/seats.ts"
import { type Reader, optionalNumber } from "../reader.ts"

/**
 * Why it cannot go on. `commit`: it could not follow one, nobody else is to blame. `message`: keys of messages are lost. `gap`: the server no longer
 * has what came. `copy`: the store is an older copy of the device's. `restored`: an archive knows the chat, and no device was in it.
 */
export type HealingReason = "commit" | "message" | "gap" | "copy" | "restored"

export interface Healing {
  readonly groupId: Uint8Array
  readonly reason: HealingReason
  readonly sinceMs: number
  /** Beginning of the hour of the newest record before it. */
  readonly fromMs: number
  /** Its order; undefined in a group that only an archive knows. */
  readonly fromOrder: number | undefined
  /** Nothing more comes at the seat that asked, since when. */
  readonly seatOver: boolean
  readonly overMs: number | undefined
}

export async function findHealing(reader: Reader, groupId: Uint8Array): Promise<Healing | undefined> {
  const [row] = await reader.read("SELECT * FROM healing WHERE group_id = ?", groupId)
  return row && healingFromRow(row)
}

export async function listHealing(reader: Reader): Promise<readonly Healing[]> {
  return (await reader.read("SELECT * FROM healing")).map(healingFromRow)
}

/** The first reason stays. */
export function insertHealing(
  tx: Transaction,
  { groupId, reason, sinceMs, fromMs, fromOrder }: Omit<Healing, "seatOver" | "overMs">,
): void {
  tx.write(
    "INSERT OR IGNORE INTO healing (group_id, reason, since_ms, from_ms, from_ord) VALUES (?, ?, ?, ?, ?)",
    groupId,
    reason,
    sinceMs,
    fromMs,
    fromOrder ?? null,
  )
}

/** `sinceMs`: undefined when the server knows it after all. */
export function setSeatOver(tx: Transaction, groupId: Uint8Array, sinceMs: number | undefined): void {
  tx.write("UPDATE healing SET over_ms = ? WHERE group_id = ?", sinceMs ?? null, groupId)
}

/** What was asked reached nobody. */
export function deleteOwnRejoins(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM rejoin WHERE group_id = ?", groupId)
}

/** Let in again, or out of the group for good. */
export function endHealing(tx: Transaction, groupId: Uint8Array): void {
  for (const table of ["healing", "rejoin"]) tx.write(`DELETE FROM ${table} WHERE group_id = ?`, groupId)
}

/**
 * The answer was no good, but the place is the one that this device drew: from there it asks again, after the pause that lies between two answers.
 */
export function askFromDrawnSeat(
  tx: Transaction,
  { groupId, seat, secret }: Pick<OwnRejoin, "groupId" | "seat" | "secret">,
  atMs: number,
): void {
  insertOwnSeat(tx, { groupId, seat, secret })
  deleteOwnRejoins(tx, groupId)
  setSeatOver(tx, groupId, undefined)
  noteHealed(tx, groupId, atMs)
}

export function noteHealed(tx: Transaction, groupId: Uint8Array, atMs: number): void {
  tx.write("INSERT OR REPLACE INTO healed (group_id, at_ms) VALUES (?, ?)", groupId, atMs)
}

export async function lastHealedMs(reader: Reader, groupId: Uint8Array): Promise<number | undefined> {
  const [row] = await reader.read("SELECT at_ms FROM healed WHERE group_id = ?", groupId)
  return row && Number(row["at_ms"])
}

/** A request of this device, with the seat that it drew for itself. */
export interface OwnRejoin {
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  readonly secret: Uint8Array
  /** Of the KeyPackage. */
  readonly ref: Uint8Array
  readonly askedSeat: Uint8Array
  readonly askedSecret: Uint8Array
  readonly request: Uint8Array
  readonly madeMs: number
}

export function insertRejoin(tx: Transaction, rejoin: OwnRejoin): void {
  tx.write(
    "INSERT INTO rejoin (group_id, seat, secret, ref, asked_seat, asked_secret, request, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    rejoin.groupId,
    rejoin.seat,
    rejoin.secret,
    rejoin.ref,
    rejoin.askedSeat,
    rejoin.askedSecret,
    rejoin.request,
    rejoin.madeMs,
  )
}

export async function findRejoin(reader: Reader, { groupId, seat }: Pick<OwnRejoin, "groupId" | "seat">): Promise<OwnRejoin | undefined> {
  const [row] = await reader.read("SELECT * FROM rejoin WHERE group_id = ? AND seat = ?", groupId, seat)
  return row && rejoinFromRow(row)
}

/** Newest first. */
export async function listRejoins(reader: Reader, groupId?: Uint8Array): Promise<readonly OwnRejoin[]> {
  const rows =
    groupId === undefined
      ? await reader.read("SELECT * FROM rejoin ORDER BY made_ms DESC")
      : await reader.read("SELECT * FROM rejoin WHERE group_id = ? ORDER BY made_ms DESC", groupId)
  return rows.map(rejoinFromRow)
}

function healingFromRow(row: Row): Healing {
  return {
    groupId: row["group_id"] as Uint8Array,
    reason: row["reason"] as HealingReason,
    sinceMs: Number(row["since_ms"]),
    fromMs: Number(row["from_ms"]),
    fromOrder: optionalNumber(row["from_ord"]),
    seatOver: row["over_ms"] !== null,
    overMs: optionalNumber(row["over_ms"]),
  }
}

function rejoinFromRow(row: Row): OwnRejoin {
  return {
    groupId: row["group_id"] as Uint8Array,
    seat: row["seat"] as Uint8Array,
    secret: row["secret"] as Uint8Array,
    ref: row["ref"] as Uint8Array,
    askedSeat: row["asked_seat"] as Uint8Array,
    askedSecret: row["asked_secret"] as Uint8Array,
    request: row["request"] as Uint8Array,
    madeMs: Number(row["made_ms"]),
  }
}
