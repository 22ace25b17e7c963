// Messages as an archive has them: read page by page, and written behind what is here.

import { toHex } from "@nodoor/bytes"
import type { Hex } from "../../core/hex.ts"
import type { Row, SqlValue } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type PartRow, listParts, storable } from "../chat/parts.ts"
import { queuedPosition } from "../chat/position.ts"
import { type Reader, optionalBytes, optionalNumber } from "../reader.ts"

export interface ArchivedMessage {
  readonly groupId: Uint8Array
  readonly messageId: Uint8Array
  readonly order: number | undefined
  readonly timeMs: number
  readonly accountId: Uint8Array
  readonly kind: "content" | "deleted" | "waiting" | "event"
  readonly inReplyTo: Uint8Array | undefined
  readonly editedMs: number | undefined
  readonly isSent: boolean
  readonly sendId: Uint8Array | undefined
  readonly epoch: number | undefined
  readonly sentMs: number | undefined
  readonly parts: readonly PartRow[]
  readonly reactions: readonly { readonly accountId: Uint8Array; readonly emoji: string; readonly messageId: Uint8Array }[]
  readonly receipts: readonly { readonly accountId: Uint8Array; readonly status: number; readonly atMs: number }[]
}

export type PlacedMessage = ArchivedMessage & { readonly position: number }

/** What waits to be sent, or failed, stays on the device that wrote it. */
const inArchive = "(outgoing IS NULL OR outgoing = 'sent')"

/** The newest messages of the chat before a position, newest first. */
export async function readArchivedPage(
  reader: Reader,
  { chatId, before, limit }: { readonly chatId: Uint8Array; readonly before: number; readonly limit: number },
): Promise<readonly PlacedMessage[]> {
  const rows = await reader.read(
    `SELECT ${columns} FROM message WHERE chat_id = ? AND position < ? AND ${inArchive} ORDER BY position DESC LIMIT ?`,
    chatId,
    Math.min(before, queuedPosition),
    limit,
  )
  return await messagesIn(reader, rows)
}

/** What a group's log had from an order to another and this device could read, oldest first. `author`: of one account only. */
export async function readArchivedRange(
  reader: Reader,
  at: {
    readonly chatId: Uint8Array
    readonly groupId: Uint8Array
    readonly from: number
    readonly to: number
    readonly author: Uint8Array | undefined
    readonly limit: number
  },
): Promise<readonly PlacedMessage[]> {
  const rows = await reader.read(
    `SELECT ${columns} FROM message WHERE chat_id = ? AND group_id = ? AND ord BETWEEN ? AND ? AND kind IN ('content', 'deleted', 'event')
       AND (? IS NULL OR (account_id = ? AND kind != 'event')) AND ${inArchive} ORDER BY ord, position LIMIT ?`,
    at.chatId,
    at.groupId,
    at.from,
    at.to,
    at.author ?? null,
    at.author ?? null,
    at.limit,
  )
  return await messagesIn(reader, rows)
}

const columns =
  "row, group_id, message_id, position, ord, time_ms, account_id, kind, in_reply_to, edited_ms, outgoing, send_id, epoch, sent_ms"

async function messagesIn(reader: Reader, rows: readonly Row[]): Promise<readonly PlacedMessage[]> {
  if (rows.length === 0) return []
  const numbers = rows.map((row) => Number(row["row"]))
  const parts = await listParts(reader, numbers)
  const of = async (table: string): Promise<ReadonlyMap<number, Row[]>> => Map.groupBy(await listOf(reader, table, numbers), numberOf)
  const [reactions, receipts] = [await of(reactionsOf), await of(receiptsOf)]
  return rows.map((row) => ({
    groupId: row["group_id"] as Uint8Array,
    messageId: row["message_id"] as Uint8Array,
    position: Number(row["position"]),
    order: optionalNumber(row["ord"]),
    timeMs: Number(row["time_ms"]),
    accountId: row["account_id"] as Uint8Array,
    kind: row["kind"] as ArchivedMessage["kind"],
    inReplyTo: optionalBytes(row["in_reply_to"]),
    editedMs: optionalNumber(row["edited_ms"]),
    isSent: row["outgoing"] === "sent",
    sendId: optionalBytes(row["send_id"]),
    epoch: optionalNumber(row["epoch"]),
    sentMs: optionalNumber(row["sent_ms"]),
    parts: parts.get(Number(row["row"])) ?? [],
    reactions: (reactions.get(Number(row["row"])) ?? []).map((one) => ({
      accountId: one["account_id"] as Uint8Array,
      emoji: String(one["emoji"]),
      messageId: one["message_id"] as Uint8Array,
    })),
    receipts: (receipts.get(Number(row["row"])) ?? []).map((one) => ({
      accountId: one["account_id"] as Uint8Array,
      status: Number(one["status"]),
      atMs: Number(one["at_ms"]),
    })),
  }))
}

