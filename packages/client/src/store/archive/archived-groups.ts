// Groups as an archive has them: tables `archived_group` and `archived_member`. A group goes from here when this device joins it.

import { encodePolicy, decodePolicy, type Policy } from "../../core/policy.ts"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalBytes, optionalNumber } from "../reader.ts"

/** What asks the members of a group to take a device of this account in again. */
export interface RejoinSecrets {
  readonly seat: Uint8Array
  /** Of the seat. */
  readonly secret: Uint8Array
  readonly epoch: number
  /** Undefined when none was kept. */
  readonly key: Uint8Array | undefined
}

export interface ArchivedGroup {
  readonly groupId: Uint8Array
  readonly chatId: Uint8Array
  readonly epoch: number
  readonly policy: Policy
  readonly rejoin: RejoinSecrets | undefined
}

export async function findArchivedGroup(reader: Reader, groupId: Uint8Array): Promise<ArchivedGroup | undefined> {
  const [row] = await reader.read("SELECT * FROM archived_group WHERE group_id = ?", groupId)
  return row && fromRow(row)
}

/** Whether the account was in the group when the archive was made. */
export async function isArchivedMember(reader: Reader, groupId: Uint8Array, accountId: Uint8Array): Promise<boolean> {
  const sql = "SELECT 1 AS one FROM archived_member WHERE group_id = ? AND account_id = ?"
  return (await reader.read(sql, groupId, accountId)).length > 0
}

export async function listArchivedMembers(reader: Reader, groupId: Uint8Array): Promise<readonly Uint8Array[]> {
  const rows = await reader.read("SELECT account_id FROM archived_member WHERE group_id = ?", groupId)
  return rows.map((row) => row["account_id"] as Uint8Array)
}

/** Groups of archives that this device has not joined. */
export async function listArchivedGroups(reader: Reader): Promise<readonly ArchivedGroup[]> {
  return (await reader.read("SELECT * FROM archived_group ORDER BY group_id")).map(fromRow)
}

/** A newer archive of the same group replaces an older one. */
export function saveArchivedGroup(tx: Transaction, group: ArchivedGroup & { readonly members: readonly Uint8Array[] }): void {
  const { groupId, chatId, epoch, policy, rejoin, members } = group
  tx.write(
    `INSERT INTO archived_group (group_id, chat_id, epoch, policy, seat, secret, rejoin_epoch, rejoin_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET epoch = excluded.epoch, policy = excluded.policy, seat = excluded.seat, secret = excluded.secret,
       rejoin_epoch = excluded.rejoin_epoch, rejoin_key = excluded.rejoin_key WHERE excluded.epoch >= epoch`,
    groupId,
    chatId,
    epoch,
    encodePolicy(policy),
    rejoin?.seat ?? null,
    rejoin?.secret ?? null,
    rejoin?.epoch ?? null,
    rejoin?.key ?? null,
  )
  for (const accountId of members)
    tx.write("INSERT OR IGNORE INTO archived_member (group_id, account_id) VALUES (?, ?)", groupId, accountId)
}

/** This device is in the group. */
export function forgetArchivedGroup(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM archived_group WHERE group_id = ?", groupId)
  tx.write("DELETE FROM archived_member WHERE group_id = ?", groupId)
}

function fromRow(row: Row): ArchivedGroup {
  const seat = optionalBytes(row["seat"])
  const secret = optionalBytes(row["secret"])
  return {
    groupId: row["group_id"] as Uint8Array,
    chatId: row["chat_id"] as Uint8Array,
    epoch: Number(row["epoch"]),
    policy: decodePolicy(row["policy"] as Uint8Array),
    rejoin: seat &&
      secret && { seat, secret, epoch: optionalNumber(row["rejoin_epoch"]) ?? Number(row["epoch"]), key: optionalBytes(row["rejoin_key"]) },
  }
}
