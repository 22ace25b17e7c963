// MLS groups as this device stands in them: table `mls_group`.

import { type Policy, decodePolicy, encodePolicy } from "../../core/policy.ts"
import { type Predecessor, decodePredecessors, encodePredecessors } from "./predecessor.ts"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface GroupRow {
  readonly groupId: Uint8Array
  readonly chatId: Uint8Array
  /**
   * `leaving`: our leave is on its way; nothing else is sent. `succeeded`: a commit broke it, and the chat goes on in another group; what is
   * written until this device is there waits for it.
   */
  readonly status: "active" | "leaving" | "left" | "halted" | "succeeded"
  readonly epoch: number
  readonly policy: Policy
  readonly lastOrder: number
  readonly joinedOrder: number
  readonly joinedEpoch: number
  readonly proposals: number
  readonly profileDue: ProfileDue
  /** When this device last brought new keys into the group, what it encrypted since, and since when it should again. */
  readonly pathMs: number | undefined
  readonly pathMessages: number
  readonly pathDueMs: number | undefined
  /** The groups that it goes on from, oldest first. */
  readonly predecessors: readonly Predecessor[]
}

/** Whether what is written there goes to the others, now or in the group that follows. */
export function isOpen({ status }: Pick<GroupRow, "status">): boolean {
  return status === "active" || status === "succeeded"
}

/** Whether the group is to get our profile: 0 it has it, 1 with the next message, 2 as soon as possible. */
export type ProfileDue = 0 | 1 | 2

export async function findGroup(reader: Reader, groupId: Uint8Array): Promise<GroupRow | undefined> {
  const [row] = await reader.read("SELECT * FROM mls_group WHERE group_id = ?", groupId)
  return row && groupFromRow(row)
}

/** Groups in which this device may be seen: no request that was not accepted, nobody who is blocked. */
export async function listGroupsToRenew(reader: Reader): Promise<readonly GroupRow[]> {
  const rows = await reader.read(
    `SELECT g.* FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id LEFT JOIN contact p ON p.account_id = c.peer
     WHERE g.status = 'active' AND g.epoch > 0 AND c.state = 'active' AND COALESCE(p.blocked, 0) = 0`,
  )
  return rows.map(groupFromRow)
}

export async function listActiveGroups(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT group_id FROM mls_group WHERE status = 'active'")).map((row) => row["group_id"] as Uint8Array)
}

/** Groups of the chats of two with this person. */
export async function listGroupsWith(reader: Reader, peer: Uint8Array): Promise<readonly Uint8Array[]> {
  const rows = await reader.read("SELECT g.group_id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.peer = ?", peer)
  return rows.map((row) => row["group_id"] as Uint8Array)
}

/** A group that goes on from this one, which the device may never have been in. */
export async function findGroupAfter(reader: Reader, groupId: Uint8Array): Promise<GroupRow | undefined> {
  const sql = "SELECT * FROM mls_group WHERE predecessors IS NOT NULL AND instr(predecessors, ?) > 0 ORDER BY group_id LIMIT 1"
  const [row] = await reader.read(sql, groupId)
  return row && groupFromRow(row)
}

/** The groups that a chat has gone through. */
export async function listGroupsOfChat(reader: Reader, chatId: Uint8Array): Promise<readonly GroupRow[]> {
  return (await reader.read("SELECT * FROM mls_group WHERE chat_id = ? ORDER BY group_id", chatId)).map(groupFromRow)
}

/** Groups with proposals that wait for a commit. */
export async function listProposedGroups(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT group_id FROM mls_group WHERE proposals > 0")).map((row) => row["group_id"] as Uint8Array)
}

