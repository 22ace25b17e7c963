// Seats: the place of each leaf in the log of its group (table `seat`), and the secrets of this device's own (table `own_seat`).

import { equal } from "@nodoor/bytes"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalBytes, optionalNumber } from "../reader.ts"

export interface Seat {
  readonly leafIndex: number
  /** 16 bytes. */
  readonly seat: Uint8Array
  /** Ed25519: signs the leaf's commits. */
  readonly publicKey: Uint8Array
  /** Whether the leaf's device drew the key. Until it did, who added it has the key too. */
  readonly own: boolean
}

/** A seat with who gave it: known of leaves that were added while this device was there. */
export interface KeptSeat extends Seat {
  readonly adderAccount: Uint8Array | undefined
  readonly adderDevice: Uint8Array | undefined
  /** Beginning of the hour in which the leaf was added. */
  readonly addedMs: number | undefined
}

/** Who added leaves, and when. */
export interface Adding {
  readonly adderAccount: Uint8Array
  readonly adderDevice: Uint8Array
  readonly addedMs: number
}

export interface OwnSeat {
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  /** What the delivery service knows the seat by, 32 bytes. */
  readonly secret: Uint8Array
  /** This device's own, drawn with its first path: the service gets to know it once the commit with that path is taken in. */
  readonly nextSecret: Uint8Array | undefined
  /** Of the last re-keying that the service took; 0 for what the adder made. */
  readonly n: number
  /** What the service may know the seat by instead: the seat may have been re-keyed after this store was copied. */
  readonly otherSecret?: Uint8Array | undefined
}

/** In the order of the leaves. */
export async function listSeats(reader: Reader, groupId: Uint8Array): Promise<readonly KeptSeat[]> {
  const rows = await reader.read("SELECT * FROM seat WHERE group_id = ? ORDER BY leaf_index", groupId)
  return rows.map(seatFromRow)
}

/** The leaf whose place the seat is. */
export async function findSeatLeaf(reader: Reader, groupId: Uint8Array, seat: Uint8Array): Promise<number | undefined> {
  const [row] = await reader.read("SELECT leaf_index FROM seat WHERE group_id = ? AND seat = ?", groupId, seat)
  return row && Number(row["leaf_index"])
}

/** Makes the table what the group has now. `adding`: of the leaves whose seats are new. */
export function replaceSeats(
  tx: Transaction,
  groupId: Uint8Array,
  { before, after, adding }: { readonly before: readonly Seat[]; readonly after: readonly Seat[]; readonly adding?: Adding | undefined },
): void {
  const known = new Map(before.map((seat) => [seat.leafIndex, seat]))
  const kept = new Set(after.map(({ leafIndex }) => leafIndex))
  for (const { leafIndex } of before)
    if (!kept.has(leafIndex)) tx.write("DELETE FROM seat WHERE group_id = ? AND leaf_index = ?", groupId, leafIndex)
  for (const seat of after) {
    const was = known.get(seat.leafIndex)
    if (was && equal(was.seat, seat.seat)) {
      if (was.own !== seat.own || !equal(was.publicKey, seat.publicKey)) setSeatKey(tx, groupId, seat)
    } else
      insertSeat(tx, groupId, { ...seat, adderAccount: adding?.adderAccount, adderDevice: adding?.adderDevice, addedMs: adding?.addedMs })
  }
}

