// Chats: table `chat`.

import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../../core/client-error.ts"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { chatTexts } from "../../texts/en.ts"
import type { Reader } from "../reader.ts"
import { applyMarks } from "../sync/marks.ts"
import { storable } from "./parts.ts"

export type ChatKind = "dm" | "group" | "self"
export interface ChatRow {
  readonly chatId: Uint8Array
  readonly kind: ChatKind
  readonly state: "active" | "request" | "left" | "halted"
  readonly groupId: Uint8Array
  readonly peer: AccountId | undefined
  readonly hidden: boolean
  readonly readPosition: number
  /** The person marked it as unread. */
  readonly markedUnread: boolean
  /** In a dm: the other person has written in its group, so no other group takes its place while it exists. */
  readonly settled: boolean
}

export async function findChat(reader: Reader, chatId: Uint8Array): Promise<ChatRow | undefined> {
  const [row] = await reader.read("SELECT * FROM chat WHERE chat_id = ?", chatId)
  return row && chatFromRow(row)
}

/** @throws ClientError `not_found` */
export async function readChat(reader: Reader, chatId: Uint8Array): Promise<ChatRow> {
  const chat = await findChat(reader, chatId)
  // The group of the account's own devices is no chat to a person.
  if (!chat || chat.kind === "self") throw new ClientError("not_found", chatTexts.none)
  return chat
}

export async function findDm(reader: Reader, peer: Uint8Array): Promise<ChatRow | undefined> {
  const [row] = await reader.read("SELECT * FROM chat WHERE kind = 'dm' AND peer = ?", peer)
  return row && chatFromRow(row)
}

export function insertChat(
  tx: Transaction,
  chat: Pick<ChatRow, "chatId" | "kind" | "state" | "groupId" | "peer"> & { readonly activityMs: number },
): void {
  tx.write(
    `INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft)
     VALUES (?, ?, ?, ?, ?, 0, ?, 0, 0, 0, 0, '')`,
    chat.chatId,
    chat.kind,
    chat.state,
    chat.groupId,
    chat.peer ?? null,
    chat.activityMs,
  )
  applyMarks(tx, chat)
}

export function setChatState(tx: Transaction, chatId: Uint8Array, state: ChatRow["state"]): void {
  tx.write("UPDATE chat SET state = ? WHERE chat_id = ?", state, chatId)
  tx.chatChanged(chatId)
}

/** The chat continues in this group. If it is a different one, whether it is settled has to be found out again. */
export function moveChat(tx: Transaction, chatId: Uint8Array, { groupId, state }: Pick<ChatRow, "groupId" | "state">): void {
  tx.write(
    "UPDATE chat SET state = ?, group_id = ?, settled = CASE WHEN group_id = ? THEN settled ELSE 0 END, hidden = 0 WHERE chat_id = ?",
    state,
    groupId,
    groupId,
    chatId,
  )
}

/** This device is out of the group. A chat that has moved to another one stays as it is. */
export function leaveChat(tx: Transaction, { chatId, groupId }: Pick<ChatRow, "chatId" | "groupId">): void {
  tx.write("UPDATE chat SET state = 'left' WHERE chat_id = ? AND group_id = ?", chatId, groupId)
  tx.chatChanged(chatId)
}

/** A chat that its person deleted or closed is in the list again. */
export function showChat(tx: Transaction, chatId: Uint8Array): void {
  tx.write("UPDATE chat SET hidden = 0 WHERE chat_id = ?", chatId)
  tx.chatChanged(chatId)
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
    markedUnread: row["unread"] === 1,
    settled: row["settled"] === 1,
  }
}

/** The other person has written in the group of a dm. */
export function settleDm(tx: Transaction, { chatId, groupId }: Pick<ChatRow, "chatId" | "groupId">): void {
  tx.write("UPDATE chat SET settled = 1 WHERE chat_id = ? AND kind = 'dm' AND group_id = ? AND settled = 0", chatId, groupId)
}

export function setReadPosition(tx: Transaction, chatId: Uint8Array, position: number): void {
  tx.write("UPDATE chat SET read_position = ? WHERE chat_id = ?", position, chatId)
  tx.chatChanged(chatId)
}

/** Removes the chat from the list until something new happens. `last`: the position up to which it counts as read. */
export function hideChat(tx: Transaction, chatId: Uint8Array, last: number): void {
  tx.write("UPDATE chat SET hidden = 1, draft = '', read_position = MAX(read_position, ?) WHERE chat_id = ?", last, chatId)
  tx.chatChanged(chatId)
}

export interface ChatOptions {
  /** True: until it is turned off. A number: until that time. */
  readonly muted?: boolean | number
  readonly pinned?: boolean
  readonly archived?: boolean
  /** The person marks it as unread. */
  readonly unread?: boolean
  readonly draft?: string
  /** Of the list of chats; '' is none. */
  readonly folder?: string
}

export function setChatOptions(tx: Transaction, chatId: Uint8Array, options: ChatOptions): void {
  for (const column of ["muted", "pinned", "archived", "unread"] as const) {
    const value = options[column]
    if (value !== undefined) tx.write(`UPDATE chat SET ${column} = ? WHERE chat_id = ?`, Number(value), chatId)
  }
  if (typeof options.muted === "number") tx.mutesChanged()
  if (options.folder !== undefined) tx.foldersChanged()
  for (const column of ["draft", "folder"] as const) {
    const value = options[column]
    if (value !== undefined) tx.write(`UPDATE chat SET ${column} = ? WHERE chat_id = ?`, storable(value), chatId)
  }
  tx.chatChanged(chatId)
}

/** Those that were muted until a time that has come are muted no more. Returns when the next one ends. */
export async function endMutes(tx: Transaction, nowMs: number): Promise<number | undefined> {
  for (const row of await tx.read("SELECT chat_id FROM chat WHERE muted > 1 AND muted <= ?", nowMs)) {
    tx.write("UPDATE chat SET muted = 0 WHERE chat_id = ?", row["chat_id"] as Uint8Array)
    tx.chatChanged(row["chat_id"] as Uint8Array)
  }
  const [next] = await tx.read("SELECT MIN(muted) AS until FROM chat WHERE muted > ?", Math.max(1, nowMs))
  return typeof next?.["until"] === "number" ? next["until"] : undefined
}

/** The contact has changed, and with it every chat that shows it. */
export async function contactChatsChanged(tx: Transaction, accountId: Uint8Array): Promise<void> {
  tx.contactChanged(accountId)
  for (const row of await tx.read("SELECT chat_id FROM chat WHERE peer = ?", accountId)) tx.chatChanged(row["chat_id"] as Uint8Array)
}
