// The positions of messages in their chat on this device.

import type { Reader } from "../reader.ts"

/** Positions from here on are for queued messages, which come after all others. */
export const queuedPosition: number = 2 ** 52

/** The position of the newest message that is not queued; 0 if there is none. */
export async function lastPlaced(reader: Reader, chatId: Uint8Array): Promise<number> {
  const [row] = await reader.read("SELECT MAX(position) AS last FROM message WHERE chat_id = ? AND position < ?", chatId, queuedPosition)
  return Number(row?.["last"] ?? 0)
}

/**
 * The next free position from `from` on. A position is never used twice, even if its message was deleted: code that remembers how far it has
 * read or printed would skip the second message.
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
