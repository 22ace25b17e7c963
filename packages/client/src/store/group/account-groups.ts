// Groups and chats by the accounts that are in them: queries over tables `member`, `mls_group` and `chat`.

import type { AccountId, DeviceId } from "@nodoor/keylog"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface GroupLeaf {
  readonly groupId: Uint8Array
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** Every leaf of every active group. */
export async function listActiveLeaves(reader: Reader): Promise<readonly GroupLeaf[]> {
  const rows = await reader.read(
    "SELECT m.group_id, m.account_id, m.device_id FROM member m JOIN mls_group g ON g.group_id = m.group_id WHERE g.status = 'active'",
  )
  return rows.map((row) => ({
    groupId: row["group_id"] as Uint8Array,
    accountId: row["account_id"] as AccountId,
    deviceId: row["device_id"] as DeviceId,
  }))
}

export interface GroupOfAccount {
  readonly chatId: Uint8Array
  readonly groupId: Uint8Array
  readonly lastOrder: number
  readonly isDm: boolean
}

/** Groups that hold the account, and chats of two with it. */
export async function listGroupsOf(reader: Reader, accountId: Uint8Array): Promise<readonly GroupOfAccount[]> {
  const rows = await reader.read(
    `SELECT g.chat_id, g.group_id, g.last_order, c.kind FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id
     WHERE EXISTS (SELECT 1 FROM member m WHERE m.group_id = g.group_id AND m.account_id = ?) OR (c.peer = ? AND c.group_id = g.group_id)`,
    accountId,
    accountId,
  )
  return rows.map((row) => ({
    chatId: row["chat_id"] as Uint8Array,
    groupId: row["group_id"] as Uint8Array,
    lastOrder: Number(row["last_order"]),
    isDm: row["kind"] === "dm",
  }))
}

/** Chats of the groups that hold the account. */
export async function listChatsOf(reader: Reader, accountId: Uint8Array): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(
    "SELECT DISTINCT g.chat_id FROM member m JOIN mls_group g ON g.group_id = m.group_id WHERE m.account_id = ?",
    accountId,
  )
  return rows.map(chatIdOf)
}

export async function listAllChats(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT chat_id FROM chat")).map(chatIdOf)
}

/** Every group, whatever its status. */
export async function listAllGroups(reader: Reader): Promise<readonly Pick<GroupOfAccount, "groupId" | "chatId">[]> {
  const rows = await reader.read("SELECT group_id, chat_id FROM mls_group")
  return rows.map((row) => ({ groupId: row["group_id"] as Uint8Array, chatId: chatIdOf(row) }))
}

/** Active chats of two in whose group nobody else is left, unless the other person is blocked. */
export async function listDeserted(
  reader: Reader,
  ownAccountId: Uint8Array,
): Promise<readonly { readonly groupId: Uint8Array; readonly peer: AccountId }[]> {
  const rows = await reader.read(
    `SELECT g.group_id, c.peer FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id AND c.group_id = g.group_id
     WHERE g.status = 'active' AND c.kind = 'dm' AND c.state = 'active' AND g.epoch > 0
       AND NOT EXISTS (SELECT 1 FROM contact p WHERE p.account_id = c.peer AND p.blocked = 1)
       AND NOT EXISTS (SELECT 1 FROM member m WHERE m.group_id = g.group_id AND m.account_id != ?)`,
    ownAccountId,
  )
  return rows.map((row) => ({ groupId: row["group_id"] as Uint8Array, peer: row["peer"] as AccountId }))
}

function chatIdOf(row: Row): Uint8Array {
  return row["chat_id"] as Uint8Array
}

/** Groups in which something waits to be sent. */
export async function listGroupsWithItems(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT DISTINCT group_id FROM outbox")).map((row) => row["group_id"] as Uint8Array)
}

/** For a chat in which nobody can be reached. */
export function closeChat(tx: Transaction, chatId: Uint8Array): void {
  tx.write("UPDATE chat SET state = 'left' WHERE chat_id = ? AND state IN ('active', 'request')", chatId)
}

/** Whether this device is, or was until it broke, in a group of many with the account. */
export async function sharesGroup(reader: Reader, accountId: Uint8Array): Promise<boolean> {
  const rows = await reader.read(
    `SELECT 1 AS one FROM member m JOIN mls_group g ON g.group_id = m.group_id JOIN chat c ON c.chat_id = g.chat_id
     WHERE m.account_id = ? AND c.kind = 'group' AND g.status IN ('active', 'succeeded') LIMIT 1`,
    accountId,
  )
  return rows.length > 0
}
