// Messages: table `message`. Their content is in table `part`.

import { concat, encodeTls, toUtf8 } from "@nodoor/bytes"
import type { ChatEvent } from "./chat-event.ts"
import { type NewPart, deleteParts, deletePartsOfChat, insertParts, replacePartText } from "./parts.ts"
import { lastPlaced, nextPosition, queuedPosition } from "./position.ts"
import { deleteReactionsTo } from "./reactions.ts"
import { deleteReceiptsTo } from "./receipts.ts"
import { indexMessage, removeChatFromIndex, removeFromIndex } from "./search.ts"
import type { Transaction } from "../../core/transaction.ts"
import { mentionedIn } from "../../text/mentioned.ts"
import { writtenBetween } from "../../core/written-time.ts"
import { ClientError } from "../../core/client-error.ts"
import { messageTexts } from "../../texts/en.ts"
import type { Reader } from "../reader.ts"
import { marksOf } from "../sync/marks.ts"
import { noteActivity, settleActivity } from "./activity.ts"

export interface MessageName {
  readonly chatId: Uint8Array
  readonly messageId: Uint8Array
}

export interface NewMessage {
  readonly chatId: Uint8Array
  readonly groupId: Uint8Array
  readonly messageId: Uint8Array
  readonly order: number | undefined
  readonly timeMs: number
  readonly accountId: Uint8Array
  /** `content`: written by a person. Its parts say what it is. */
  readonly kind: "content" | "waiting" | "event"
  readonly parts: readonly NewPart[]
  /** Markdown to search in. */
  readonly searched?: string | undefined
  readonly inReplyTo?: Uint8Array | undefined
  readonly outgoing?: "queued" | "sent" | undefined
  readonly body?: Uint8Array | undefined
  /** When it was written, by the sender's clock. */
  readonly sentMs?: number | undefined
  /** Of an own message from another device: the epoch in which it was encrypted. */
  readonly epoch?: number | undefined
  /** The sender's own id for it. A message that is sent or received again with the same id is the same message. */
  readonly sendId?: Uint8Array | undefined
}

export interface StoredMessage {
  readonly row: number
  readonly accountId: Uint8Array
  readonly kind: string
  /** Whether one of its parts is text. */
  readonly hasText: boolean
  /** Whether one is a photo or a file. */
  readonly hasFile: boolean
  readonly outgoing: string | undefined
  readonly groupId: Uint8Array
  readonly position: number
}

/**
 * Adds a message at the end of the chat, unless the chat has it already, by its id or by its sender's id, or its person deleted it on any of
 * their devices. One that they have read on another is read here, too. Returns whether it was new.
 */
