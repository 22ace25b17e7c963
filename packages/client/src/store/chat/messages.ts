// Writing what a chat shows.

import { concat, encodeTls, equal, toUtf8 } from "@nodoor/bytes"
import type { ChatEvent } from "./chat-event.ts"
import { type NewPart, deleteParts, insertParts, replacePartText } from "./parts.ts"
import { indexMessage } from "./search.ts"
import type { Transaction } from "../../core/transaction.ts"
import { ClientError } from "../../core/client-error.ts"
import { noteActivity, settleActivity } from "./activity.ts"

/** Queued messages stand after everything that has its place. */
export const queuedPosition: number = 2 ** 52

export interface NewMessage {
  readonly chatId: Uint8Array
  readonly groupId: Uint8Array
  readonly messageId: Uint8Array
  readonly order: number | undefined
  readonly timeMs: number
  readonly accountId: Uint8Array
  /** `content`: of a person; its parts say what it is. */
  readonly kind: "content" | "waiting" | "event"
  readonly parts: readonly NewPart[]
  /** Markdown whose words are found when people search. */
  readonly searched?: string | undefined
  readonly inReplyTo?: Uint8Array | undefined
  readonly outgoing?: "queued" | "sent" | undefined
  readonly body?: Uint8Array | undefined
  /** When it was written, as its sender claims. */
  readonly sentMs?: number | undefined
  /** Of an own message of another device: in which it was sealed. */
  readonly epoch?: number | undefined
  /** The id that its sender gave it: handed in, or received, again under it, it is the same message. */
  readonly sendId?: Uint8Array | undefined
}

export interface StoredMessage {
  readonly row: number
  readonly accountId: Uint8Array
  readonly kind: string
  /** One of its parts is a text. */
  readonly hasText: boolean
  readonly outgoing: string | undefined
  readonly groupId: Uint8Array
  readonly position: number
}

/** Adds a message at the end of the chat; one that is there already is left as it is (a resend). Says whether it was new. */
export async function insertMessage(
  tx: Transaction,
  message: NewMessage,
  { incoming = false }: { readonly incoming?: boolean } = {},
): Promise<boolean> {
  if (await findMessage(tx, message.chatId, message.messageId)) return false
  const position = await nextPosition(tx, message.chatId, message.outgoing === "queued" ? queuedPosition : 0)
  tx.write(
    `INSERT INTO message (chat_id, group_id, message_id, position, ord, time_ms, account_id, kind, in_reply_to, outgoing, body, send_id, epoch, sent_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
  )
  insertParts(tx, message, message.parts)
  if (message.searched !== undefined) indexMessage(tx, message, message.searched)
  noteActivity(tx, message.chatId, message.timeMs)
  tx.messageChanged(message.chatId, message.messageId, { incoming })
  return true
}

export async function findMessage(
  tx: Pick<Transaction, "read">,
  chatId: Uint8Array,
  messageId: Uint8Array,
): Promise<StoredMessage | undefined> {
  const [row] = await tx.read(
    `SELECT row, account_id, kind, outgoing, group_id, position,
       EXISTS (SELECT 1 FROM part WHERE message_row = row AND part.kind = 'text') AS has_text
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
      outgoing: (row["outgoing"] as string | null) ?? undefined,
      groupId: row["group_id"] as Uint8Array,
      position: Number(row["position"]),
    }
  )
}

/** Id of the message that was handed in under this id. @throws ClientError `invalid_input` if it was for another chat */
export async function findSent(tx: Pick<Transaction, "read">, chatId: Uint8Array, sendId: Uint8Array): Promise<Uint8Array | undefined> {
  const [row] = await tx.read("SELECT chat_id, message_id FROM message WHERE send_id = ?", sendId)
  if (row && !equal(row["chat_id"] as Uint8Array, chatId))
    throw new ClientError("invalid_input", "Another message was sent under this id. Every message needs its own.")
  return row && (row["message_id"] as Uint8Array)
}

/** @throws ClientError `not_found` */
export async function readMessage(tx: Pick<Transaction, "read">, chatId: Uint8Array, messageId: Uint8Array): Promise<StoredMessage> {
  const message = await findMessage(tx, chatId, messageId)
  if (!message) throw new ClientError("not_found", "There is no such message in this chat.")
  return message
}

