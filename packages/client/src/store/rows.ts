// Rows of the store as typed values.

import type { AccountId } from "@nodoor/keylog"
import type { Row, SqlValue } from "../core/ports.ts"
import { ClientError } from "../core/client-error.ts"
import { type Policy, decodePolicy } from "../group/policy.ts"

/** A turn or a database: whatever can be asked. */
export interface Reader {
  read(sql: string, ...values: SqlValue[]): Promise<readonly Row[]>
}

export type ChatKind = "dm" | "group" | "self"
export interface ChatRow {
  readonly chatId: Uint8Array
  readonly kind: ChatKind
  readonly state: "active" | "request" | "left" | "halted"
  readonly groupId: Uint8Array
  readonly peer: AccountId | undefined
  readonly hidden: boolean
  readonly readPosition: number
  /** The other person has written in the group of a dm: no other group takes its place while it lives. */
  readonly settled: boolean
}

export interface GroupRow {
  readonly groupId: Uint8Array
  readonly chatId: Uint8Array
  /** `leaving`: our leave is on its way; nothing else is sent. */
  readonly status: "active" | "leaving" | "left" | "halted"
  readonly epoch: number
  readonly policy: Policy
  readonly lastOrder: number
  readonly joinedOrder: number
  readonly joinedEpoch: number
  readonly proposals: number
  readonly profileDue: number
  /** When this device last brought new keys into the group, what it encrypted since, and since when it should again. */
  readonly pathMs: number | undefined
  readonly pathMessages: number
  readonly pathDueMs: number | undefined
}

export interface ContactRow {
  readonly accountId: AccountId
  /** Proven by the log, or undefined. */
  readonly handle: string | undefined
  /** Tells the account apart where it has no handle (`called.ts`). */
  readonly mark: string
  /** From the contact's encrypted profile; '' until it arrived. */
  readonly name: string
  readonly accepted: boolean
  readonly blocked: boolean
  readonly firstResets: number
  readonly verifiedMs: number | undefined
  readonly verifiedResets: number | undefined
  readonly changeMs: number | undefined
  readonly changeKind: "reset" | "changed" | undefined
}

export async function findChat(reader: Reader, chatId: Uint8Array): Promise<ChatRow | undefined> {
  const [row] = await reader.read("SELECT * FROM chat WHERE chat_id = ?", chatId)
  return row && chatFromRow(row)
}

/** @throws ClientError `not_found` */
export async function readChat(reader: Reader, chatId: Uint8Array): Promise<ChatRow> {
  const chat = await findChat(reader, chatId)
  if (!chat) throw new ClientError("not_found", "There is no such chat on this device.")
  return chat
}

export async function findDm(reader: Reader, peer: Uint8Array): Promise<ChatRow | undefined> {
  const [row] = await reader.read("SELECT * FROM chat WHERE kind = 'dm' AND peer = ?", peer)
  return row && chatFromRow(row)
}

export async function findGroup(reader: Reader, groupId: Uint8Array): Promise<GroupRow | undefined> {
  const [row] = await reader.read("SELECT * FROM mls_group WHERE group_id = ?", groupId)
  return row && groupFromRow(row)
}

/** Contacts with the handle that the log proved. */
export const contactRows = "SELECT contact.*, h.handle FROM contact LEFT JOIN log_handle h ON h.account_id = contact.account_id"

export async function findContact(reader: Reader, accountId: Uint8Array): Promise<ContactRow | undefined> {
  const [row] = await reader.read(`${contactRows} WHERE contact.account_id = ?`, accountId)
  return row && contactFromRow(row)
}

export function chatFromRow(row: Row): ChatRow {
  return {
    chatId: row["chat_id"] as Uint8Array,
    kind: row["kind"] as ChatKind,
    state: row["state"] as ChatRow["state"],
    groupId: row["group_id"] as Uint8Array,
    peer: (row["peer"] as AccountId | null) ?? undefined,
    hidden: row["hidden"] === 1,
    readPosition: Number(row["read_position"]),
    settled: row["settled"] === 1,
  }
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
    profileDue: Number(row["profile_due"]),
    pathMs: optional(row["path_ms"]),
    pathMessages: Number(row["path_messages"] ?? 0),
    pathDueMs: optional(row["path_due_ms"]),
  }
}

export function contactFromRow(row: Row): ContactRow {
  return {
    accountId: row["account_id"] as AccountId,
    handle: typeof row["handle"] === "string" ? row["handle"] : undefined,
    mark: String(row["mark"]),
    name: String(row["name"]),
    accepted: row["accepted"] === 1,
    blocked: row["blocked"] === 1,
    firstResets: Number(row["first_resets"]),
    verifiedMs: optional(row["verified_ms"]),
    verifiedResets: optional(row["verified_resets"]),
    changeMs: optional(row["change_ms"]),
    changeKind: (row["change_kind"] as "reset" | "changed" | null) ?? undefined,
  }
}

function optional(value: SqlValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined
}