export async function insertMessage(
  tx: Transaction,
  message: NewMessage,
  { incoming = false }: { readonly incoming?: boolean } = {},
): Promise<boolean> {
  if (await isStored(tx, message)) return false
  // Nobody has seen what is only being written.
  const marks = message.outgoing === "queued" ? { deleted: false, read: false } : await marksOf(tx, message)
  if (marks.deleted) return false
  const position = await nextPosition(tx, message.chatId, message.outgoing === "queued" ? queuedPosition : 0)
  tx.write(
    `INSERT INTO message (chat_id, group_id, message_id, position, ord, time_ms, account_id, kind, in_reply_to, outgoing, body, send_id, epoch, sent_ms, mentions)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.chatId,
    message.groupId,
    message.messageId,
    position,
    message.order ?? null,
    message.timeMs,
    message.accountId,
    message.kind,
    message.inReplyTo ?? null,
    message.outgoing ?? null,
    message.body ?? null,
    message.sendId ?? null,
    message.epoch ?? null,
    message.sentMs ?? null,
    mentionsOf(message.searched),
  )
  insertParts(tx, message, message.parts)
  if (message.searched !== undefined) indexMessage(tx, message, message.searched)
  noteActivity(tx, message.chatId, message.timeMs)
  if (marks.read) tx.write("UPDATE chat SET read_position = MAX(read_position, ?) WHERE chat_id = ?", position, message.chatId)
  tx.messageChanged(message.chatId, message.messageId, { incoming: incoming && !marks.read })
  return true
}

function mentionsOf(markdown: string | undefined): string | null {
  const accounts = markdown === undefined ? [] : mentionedIn(markdown)
  return accounts.length === 0 ? null : accounts.join(" ")
}

export async function findMessage(reader: Reader, chatId: Uint8Array, messageId: Uint8Array): Promise<StoredMessage | undefined> {
  const [row] = await reader.read(
    `SELECT row, account_id, kind, outgoing, group_id, position,
       EXISTS (SELECT 1 FROM part WHERE message_row = row AND part.kind = 'text') AS has_text,
       EXISTS (SELECT 1 FROM part WHERE message_row = row AND part.kind = 'file') AS has_file
     FROM message WHERE chat_id = ? AND message_id = ?`,
    chatId,
    messageId,
  )
  return (
    row && {
      row: Number(row["row"]),
      accountId: row["account_id"] as Uint8Array,
      kind: String(row["kind"]),
      hasText: row["has_text"] === 1,
      hasFile: row["has_file"] === 1,
      outgoing: (row["outgoing"] as string | null) ?? undefined,
      groupId: row["group_id"] as Uint8Array,
      position: Number(row["position"]),
    }
  )
}

/** Whether the chat has a message with this id, or with this sender's id from the same account. */
async function isStored(reader: Reader, { chatId, messageId, accountId, sendId }: NewMessage): Promise<boolean> {
  const sql =
    "SELECT 1 AS one FROM message WHERE (chat_id = ? AND message_id = ?) OR (send_id = ? AND account_id = ? AND chat_id = ?) LIMIT 1"
  return (await reader.read(sql, chatId, messageId, sendId ?? null, accountId, chatId)).length > 0
}

/** The message that this account sent with this id of its own. */
export async function findSent(
  reader: Reader,
  { accountId, sendId }: { readonly accountId: Uint8Array; readonly sendId: Uint8Array },
): Promise<MessageName | undefined> {
  const [row] = await reader.read("SELECT chat_id, message_id FROM message WHERE send_id = ? AND account_id = ?", sendId, accountId)
  return row && { chatId: row["chat_id"] as Uint8Array, messageId: row["message_id"] as Uint8Array }
}

/** @throws ClientError `not_found` */
export async function readMessage(reader: Reader, chatId: Uint8Array, messageId: Uint8Array): Promise<StoredMessage> {
  const message = await findMessage(reader, chatId, messageId)
  if (!message) throw new ClientError("not_found", messageTexts.none)
  return message
}

/** Messages of others, in a range of positions, that receipts are sent for: all that could be decrypted. */
export async function listReportable(
  reader: Reader,
  { chatId, after, upTo, own }: { readonly chatId: Uint8Array; readonly after: number; readonly upTo: number; readonly own: Uint8Array },
): Promise<readonly { readonly groupId: Uint8Array; readonly messageId: Uint8Array }[]> {
  const rows = await reader.read(
    "SELECT group_id, message_id FROM message WHERE chat_id = ? AND position > ? AND position <= ? AND account_id != ? AND kind IN ('content', 'deleted')",
    chatId,
    after,
    upTo,
    own,
  )
  return rows.map((row) => ({ groupId: row["group_id"] as Uint8Array, messageId: row["message_id"] as Uint8Array }))
}

/** The server has given an own message its place in the group's history. */
export async function placeMessage(
  tx: Transaction,
  placed: MessageName & { readonly order: number; readonly epoch: number; readonly placedMs: number },
): Promise<void> {
  const position = await nextPosition(tx, placed.chatId, 0)
  const { fromMs, startMs, untilMs } = writtenBetween(placed.placedMs)
  tx.write(
    "UPDATE message SET ord = ?, epoch = ?, time_ms = MAX(?, MIN(?, COALESCE(sent_ms, ?))), outgoing = 'sent', failure = NULL, position = CASE WHEN position >= ? THEN ? ELSE position END WHERE chat_id = ? AND message_id = ?",
    placed.order,
    placed.epoch,
    fromMs,
    untilMs,
    startMs,
    queuedPosition,
    position,
    placed.chatId,
    placed.messageId,
  )
  settleActivity(tx, placed.chatId)
  tx.messageChanged(placed.chatId, placed.messageId)
}

/** Replaces the text of a message that has one. */
export async function replaceText(tx: Transaction, edit: MessageName & { readonly text: string; readonly timeMs: number }): Promise<void> {
  tx.write(
    "UPDATE message SET edited_ms = ?, mentions = ? WHERE chat_id = ? AND message_id = ?",
    edit.timeMs,
    mentionsOf(edit.text),
    edit.chatId,
    edit.messageId,
  )
  replacePartText(tx, edit, { kind: "text", text: edit.text })
  indexMessage(tx, edit, edit.text)
  tx.messageChanged(edit.chatId, edit.messageId)
  await quotesChanged(tx, edit.chatId, edit.messageId)
}

/** Erases the content of a message. The chat then shows that it was deleted. */
export async function eraseContent(tx: Transaction, { chatId, messageId }: MessageName): Promise<void> {
  removeFromIndex(tx, { chatId, messageId })
  tx.write(
    "UPDATE message SET kind = 'deleted', in_reply_to = NULL, mentions = NULL, starred = 0 WHERE chat_id = ? AND message_id = ?",
    chatId,
    messageId,
  )
  deleteParts(tx, { chatId, messageId })
  deleteReactionsTo(tx, chatId, messageId)
  tx.messageChanged(chatId, messageId)
  await quotesChanged(tx, chatId, messageId)
}

/** Removes the message from this device. */
export function deleteMessage(tx: Transaction, { chatId, messageId }: MessageName): void {
  removeFromIndex(tx, { chatId, messageId })
  deleteParts(tx, { chatId, messageId })
  tx.write("DELETE FROM message WHERE chat_id = ? AND message_id = ?", chatId, messageId)
  tx.messageChanged(chatId, messageId)
}

/** Removes the message, with what was said of it, for its person. It does not come back. */
export async function deleteForMe(tx: Transaction, { chatId, messageId }: MessageName): Promise<void> {
  const message = await findMessage(tx, chatId, messageId)
  if (!message) return
  // No later message gets its position.
  if (message.position === (await lastPlaced(tx, chatId)))
    tx.write("UPDATE chat SET read_position = MAX(read_position, ?) WHERE chat_id = ?", message.position, chatId)
  deleteReactionsTo(tx, chatId, messageId)
  deleteReceiptsTo(tx, chatId, messageId)
  deleteMessage(tx, { chatId, messageId })
  settleActivity(tx, chatId)
  await quotesChanged(tx, chatId, messageId)
}

/** The person keeps it in a list of their own, or no more. */
export function setStarred(tx: Transaction, { chatId, messageId }: MessageName, on: boolean): void {
  tx.write("UPDATE message SET starred = ? WHERE chat_id = ? AND message_id = ?", on ? 1 : 0, chatId, messageId)
  tx.messageChanged(chatId, messageId)
}

/** Removes what the group's log had up to this order. */
export async function deleteMessagesThrough(
  tx: Transaction,
  { chatId, groupId, order }: { readonly chatId: Uint8Array; readonly groupId: Uint8Array; readonly order: number },
): Promise<void> {
  const rows = await tx.read(
    "SELECT message_id FROM message WHERE chat_id = ? AND group_id = ? AND ord <= ? ORDER BY position",
    chatId,
    groupId,
    order,
  )
  for (const row of rows) await deleteForMe(tx, { chatId, messageId: row["message_id"] as Uint8Array })
}

export async function hasMessages(reader: Reader, chatId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM message WHERE chat_id = ? LIMIT 1", chatId)).length > 0
}

/** The position of the newest message that the group's log had up to this order. */
export async function lastPositionThrough(
  reader: Reader,
  { chatId, groupId, order }: { readonly chatId: Uint8Array; readonly groupId: Uint8Array; readonly order: number },
): Promise<number | undefined> {
  const [row] = await reader.read(
    "SELECT position FROM message WHERE chat_id = ? AND position < ? AND group_id = ? AND ord <= ? ORDER BY position DESC LIMIT 1",
    chatId,
    queuedPosition,
    groupId,
    order,
  )
  return row && Number(row["position"])
}

/** Of each group, the newest order in a range of positions of the chat. */
export async function listNewestOrders(
  reader: Reader,
  { chatId, after, upTo }: { readonly chatId: Uint8Array; readonly after: number; readonly upTo: number },
): Promise<readonly { readonly groupId: Uint8Array; readonly order: number }[]> {
  const rows = await reader.read(
    "SELECT group_id, MAX(ord) AS newest FROM message WHERE chat_id = ? AND position > ? AND position <= ? AND ord IS NOT NULL GROUP BY group_id",
    chatId,
    after,
    upTo,
  )
  return rows.map((row) => ({ groupId: row["group_id"] as Uint8Array, order: Number(row["newest"]) }))
}

export function deleteMessagesOfChat(tx: Transaction, chatId: Uint8Array): void {
  removeChatFromIndex(tx, chatId)
  deletePartsOfChat(tx, chatId)
  tx.write("DELETE FROM message WHERE chat_id = ?", chatId)
}

/** Messages that quote this one have changed too. */
async function quotesChanged(tx: Transaction, chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
  for (const row of await tx.read("SELECT message_id FROM message WHERE chat_id = ? AND in_reply_to = ?", chatId, messageId))
    tx.messageChanged(chatId, row["message_id"] as Uint8Array)
}

/** Bodies of an epoch that do not open, since the last one that did. */
export async function countWaitingInARow(reader: Reader, groupId: Uint8Array, epoch: number): Promise<number> {
  const [row] = await reader.read(
    `SELECT COUNT(*) AS n FROM message WHERE group_id = ? AND kind = 'waiting' AND epoch = ?
       AND ord > COALESCE((SELECT MAX(ord) FROM message WHERE group_id = ? AND kind IN ('content', 'deleted') AND outgoing IS NULL), 0)`,
    groupId,
    epoch,
    groupId,
  )
  return Number(row?.["n"] ?? 0)
}

/** Bodies of the chat that could not be read. */
export async function countWaiting(reader: Reader, chatId: Uint8Array): Promise<number> {
  const [row] = await reader.read("SELECT COUNT(*) AS n FROM message WHERE chat_id = ? AND kind = 'waiting'", chatId)
  return Number(row?.["n"] ?? 0)
}

/** Adds a line about something that happened in the chat. */
export async function insertEvent(
  tx: Transaction,
  sha256: (data: Uint8Array) => Uint8Array,
  at: {
    readonly chatId: Uint8Array
    readonly groupId: Uint8Array
    readonly order: number
    readonly timeMs: number
    readonly accountId: Uint8Array
  },
  event: ChatEvent,
): Promise<void> {
  const text = JSON.stringify(event)
  const messageId = sha256(
    concat(
      toUtf8("nodoor/event/v1\0"),
      encodeTls((w) => w.vector(at.groupId).u64(BigInt(at.order)).vector(toUtf8(text))),
    ),
  )
  await insertMessage(tx, { ...at, messageId, kind: "event", parts: [{ kind: "event", text }] })
}
