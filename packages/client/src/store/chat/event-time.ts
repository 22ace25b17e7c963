// When something happened in a chat, as a line of it says. The server says the hour; what stands before in the chat says more.

import { hourMs, placedFromMs } from "../../core/group-record.ts"
import type { Reader } from "../reader.ts"

/**
 * Within the hour that the server says: now, if that hour is not over, else the time of what stands before it in the chat, as far as that is
 * within the hour.
 */
export async function eventTimeMs(
  reader: Reader,
  { chatId, placedMs, nowMs }: { readonly chatId: Uint8Array; readonly placedMs: number; readonly nowMs: number },
): Promise<number> {
  const fromMs = placedFromMs(placedMs)
  if (nowMs >= fromMs && nowMs < placedMs + hourMs) return nowMs
  const [row] = await reader.read(
    "SELECT time_ms FROM message WHERE chat_id = ? AND ord IS NOT NULL ORDER BY position DESC LIMIT 1",
    chatId,
  )
  const beforeMs = Number(row?.["time_ms"] ?? placedMs)
  return Math.min(Math.max(fromMs, beforeMs), placedMs + hourMs - 1)
}
