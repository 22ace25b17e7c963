// Introductions: those of this device's commits, until their devices have taken their seats (table `introduction`), and those that this device
// got, until it has joined (table `pending_join`).

import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalBytes, optionalNumber } from "../reader.ts"

/** Where a sealed introduction goes: to an address of the account service, or as content of a group that the device is in already. */
export type IntroductionRoute =
  | { readonly address: Uint8Array; readonly viaGroup?: undefined }
  | { readonly address?: undefined; readonly viaGroup: Uint8Array }

export type NewIntroduction = IntroductionRoute & {
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
  readonly seat: Uint8Array
  readonly sealed: Uint8Array
}

export interface DueIntroduction {
  readonly id: number
  readonly groupId: Uint8Array
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
  readonly address: Uint8Array | undefined
  readonly viaGroup: Uint8Array | undefined
  readonly sealed: Uint8Array
  /** How often the account service took it. */
  readonly sent: number
}

/** Stored with the prepared commit. Nothing of it is sent before the commit is taken in. */
export function insertIntroduction(
  tx: Transaction,
  { groupId, commitHash }: { readonly groupId: Uint8Array; readonly commitHash: Uint8Array },
  { accountId, deviceId, seat, address, viaGroup, sealed }: NewIntroduction,
): void {
  tx.write(
    "INSERT INTO introduction (group_id, commit_hash, account_id, device_id, seat, address, via_group, sealed, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
    groupId,
    commitHash,
    accountId,
    deviceId,
    seat,
    address ?? null,
    viaGroup ?? null,
    sealed,
  )
}

/** The commit was taken in: from now on its introductions are sent. */
export function releaseIntroductions(tx: Transaction, groupId: Uint8Array, commitHash: Uint8Array): void {
  tx.write("UPDATE introduction SET due = 1 WHERE group_id = ? AND commit_hash = ?", groupId, commitHash)
}

/** Drops those of commits that lost, or were built again. Call it after the last write that may have ended one. */
export function dropIntroductions(tx: Transaction, groupId: Uint8Array): void {
  tx.write(
    `DELETE FROM introduction WHERE group_id = ? AND due = 0
       AND NOT EXISTS (SELECT 1 FROM own_body b WHERE b.group_id = introduction.group_id AND b.body_hash = introduction.commit_hash)`,
    groupId,
  )
}

/** Oldest first. `kind`: those for the account service, or those that go through a group. */
export async function listDueIntroductions(
  reader: Reader,
  { kind, nowMs, max }: { readonly kind: "address" | "group"; readonly nowMs: number; readonly max: number },
): Promise<readonly DueIntroduction[]> {
  const rows = await reader.read(
    `SELECT * FROM introduction WHERE due = 1 AND next_ms <= ? AND ${kind === "address" ? "address" : "via_group"} IS NOT NULL ORDER BY id LIMIT ?`,
    nowMs,
    max,
  )
  return rows.map((row) => ({
    id: Number(row["id"]),
    groupId: row["group_id"] as Uint8Array,
    accountId: row["account_id"] as Uint8Array,
    deviceId: row["device_id"] as Uint8Array,
    address: optionalBytes(row["address"]),
    viaGroup: optionalBytes(row["via_group"]),
    sealed: row["sealed"] as Uint8Array,
    sent: Number(row["sent"]),
  }))
}

/** The account service took it, and holds it until it is started anew or the device has it. */
export function introductionSent(tx: Transaction, id: number, { nextMs }: { readonly nextMs: number }): void {
  tx.write("UPDATE introduction SET sent = sent + 1, next_ms = ? WHERE id = ?", nextMs, id)
}

/** The account service has forgotten all of them. */
export function introductionsForgotten(tx: Transaction): void {
  tx.write("UPDATE introduction SET next_ms = 0 WHERE due = 1 AND sent > 0")
}

/** When the next one that was sent before is due; undefined if none is. */
export async function nextIntroductionMs(reader: Reader): Promise<number | undefined> {
  const [row] = await reader.read("SELECT MIN(next_ms) AS next_ms FROM introduction WHERE due = 1 AND sent > 0")
  return optionalNumber(row?.["next_ms"])
}

/** Those whose device has taken its seat, whose seat is no more, or whose seat was given before `givenBeforeMs`. */
export function deleteIntroductionsDone(tx: Transaction, { givenBeforeMs }: { readonly givenBeforeMs: number }): void {
  tx.write(
    `DELETE FROM introduction WHERE due = 1 AND sent > 0 AND NOT EXISTS (SELECT 1 FROM seat s
       WHERE s.group_id = introduction.group_id AND s.seat = introduction.seat AND s.own = 0 AND s.added_ms >= ?)`,
    givenBeforeMs,
  )
}

export function deleteIntroduction(tx: Transaction, id: number): void {
  tx.write("DELETE FROM introduction WHERE id = ?", id)
}

/** An introduction that was opened and checked. The group's log holds the rest. */
export interface PendingJoin {
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  /** Of the seat, as its adder made it. */
  readonly secret: Uint8Array
  /** Of the KeyPackage. */
  readonly ref: Uint8Array
  /** EncryptedGroupSecrets (RFC 9420 §12.4.3.1). */
  readonly secrets: Uint8Array
  readonly adderAccount: Uint8Array
  readonly adderDevice: Uint8Array
  readonly arrivedMs: number
}

/** The same seat once: a repetition changes nothing. */
export function insertPendingJoin(tx: Transaction, join: PendingJoin): void {
  tx.write(
    `INSERT OR IGNORE INTO pending_join (group_id, seat, secret, ref, secrets, adder_account, adder_device, arrived_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    join.groupId,
    join.seat,
    join.secret,
    join.ref,
    join.secrets,
    join.adderAccount,
    join.adderDevice,
    join.arrivedMs,
  )
}

export async function findPendingJoin(
  reader: Reader,
  { groupId, seat }: Pick<PendingJoin, "groupId" | "seat">,
): Promise<PendingJoin | undefined> {
  const [row] = await reader.read("SELECT * FROM pending_join WHERE group_id = ? AND seat = ?", groupId, seat)
  return row && pendingFromRow(row)
}

export async function listPendingJoins(reader: Reader): Promise<readonly PendingJoin[]> {
  return (await reader.read("SELECT * FROM pending_join")).map(pendingFromRow)
}

export async function countPendingJoins(reader: Reader): Promise<number> {
  const [row] = await reader.read("SELECT COUNT(*) AS n FROM pending_join")
  return Number(row?.["n"] ?? 0)
}

/** Joined or dropped. */
export function deletePendingJoin(tx: Transaction, { groupId, seat }: Pick<PendingJoin, "groupId" | "seat">): void {
  tx.write("DELETE FROM pending_join WHERE group_id = ? AND seat = ?", groupId, seat)
}

function pendingFromRow(row: Row): PendingJoin {
  return {
    groupId: row["group_id"] as Uint8Array,
    seat: row["seat"] as Uint8Array,
    secret: row["secret"] as Uint8Array,
    ref: row["ref"] as Uint8Array,
    secrets: row["secrets"] as Uint8Array,
    adderAccount: row["adder_account"] as Uint8Array,
    adderDevice: row["adder_device"] as Uint8Array,
    arrivedMs: Number(row["arrived_ms"]),
  }
}