const reactionsOf = `SELECT m.row AS message_row, r.account_id, r.emoji, r.message_id FROM json_each(?) CROSS JOIN message m ON m.row = value
  JOIN reaction r ON r.chat_id = m.chat_id AND r.target_id = m.message_id ORDER BY r.account_id, r.emoji`
const receiptsOf = `SELECT m.row AS message_row, r.account_id, r.status, r.at_ms FROM json_each(?) CROSS JOIN message m ON m.row = value
  JOIN receipt r ON r.chat_id = m.chat_id AND r.message_id = m.message_id ORDER BY r.account_id`

async function listOf(reader: Reader, query: string, messageRows: readonly number[]): Promise<readonly Row[]> {
  return await reader.read(query, JSON.stringify(messageRows))
}

function numberOf(row: Row): number {
  return Number(row["message_row"])
}

/** Every account and group that messages of these chats name, in a fixed order. */
export async function listNamedIds(reader: Reader): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(
    `SELECT account_id AS id FROM message UNION SELECT account_id FROM reaction UNION SELECT account_id FROM receipt
     UNION SELECT group_id FROM message UNION SELECT account_id FROM device ORDER BY id`,
  )
  return rows.map((row) => row["id"] as Uint8Array)
}

export interface MessageCounts {
  readonly messages: number
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
}

/** How many messages of people each chat has, and from when to when, by its id in hexadecimal. */
export async function countArchived(reader: Reader): Promise<ReadonlyMap<Hex, MessageCounts>> {
  const rows = await reader.read(
    `SELECT chat_id, COUNT(*) AS messages, MIN(time_ms) AS from_ms, MAX(time_ms) AS to_ms FROM message
     WHERE ${inArchive} AND kind IN ('content', 'deleted', 'waiting') GROUP BY chat_id`,
  )
  return new Map(
    rows.map((row) => [
      toHex(row["chat_id"] as Uint8Array),
      { messages: Number(row["messages"]), fromMs: optionalNumber(row["from_ms"]), toMs: optionalNumber(row["to_ms"]) },
    ]),
  )
}

/** The newest message up to this position. */
export async function findIdUpTo(reader: Reader, chatId: Uint8Array, position: number): Promise<Uint8Array | undefined> {
  const [row] = await reader.read(
    `SELECT message_id FROM message WHERE chat_id = ? AND position <= ? AND ${inArchive} ORDER BY position DESC LIMIT 1`,
    chatId,
    position,
  )
  return optionalBytes(row?.["message_id"])
}

interface Name {
  readonly chatId: Uint8Array
  readonly messageId: Uint8Array
}

function namesOf(names: readonly Name[]): string {
  return JSON.stringify(names.map(({ chatId, messageId }) => [toHex(chatId), toHex(messageId)]))
}

/** Where those of these messages that are here stand. */
export async function findPlaces(
  reader: Reader,
  names: readonly Name[],
): Promise<readonly (Name & { readonly position: number; readonly order: number | undefined })[]> {
  const rows = await reader.read(
    `SELECT m.chat_id, m.message_id, m.position, m.ord FROM json_each(?) CROSS JOIN message m
       ON m.chat_id = unhex(value ->> 0) AND m.message_id = unhex(value ->> 1)`,
    namesOf(names),
  )
  return rows.map((row) => ({
    chatId: row["chat_id"] as Uint8Array,
    messageId: row["message_id"] as Uint8Array,
    position: Number(row["position"]),
    order: optionalNumber(row["ord"]),
  }))
}

/** Of these ids of senders, those under which something of the same account is here. */
export async function findSendIds(
  reader: Reader,
  sent: readonly { readonly chatId: Uint8Array; readonly accountId: Uint8Array; readonly sendId: Uint8Array }[],
): Promise<ReadonlySet<string>> {
  const rows = await reader.read(
    `SELECT m.send_id, m.account_id, m.chat_id FROM json_each(?) CROSS JOIN message m
       ON m.send_id = unhex(value ->> 0) AND m.account_id = unhex(value ->> 1) AND m.chat_id = unhex(value ->> 2)`,
    JSON.stringify(sent.map(({ chatId, accountId, sendId }) => [toHex(sendId), toHex(accountId), toHex(chatId)])),
  )
  return new Set(rows.map((row) => sendIdName(row["chat_id"] as Uint8Array, row["account_id"] as Uint8Array, row["send_id"] as Uint8Array)))
}

