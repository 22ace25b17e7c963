// Room between the messages of a chat: table `message`, column `position`.

import { equal } from "@nodoor/bytes"
import { queuedPosition } from "../chat/position.ts"
import { type Reader, optionalNumber } from "../reader.ts"

/** The first position of the chat, undefined if there is none. */
export async function firstPlaced(reader: Reader, chatId: Uint8Array): Promise<number | undefined> {
  const [row] = await reader.read("SELECT MIN(position) AS first FROM message WHERE chat_id = ? AND position < ?", chatId, queuedPosition)
  return optionalNumber(row?.["first"])
}

/**
 * The messages between which one belongs that stands before `below` in the chat, and at `order` in the group: `floor` is the last one before it,
 * `ceiling` the first after it.
 */
export async function findRoom(
  reader: Reader,
  at: { readonly chatId: Uint8Array; readonly groupId: Uint8Array; readonly order: number | undefined; readonly below: number },
): Promise<{ readonly floor: number | undefined; readonly floorOrder: number | undefined; readonly ceiling: number | undefined }> {
  const { chatId, groupId, order, below } = at
  const [floor] = await reader.read(
    `SELECT position, ord, group_id FROM message WHERE chat_id = ? AND position < ? AND (? IS NULL OR ord IS NULL OR group_id != ? OR ord < ?)
     ORDER BY position DESC LIMIT 1`,
    chatId,
    Math.min(below, queuedPosition),
    order ?? null,
    groupId,
    order ?? null,
  )
  const after = optionalNumber(floor?.["position"])
  const [ceiling] = await reader.read(
    "SELECT MIN(position) AS first FROM message WHERE chat_id = ? AND position > ? AND position < ?",
    chatId,
    after ?? -Number.MAX_SAFE_INTEGER,
    queuedPosition,
  )
  const sameGroup = floor?.["group_id"] instanceof Uint8Array && equal(floor["group_id"], groupId)
  return { floor: after, floorOrder: sameGroup ? optionalNumber(floor["ord"]) : undefined, ceiling: optionalNumber(ceiling?.["first"]) }
}
