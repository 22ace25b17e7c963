// A page of a chat's messages, single ones, and those that a search finds.

import { ClientError } from "../core/client-error.ts"
import type { Hex } from "../core/hex.ts"
import { readChat } from "../store/chat/chats.ts"
import { findMessages } from "../store/chat/search.ts"
import { messageTexts } from "../texts/en.ts"
import type { MessagePage, MessageView } from "./message-view.ts"
import { type MessageSet, readMessages } from "./messages.ts"
import { hexId } from "./hex-id.ts"
import { type ViewParts, idList } from "./view-parts.ts"

const pageDefault = 50
export const pageMax = 500

/** Where a page begins or ends; without any of them it is the newest one. */
export interface PagePlace {
  readonly before?: number | undefined
  readonly after?: number | undefined
  readonly around?: Hex | undefined
  readonly limit?: number | undefined
}

const older = "SELECT row, position AS place, chat_id FROM message WHERE chat_id = ? AND position < ? ORDER BY position DESC LIMIT ?"
const newer = "SELECT row, position AS place, chat_id FROM message WHERE chat_id = ? AND position > ? ORDER BY position LIMIT ?"
/** Half of them up to the message, the other half after it. */
const around = `SELECT * FROM (SELECT m.row, m.position AS place, m.chat_id FROM message o JOIN message m ON m.chat_id = o.chat_id AND m.position <= o.position
    WHERE o.chat_id = ? AND o.message_id = ? ORDER BY m.position DESC LIMIT ?)
  UNION ALL SELECT * FROM (SELECT m.row, m.position AS place, m.chat_id FROM message o JOIN message m ON m.chat_id = o.chat_id AND m.position > o.position
    WHERE o.chat_id = ? AND o.message_id = ? ORDER BY m.position LIMIT ?)`
/** Whether there is more on either side. */
const beyond = `EXISTS (SELECT 1 FROM message o WHERE o.chat_id = page.chat_id AND o.position < (SELECT MIN(place) FROM page)) AS has_older,
  EXISTS (SELECT 1 FROM message o WHERE o.chat_id = page.chat_id AND o.position > (SELECT MAX(place) FROM page)) AS has_newer`

/** @throws ClientError `not_found` */
export async function readPage(parts: ViewParts, chatId: Uint8Array, place: PagePlace): Promise<MessagePage> {
  const { messages, rows } = await readMessages(parts, pageSet(chatId, place))
  if (messages.length === 0) {
    await readChat(parts.reader, chatId)
    if (place.around !== undefined) throw new ClientError("not_found", messageTexts.none)
  }
  return {
    messages,
    before: rows[0]?.["has_older"] === 1 ? messages[0]?.position : undefined,
    after: rows[0]?.["has_newer"] === 1 ? messages.at(-1)?.position : undefined,
  }
}

function pageSet(chatId: Uint8Array, place: PagePlace): MessageSet {
  const limit = Math.max(1, Math.min(place.limit ?? pageDefault, pageMax))
  if (place.around !== undefined) {
    const messageId = hexId(place.around)
    const half = Math.floor(limit / 2)
    return { page: around, values: [chatId, messageId, half + 1, chatId, messageId, limit - half - 1], also: beyond }
  }
  if (place.after !== undefined) return { page: newer, values: [chatId, place.after, limit], also: beyond }
  return { page: older, values: [chatId, place.before ?? Number.MAX_SAFE_INTEGER, limit], also: beyond }
}

/** Those of these messages that the chat has, oldest first. @throws ClientError `not_found` for the chat */
export async function readMessagesById(
  parts: ViewParts,
  chatId: Uint8Array,
  messageIds: readonly Uint8Array[],
): Promise<readonly MessageView[]> {
  const messages = await findMessagesById(parts, chatId, messageIds)
  if (messages.length === 0) await readChat(parts.reader, chatId)
  return messages
}

/** The same, and none where there is no such chat. */
export async function findMessagesById(
  parts: ViewParts,
  chatId: Uint8Array,
  messageIds: Iterable<Uint8Array>,
): Promise<readonly MessageView[]> {
  const page = "SELECT row, position AS place FROM message WHERE chat_id = ? AND message_id IN (SELECT unhex(value) FROM json_each(?))"
  return (await readMessages(parts, { page, values: [chatId, idList(messageIds)] })).messages
}

/** @throws ClientError `not_found` */
export async function readMessageView(parts: ViewParts, chatId: Uint8Array, messageId: Uint8Array): Promise<MessageView> {
  const [view] = await readMessagesById(parts, chatId, [messageId])
  if (view) return view
  throw new ClientError("not_found", messageTexts.none)
}

/** What the person starred, the latest message first. */
export async function starredMessages(parts: ViewParts, max: number): Promise<readonly MessageView[]> {
  const page = "SELECT row, -time_ms AS place FROM message WHERE starred = 1 ORDER BY time_ms DESC LIMIT ?"
  return (await readMessages(parts, { page, values: [Math.max(1, Math.min(max, pageMax))] })).messages
}

/** The first message of the chat from this time on; of a time after the last, the last. Undefined for an empty chat. */
export async function messageFrom(parts: ViewParts, chatId: Uint8Array, ms: number): Promise<MessageView | undefined> {
  await readChat(parts.reader, chatId)
  const page = `SELECT * FROM (SELECT row, position AS place FROM message WHERE chat_id = ? AND time_ms >= ? ORDER BY position LIMIT 1)
    UNION SELECT * FROM (SELECT row, position AS place FROM message WHERE chat_id = ? ORDER BY position DESC LIMIT 1)`
  return (await readMessages(parts, { page, values: [chatId, ms, chatId] })).messages[0]
}

/** Messages with these words, of one chat or of all, newest first. */
export async function searchMessages(
  parts: ViewParts,
  text: string,
  { max, chatId }: { readonly max: number; readonly chatId?: Uint8Array | undefined },
): Promise<readonly MessageView[]> {
  const found = await findMessages(parts.reader, text, Math.max(1, Math.min(max, pageMax)), chatId)
  if (found.length === 0) return []
  const page = "SELECT value AS row, key AS place FROM json_each(?)"
  return (await readMessages(parts, { page, values: [JSON.stringify(found.map((row) => Number(row["row"])))] })).messages
}
