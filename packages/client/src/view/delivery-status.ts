// How far an own message has come: by those it was for when it was sent, so that it never goes back.

import type { DeliveryStatus } from "./message-view.ts"
import type { Row } from "../core/ports.ts"
import { type PlacedMessage, membersThen, receptionOf } from "../store/group/membership.ts"
import type { ChatRow } from "../store/chat/chats.ts"
import type { Reader } from "../store/reader.ts"

/** `row`: of the table `message`. */
export async function deliveryStatus(reader: Reader, chat: ChatRow, row: Row, own: Uint8Array): Promise<DeliveryStatus> {
  const outgoing = String(row["outgoing"])
  const placed = placedMessage(row)
  const messageId = row["message_id"] as Uint8Array
  const [furthest] = await reader.read(
    "SELECT MAX(status) AS status FROM receipt WHERE chat_id = ? AND message_id = ?",
    chat.chatId,
    messageId,
  )
  const reported = furthest?.["status"]
  if (outgoing === "queued" || outgoing === "failed" || !placed || typeof reported !== "number") return asSent(outgoing)
  if (chat.kind === "dm") return receiptStatus(reported)
  const { others, delivered, seen } = await receptionOf(reader, { ...placed, chatId: chat.chatId, messageId, sender: own })
  if (others > 0 && seen >= others) return "read"
  return others > 0 && delivered >= others ? "delivered" : "sent"
}

/** Accounts that a message of a group was for; undefined while it has no place, and for a chat of two, which has the same two always. */
export async function recipientsOf(reader: Reader, chat: ChatRow, messageId: Uint8Array): Promise<readonly Uint8Array[] | undefined> {
  const [row] = await reader.read("SELECT group_id, epoch, ord FROM message WHERE chat_id = ? AND message_id = ?", chat.chatId, messageId)
  const placed = row && placedMessage(row)
  return placed && chat.kind !== "dm" ? await membersThen(reader, placed) : undefined
}

export function receiptStatus(status: number): DeliveryStatus {
  return status === 2 ? "read" : "delivered"
}

/** Without anybody's report. */
export function asSent(outgoing: string): DeliveryStatus {
  return outgoing === "queued" || outgoing === "failed" ? outgoing : "sent"
}

/** Undefined while the group has not given it a place. */
function placedMessage(row: Row): PlacedMessage | undefined {
  if (typeof row["ord"] !== "number") return undefined
  const epoch = typeof row["epoch"] === "number" ? row["epoch"] : undefined
  return { groupId: row["group_id"] as Uint8Array, order: row["ord"], epoch }
}
