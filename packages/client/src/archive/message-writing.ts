// Writes messages that were in a chat of this account before into their places there: between what is here, each once, and as they are by now.

import { equal, toHex } from "@nodoor/bytes"
import type { Hex } from "../core/hex.ts"
import type { Transaction } from "../core/transaction.ts"
import { raiseReadPosition } from "../store/archive/archived-chats.ts"
import {
  type ArchivedMessage,
  fillWaiting,
  findPlaces,
  findSendIds,
  insertArchivedMessage,
  listWaiting,
  lowestRow,
  sendIdName,
} from "../store/archive/archived-messages.ts"
import { type EarlyChange, deleteEarlyChange, listEarlyChanges } from "../store/archive/early-changes.ts"
import { type EarlyReceipt, deleteEarlyReceipts, listEarlyReceipts } from "../store/archive/early-receipts.ts"
import { deleteMessage } from "../store/chat/messages.ts"
import type { Reader } from "../store/reader.ts"
import { listMarks } from "../store/sync/marks.ts"
import { Placing } from "./placing.ts"

/** Of the first ones of each chat listeners are told one by one; for the others it is enough that the chat has changed. */
const toldOfEachChat = 100

export interface WrittenChat {
  readonly chatId: Uint8Array
  /** The newest message that was read where they come from. */
  readonly readId: Uint8Array | undefined
  readonly placing: Placing
  /** Lines that stand for what could not be read, by group and order. */
  readonly waiting: Map<string, { readonly row: number; readonly position: number }>
  told: number
}

/** Newest first in each chat. */
export interface WrittenMessage {
  readonly chat: WrittenChat
  readonly message: ArchivedMessage
}

export async function openChat(reader: Reader, chatId: Uint8Array, readId: Uint8Array | undefined): Promise<WrittenChat> {
  const waiting = new Map(
    (await listWaiting(reader, chatId)).map(({ row, groupId, order, position }) => [placeName(groupId, order), { row, position }]),
  )
  return { chatId, readId, placing: await Placing.of(reader, chatId), waiting, told: 0 }
}

export class MessageWriting {
  #row = 0
  /** New here. */
  added = 0

  async open(reader: Reader): Promise<void> {
    this.#row = await lowestRow(reader)
  }

  /** Those that the chat has already, and those that its person deleted, are left out. */
  async write(tx: Transaction, items: readonly WrittenMessage[]): Promise<void> {
    const names = items.map(({ chat: { chatId }, message: { messageId } }) => ({ chatId, messageId }))
    const places = new Map((await findPlaces(tx, names)).map((place) => [nameOf(place.chatId, place.messageId), place]))
    const sent = await findSendIds(tx, items.flatMap(sendIdIn))
    const changes = Map.groupBy(await listEarlyChanges(tx, names), ({ chatId, targetId }) => nameOf(chatId, targetId))
    const receipts = Map.groupBy(await listEarlyReceipts(tx, names), ({ chatId, messageId }) => nameOf(chatId, messageId))
    const marks = await listMarks(
      tx,
      items.map(({ message }) => message),
    )
    const written = new Set<Hex>()
    for (const { chat, message } of items) {
      const { chatId, placing, readId } = chat
      const { messageId } = message
      const name = nameOf(chatId, messageId)
      const present = places.get(name)
      if (present) placing.met({ ...message, position: present.position })
      if (present && readId && equal(readId, messageId)) raiseReadPosition(tx, chatId, present.position)
      if (
        present ||
        written.has(name) ||
        sendIdIn({ chat, message }).some((one) => sent.has(sendIdName(one.chatId, one.accountId, one.sendId)))
      )
        continue
      const { deleted, read } = marks(message)
      // The person deleted it on any of their devices.
      if (deleted) continue
      written.add(name)
      const changed = withChange(tx, message, changes.get(name) ?? [])
      const position = await this.#place(tx, chat, withReceipts(tx, changed, receipts.get(name) ?? []))
      if (read || (readId && equal(readId, messageId))) raiseReadPosition(tx, chatId, position)
      this.added++
      if (chat.told++ < toldOfEachChat) tx.messageChanged(chatId, messageId)
      else tx.chatChanged(chatId)
    }
  }

  async #place(tx: Transaction, chat: WrittenChat, message: ArchivedMessage): Promise<number> {
    const { chatId, placing, waiting } = chat
    const { groupId, order } = message
    const line = order === undefined || message.kind === "waiting" ? undefined : waiting.get(placeName(groupId, order))
    if (line && order !== undefined) {
      waiting.delete(placeName(groupId, order))
      fillWaiting(tx, { chatId, row: line.row }, message)
      placing.met({ groupId, order, position: line.position })
      return line.position
    }
    const position = await placing.place(tx, message)
    insertArchivedMessage(tx, { chatId, row: --this.#row, position }, message)
    return position
  }
}

function sendIdIn({
  chat: { chatId },
  message: { accountId, sendId },
}: WrittenMessage): { chatId: Uint8Array; accountId: Uint8Array; sendId: Uint8Array }[] {
  return sendId ? [{ chatId, accountId, sendId }] : []
}

/** The message as it is by now: its sender edited or deleted it before it came here. */
function withChange(tx: Transaction, message: ArchivedMessage, changes: readonly EarlyChange[]): ArchivedMessage {
  const change = changes.find(({ accountId }) => equal(accountId, message.accountId))
  if (!change || message.kind === "event") return message
  deleteEarlyChange(tx, change)
  if (change.kind === "deleted") return { ...message, kind: "deleted", inReplyTo: undefined, parts: [], reactions: [] }
  if ((message.editedMs ?? 0) > change.timeMs) return message
  // It was shown as a message of its own meanwhile.
  deleteMessage(tx, { chatId: change.chatId, messageId: change.messageId })
  const parts = message.parts.map((part) => (part.kind === "text" ? { ...part, text: change.text } : part))
  return { ...message, editedMs: change.timeMs, parts }
}

/** What others reported of an own message before it came here. */
function withReceipts(tx: Transaction, message: ArchivedMessage, early: readonly EarlyReceipt[]): ArchivedMessage {
  const [first] = early
  if (!first) return message
  deleteEarlyReceipts(tx, first)
  return message.isSent ? { ...message, receipts: [...message.receipts, ...early] } : message
}

function nameOf(chatId: Uint8Array, messageId: Uint8Array): Hex {
  return `${toHex(chatId)}${toHex(messageId)}`
}

function placeName(groupId: Uint8Array, order: number): string {
  return `${toHex(groupId)}/${order}`
}
