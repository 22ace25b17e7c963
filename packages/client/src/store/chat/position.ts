// Places of messages in their chat, as this device shows them.

import type { Reader } from "../reader.ts"

/** Queued messages stand after everything that has its place. */
export const queuedPosition: number = 2 ** 52

/** The place of the newest message that is not an own one on its way; 0 if there is none. */
export async function lastPlaced(reader: Reader, chatId: Uint8Array): Promise<number> {
  const [row] = await reader.read("SELECT MAX(position) AS last FROM message WHERE chat_id = ? AND position < ?", chatId, queuedPosition)
  return Number(row?.["last"] ?? 0)
}

/**
 * The next free place from `from` on. A place is never given twice, even when its message is gone: what counts new messages by their places
 * (what was read, what was printed) would pass over the second one.
 */
export async function nextPosition(reader: Reader, chatId: Uint8Array, from: number): Promise<number> {
  const below = from === 0 ? queuedPosition : Number.MAX_SAFE_INTEGER
  const [row] = await reader.read(
    "SELECT MAX(last) AS last FROM (SELECT MAX(position) AS last FROM message WHERE chat_id = ? AND position >= ? AND position < ? UNION ALL SELECT read_position FROM chat WHERE chat_id = ? AND read_position >= ? AND read_position < ?)",
    chatId,
    from,
    below,
    chatId,
    from,
    below,
  )
  return (typeof row?.["last"] === "number" ? row["last"] : from) + 1
}
