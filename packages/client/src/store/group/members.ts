// The leaves of each group's tree, by account and device: table `member`.

import { toHex } from "@nodoor/bytes"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface MemberLeaf {
  readonly leafIndex: number
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** Replaces whatever was known of the group. */
export function replaceMembers(tx: Transaction, groupId: Uint8Array, leaves: readonly MemberLeaf[]): void {
  tx.write("DELETE FROM member WHERE group_id = ?", groupId)
  for (const leaf of leaves) insertMember(tx, groupId, leaf)
}

/** Removals first: a new leaf may take the place of one that goes. */
export function changeMembers(
  tx: Transaction,
  groupId: Uint8Array,
  { added, removed }: { readonly added: readonly MemberLeaf[]; readonly removed: readonly Pick<MemberLeaf, "leafIndex">[] },
): void {
  for (const { leafIndex } of removed) tx.write("DELETE FROM member WHERE group_id = ? AND leaf_index = ?", groupId, leafIndex)
  for (const leaf of added) insertMember(tx, groupId, leaf)
}

function insertMember(tx: Transaction, groupId: Uint8Array, { leafIndex, accountId, deviceId }: MemberLeaf): void {
  tx.write(
    "INSERT OR REPLACE INTO member (group_id, leaf_index, account_id, device_id) VALUES (?, ?, ?, ?)",
    groupId,
    leafIndex,
    accountId,
    deviceId,
  )
}

/** Whether the group holds anybody else's account. */
export async function hasOthers(reader: Reader, groupId: Uint8Array, ownAccountId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM member WHERE group_id = ? AND account_id != ? LIMIT 1", groupId, ownAccountId)).length > 0
}

export async function isDeviceIn(reader: Reader, groupId: Uint8Array, deviceId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM member WHERE group_id = ? AND device_id = ? LIMIT 1", groupId, deviceId)).length > 0
}

export async function listDevicesIn(reader: Reader, groupId: Uint8Array, accountId: Uint8Array): Promise<readonly Uint8Array[]> {
  const rows = await reader.read("SELECT device_id FROM member WHERE group_id = ? AND account_id = ?", groupId, accountId)
  return rows.map((row) => row["device_id"] as Uint8Array)
}

/** The leaves of an account, the lowest first. */
export async function listLeavesOf(reader: Reader, groupId: Uint8Array, accountId: Uint8Array): Promise<readonly MemberLeaf[]> {
  const sql = "SELECT * FROM member WHERE group_id = ? AND account_id = ? ORDER BY leaf_index"
  return (await reader.read(sql, groupId, accountId)).map(memberFromRow)
}

export async function accountsOf(reader: Reader, groupId: Uint8Array): Promise<ReadonlyMap<string, AccountId>> {
  const rows = await reader.read("SELECT DISTINCT account_id FROM member WHERE group_id = ?", groupId)
  return new Map(rows.map((row) => [toHex(row["account_id"] as Uint8Array), row["account_id"] as AccountId]))
}

export async function countLeaves(reader: Reader, groupId: Uint8Array): Promise<number> {
  const [row] = await reader.read("SELECT COUNT(*) AS n FROM member WHERE group_id = ?", groupId)
  return Number(row?.["n"] ?? 0)
}

/** Who is at this leaf. */
export async function findMember(reader: Reader, groupId: Uint8Array, leafIndex: number): Promise<MemberLeaf | undefined> {
  const [row] = await reader.read("SELECT * FROM member WHERE group_id = ? AND leaf_index = ?", groupId, leafIndex)
  return row && memberFromRow(row)
}

export async function listLeaves(reader: Reader, groupId: Uint8Array): Promise<readonly MemberLeaf[]> {
  return (await reader.read("SELECT * FROM member WHERE group_id = ? ORDER BY leaf_index", groupId)).map(memberFromRow)
}

/** The lowest leaf but this one. */
export async function lowestLeaf(reader: Reader, groupId: Uint8Array, but: number): Promise<MemberLeaf | undefined> {
  const [row] = await reader.read("SELECT * FROM member WHERE group_id = ? AND leaf_index != ? ORDER BY leaf_index LIMIT 1", groupId, but)
  return row && memberFromRow(row)
}

function memberFromRow(row: Row): MemberLeaf {
  return { leafIndex: Number(row["leaf_index"]), accountId: row["account_id"] as AccountId, deviceId: row["device_id"] as DeviceId }
}

/** The account that made the group: it has the first leaf (RFC 9420 §11). */
export async function openerOf(reader: Reader, groupId: Uint8Array): Promise<Uint8Array | undefined> {
  const [row] = await reader.read("SELECT account_id FROM member WHERE group_id = ? AND leaf_index = 0", groupId)
  return row?.["account_id"] as Uint8Array | undefined
}