/** The group as it begins for this device, when it made it or was let in. Replaces an earlier time in the same group. */
export function insertGroup(
  tx: Transaction,
  group: Pick<GroupRow, "groupId" | "chatId" | "epoch" | "policy" | "profileDue"> &
    Partial<Pick<GroupRow, "predecessors">> & { readonly order: number },
): void {
  tx.write(
    `INSERT OR REPLACE INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due, predecessors)
     VALUES (?, ?, 'active', ?, ?, ?, ?, ?, 0, ?, ?)`,
    group.groupId,
    group.chatId,
    group.epoch,
    encodePolicy(group.policy),
    group.order,
    group.order,
    group.epoch,
    group.profileDue,
    group.predecessors && group.predecessors.length > 0 ? encodePredecessors(group.predecessors) : null,
  )
}

export function setGroupStatus(tx: Transaction, groupId: Uint8Array, status: GroupRow["status"]): void {
  tx.write("UPDATE mls_group SET status = ? WHERE group_id = ?", status, groupId)
}

export function setGroupOrder(tx: Transaction, groupId: Uint8Array, lastOrder: number): void {
  tx.write("UPDATE mls_group SET last_order = ? WHERE group_id = ?", lastOrder, groupId)
}

/** A commit was applied. Proposals of the old epoch are over. */
export function beginEpoch(tx: Transaction, groupId: Uint8Array, { epoch, policy }: Pick<GroupRow, "epoch" | "policy">): void {
  tx.write("UPDATE mls_group SET epoch = ?, policy = ?, proposals = 0 WHERE group_id = ?", epoch, encodePolicy(policy), groupId)
}

export function addProposal(tx: Transaction, groupId: Uint8Array): void {
  tx.write("UPDATE mls_group SET proposals = proposals + 1 WHERE group_id = ?", groupId)
}

export function forgetProposals(tx: Transaction, groupId: Uint8Array): void {
  tx.write("UPDATE mls_group SET proposals = 0 WHERE group_id = ?", groupId)
}

export function setProfileDue(tx: Transaction, groupId: Uint8Array, due: ProfileDue): void {
  tx.write("UPDATE mls_group SET profile_due = ? WHERE group_id = ?", due, groupId)
}

export function setProfileDueInChat(tx: Transaction, chatId: Uint8Array, due: ProfileDue): void {
  tx.write("UPDATE mls_group SET profile_due = ? WHERE chat_id = ?", due, chatId)
}

/** Never lowers what is due. */
export function raiseProfileDue(tx: Transaction, groupId: Uint8Array, due: ProfileDue): void {
  tx.write("UPDATE mls_group SET profile_due = MAX(profile_due, ?) WHERE group_id = ?", due, groupId)
}

/** So many messages were encrypted with the present keys of this device. */
export function countEncrypted(tx: Transaction, groupId: Uint8Array, messages: number): void {
  tx.write("UPDATE mls_group SET path_messages = path_messages + ? WHERE group_id = ?", messages, groupId)
}

/** A commit with new keys of this device was taken in. */
export function setRenewed(tx: Transaction, groupId: Uint8Array, atMs: number): void {
  tx.write("UPDATE mls_group SET path_ms = ?, path_messages = 0, path_due_ms = NULL WHERE group_id = ?", atMs, groupId)
}

export function setRenewalDue(tx: Transaction, groupId: Uint8Array, sinceMs: number): void {
  tx.write("UPDATE mls_group SET path_due_ms = ? WHERE group_id = ?", sinceMs, groupId)
}

export function groupFromRow(row: Row): GroupRow {
  return {
    groupId: row["group_id"] as Uint8Array,
    chatId: row["chat_id"] as Uint8Array,
    status: row["status"] as GroupRow["status"],
    epoch: Number(row["epoch"]),
    policy: decodePolicy(row["policy"] as Uint8Array),
    lastOrder: Number(row["last_order"]),
    joinedOrder: Number(row["joined_order"]),
    joinedEpoch: Number(row["joined_epoch"]),
    proposals: Number(row["proposals"]),
    profileDue: Number(row["profile_due"]) as ProfileDue,
    pathMs: optionalNumber(row["path_ms"]),
    pathMessages: Number(row["path_messages"] ?? 0),
    pathDueMs: optionalNumber(row["path_due_ms"]),
    predecessors: row["predecessors"] instanceof Uint8Array ? decodePredecessors(row["predecessors"]) : [],
  }
}