export function insertSeat(tx: Transaction, groupId: Uint8Array, seat: KeptSeat): void {
  tx.write(
    `INSERT OR REPLACE INTO seat (group_id, leaf_index, seat, public_key, own, adder_account, adder_device, added_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    groupId,
    seat.leafIndex,
    seat.seat,
    seat.publicKey,
    seat.own ? 1 : 0,
    seat.adderAccount ?? null,
    seat.adderDevice ?? null,
    seat.addedMs ?? null,
  )
}

function setSeatKey(tx: Transaction, groupId: Uint8Array, { leafIndex, publicKey, own }: Seat): void {
  tx.write("UPDATE seat SET public_key = ?, own = ? WHERE group_id = ? AND leaf_index = ?", publicKey, own ? 1 : 0, groupId, leafIndex)
}

export function deleteSeats(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM seat WHERE group_id = ?", groupId)
}

export async function findOwnSeat(reader: Reader, groupId: Uint8Array): Promise<OwnSeat | undefined> {
  const [row] = await reader.read("SELECT * FROM own_seat WHERE group_id = ?", groupId)
  return row && ownSeatFromRow(row)
}

/** In every group that the server knows, with whether the group knows this device's own key there. Those of the newest chats come first. */
export async function listSeatsInUse(reader: Reader): Promise<readonly (OwnSeat & Pick<Seat, "own">)[]> {
  const rows = await reader.read(
    `SELECT o.*, s.own FROM own_seat o JOIN seat s ON s.group_id = o.group_id AND s.seat = o.seat
       LEFT JOIN mls_group g ON g.group_id = o.group_id LEFT JOIN chat c ON c.chat_id = g.chat_id
     WHERE NOT EXISTS (SELECT 1 FROM outbox b WHERE b.group_id = o.group_id AND b.kind = 'create')
     ORDER BY c.activity_ms IS NULL DESC, c.activity_ms DESC`,
  )
  return rows.map((row) => ({ ...ownSeatFromRow(row), own: row["own"] === 1 }))
}

/** The seat as this device got or made it. Replaces an earlier one in the group. */
export function insertOwnSeat(
  tx: Transaction,
  { groupId, seat, secret, otherSecret }: Pick<OwnSeat, "groupId" | "seat" | "secret"> & Partial<Pick<OwnSeat, "otherSecret">>,
): void {
  tx.write(
    "INSERT OR REPLACE INTO own_seat (group_id, seat, secret, next_secret, n, other_secret) VALUES (?, ?, ?, NULL, 0, ?)",
    groupId,
    seat,
    secret,
    otherSecret ?? null,
  )
}

/** The service does not know the seat by the secret that was tried: the other one is tried next. */
export function swapSeatSecrets(tx: Transaction, groupId: Uint8Array, otherSecret: Uint8Array): void {
  tx.write("UPDATE own_seat SET secret = ?, other_secret = secret, n = 1 - MIN(n, 1) WHERE group_id = ?", otherSecret, groupId)
}

/** Drawn before anything with it is sent. */
export function setNextSeatSecret(tx: Transaction, groupId: Uint8Array, nextSecret: Uint8Array): void {
  tx.write("UPDATE own_seat SET next_secret = ? WHERE group_id = ?", nextSecret, groupId)
}

/** The delivery service knows the seat by its next secret now. */
export function setSeatRekeyed(tx: Transaction, { groupId, seat, n }: Pick<OwnSeat, "groupId" | "seat" | "n">): void {
  tx.write(
    "UPDATE own_seat SET secret = next_secret, next_secret = NULL, n = ? WHERE group_id = ? AND seat = ? AND next_secret IS NOT NULL",
    n,
    groupId,
    seat,
  )
}

export function deleteOwnSeat(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM own_seat WHERE group_id = ?", groupId)
}

function seatFromRow(row: Row): KeptSeat {
  return {
    leafIndex: Number(row["leaf_index"]),
    seat: row["seat"] as Uint8Array,
    publicKey: row["public_key"] as Uint8Array,
    own: row["own"] === 1,
    adderAccount: optionalBytes(row["adder_account"]),
    adderDevice: optionalBytes(row["adder_device"]),
    addedMs: optionalNumber(row["added_ms"]),
  }
}

function ownSeatFromRow(row: Row): OwnSeat {
  return {
    groupId: row["group_id"] as Uint8Array,
    seat: row["seat"] as Uint8Array,
    secret: row["secret"] as Uint8Array,
    nextSecret: optionalBytes(row["next_secret"]),
    n: Number(row["n"]),
    otherSecret: optionalBytes(row["other_secret"]),
  }
}