export function sendIdName(chatId: Uint8Array, accountId: Uint8Array, sendId: Uint8Array): string {
  return `${toHex(chatId)}/${toHex(accountId)}/${toHex(sendId)}`
}

/** The lines of a chat that stand for what could not be read. */
export async function listWaiting(
  reader: Reader,
  chatId: Uint8Array,
): Promise<readonly { readonly row: number; readonly groupId: Uint8Array; readonly order: number; readonly position: number }[]> {
  const rows = await reader.read(
    "SELECT row, group_id, ord, position FROM message WHERE chat_id = ? AND kind = 'waiting' AND ord IS NOT NULL",
    chatId,
  )
  return rows.map((row) => ({
    row: Number(row["row"]),
    groupId: row["group_id"] as Uint8Array,
    order: Number(row["ord"]),
    position: Number(row["position"]),
  }))
}

/** The number below which rows of an archive go: they are older than all others. */
export async function lowestRow(reader: Reader): Promise<number> {
  const [row] = await reader.read("SELECT MIN(row) AS lowest FROM message")
  return Math.min(0, Number(row?.["lowest"] ?? 0))
}

/** Writes a message of an archive. `row`: below `lowestRow`; its words are found later (`indexDue`). */
export function insertArchivedMessage(
  tx: Transaction,
  at: { readonly chatId: Uint8Array; readonly row: number; readonly position: number },
  message: ArchivedMessage,
): void {
  const { chatId, row, position } = at
  const { messageId } = message
  tx.write(
    `INSERT INTO message (row, chat_id, group_id, message_id, position, ord, time_ms, account_id, kind, in_reply_to, edited_ms, outgoing, send_id, epoch, sent_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...([row, chatId, message.groupId, messageId, position] satisfies SqlValue[]),
    ...columnsOf(message),
  )
  insertContent(tx, { chatId, row }, message)
}

/** The message takes the place of a line that stood for it. */
export function fillWaiting(tx: Transaction, at: { readonly chatId: Uint8Array; readonly row: number }, message: ArchivedMessage): void {
  tx.write("DELETE FROM part WHERE message_row = ?", at.row)
  tx.write(
    `UPDATE message SET message_id = ?, ord = ?, time_ms = ?, account_id = ?, kind = ?, in_reply_to = ?, edited_ms = ?, outgoing = ?, send_id = ?, epoch = ?,
       sent_ms = ?, body = NULL WHERE row = ?`,
    message.messageId,
    ...columnsOf(message),
    at.row,
  )
  insertContent(tx, at, message)
}

function columnsOf(message: ArchivedMessage): SqlValue[] {
  return [
    message.order ?? null,
    message.timeMs,
    message.accountId,
    message.kind,
    message.inReplyTo ?? null,
    message.editedMs ?? null,
    message.isSent ? "sent" : null,
    message.sendId ?? null,
    message.epoch ?? null,
    message.sentMs ?? null,
  ]
}

function insertContent(
  tx: Transaction,
  { chatId, row }: { readonly chatId: Uint8Array; readonly row: number },
  message: ArchivedMessage,
): void {
  const { messageId } = message
  for (const [number, { kind, text, data }] of message.parts.entries())
    tx.write(
      "INSERT INTO part (message_row, number, kind, text, data) VALUES (?, ?, ?, ?, ?)",
      row,
      number,
      kind,
      storable(text),
      data ?? null,
    )
  if (message.parts.some(({ kind }) => kind === "text")) tx.write("INSERT OR IGNORE INTO search_due (row) VALUES (?)", row)
  for (const { accountId, emoji, messageId: carrier } of message.reactions)
    tx.write(
      "INSERT OR IGNORE INTO reaction (chat_id, target_id, account_id, emoji, message_id) VALUES (?, ?, ?, ?, ?)",
      chatId,
      messageId,
      accountId,
      emoji,
      carrier,
    )
  for (const { accountId, status, atMs } of message.receipts)
    tx.write(
      `INSERT INTO receipt (chat_id, message_id, account_id, status, at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET status = excluded.status, at_ms = excluded.at_ms WHERE excluded.status > status`,
      chatId,
      messageId,
      accountId,
      status,
      atMs,
    )
}