/** An own message has its place in the group's history. */
export async function placeMessage(
  tx: Transaction,
  placed: {
    readonly chatId: Uint8Array
    readonly messageId: Uint8Array
    readonly order: number
    readonly epoch: number
    readonly timeMs: number
  },
): Promise<void> {
  const position = await nextPosition(tx, placed.chatId, 0)
  tx.write(
    "UPDATE message SET ord = ?, epoch = ?, time_ms = ?, outgoing = 'sent', failure = NULL, position = CASE WHEN position >= ? THEN ? ELSE position END WHERE chat_id = ? AND message_id = ?",
    placed.order,
    placed.epoch,
    placed.timeMs,
    queuedPosition,
    position,
    placed.chatId,
    placed.messageId,
  )
  settleActivity(tx, placed.chatId)
  tx.messageChanged(placed.chatId, placed.messageId)
}

/** Gives a message that has a text another one. */
export async function replaceText(
  tx: Transaction,
  edit: { readonly chatId: Uint8Array; readonly messageId: Uint8Array; readonly text: string; readonly timeMs: number },
): Promise<void> {
  tx.write("UPDATE message SET edited_ms = ? WHERE chat_id = ? AND message_id = ?", edit.timeMs, edit.chatId, edit.messageId)
  replacePartText(tx, edit, { kind: "text", text: edit.text })
  indexMessage(tx, edit, edit.text)
  tx.messageChanged(edit.chatId, edit.messageId)
  await quotesChanged(tx, edit.chatId, edit.messageId)
}

export async function eraseText(tx: Transaction, chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
  tx.write("DELETE FROM message_search WHERE rowid = (SELECT row FROM message WHERE chat_id = ? AND message_id = ?)", chatId, messageId)
  tx.write("UPDATE message SET kind = 'deleted', in_reply_to = NULL WHERE chat_id = ? AND message_id = ?", chatId, messageId)
  deleteParts(tx, { chatId, messageId })
  tx.write("DELETE FROM reaction WHERE chat_id = ? AND target_id = ?", chatId, messageId)
  tx.messageChanged(chatId, messageId)
  await quotesChanged(tx, chatId, messageId)
}

/** Whoever shows a message that quotes this one shows other words now. */
async function quotesChanged(tx: Transaction, chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
  for (const row of await tx.read("SELECT message_id FROM message WHERE chat_id = ? AND in_reply_to = ?", chatId, messageId))
    tx.messageChanged(chatId, row["message_id"] as Uint8Array)
}

/** A line of history that nobody typed. `index` tells several of one order apart. */
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

/** The place of the newest message that is not an own one on its way; 0 if there is none. */
export async function lastPlaced(tx: Pick<Transaction, "read">, chatId: Uint8Array): Promise<number> {
  const [row] = await tx.read("SELECT MAX(position) AS last FROM message WHERE chat_id = ? AND position < ?", chatId, queuedPosition)
  return Number(row?.["last"] ?? 0)
}

const positions = new WeakMap<Transaction, Map<string, number>>()

/**
 * The next free place from `from` on, also counting what this turn has given away already. A place is never given twice, even when its message is
 * gone: whoever counts what is new by places (what was read, what was printed) would pass over it.
 */
async function nextPosition(tx: Transaction, chatId: Uint8Array, from: number): Promise<number> {
  const given = positions.get(tx) ?? new Map<string, number>()
  positions.set(tx, given)
  const key = `${from}/${String(chatId)}`
  let last = given.get(key)
  if (last === undefined) {
    const below = from === 0 ? queuedPosition : Number.MAX_SAFE_INTEGER
    const [row] = await tx.read(
      "SELECT MAX(last) AS last FROM (SELECT MAX(position) AS last FROM message WHERE chat_id = ? AND position >= ? AND position < ? UNION ALL SELECT read_position FROM chat WHERE chat_id = ? AND read_position >= ? AND read_position < ?)",
      chatId,
      from,
      below,
      chatId,
      from,
      below,
    )
    last = typeof row?.["last"] === "number" ? row["last"] : from
  }
  given.set(key, last + 1)
  return last + 1
}
