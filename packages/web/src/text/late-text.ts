// A message that arrived long after it was written says so, whether it was sent late or received late.

import { type MessageView, writtenLongBeforeMs } from "@nodoor/client"
import type { Calendar } from "./time.ts"
import { t } from "./catalogue.ts"

/** Undefined for a message that arrived when it was written. */
export function lateText(
  message: Pick<MessageView, "sentMs" | "timeMs" | "order" | "sender">,
  calendar: Pick<Calendar, "clock" | "dayKey" | "full">,
): string | undefined {
  const sentMs = writtenLongBeforeMs(message)
  if (sentMs === undefined || message.order === undefined) return undefined
  const arrived = calendar.clock(message.timeMs)
  const sent = calendar.dayKey(sentMs) === calendar.dayKey(message.timeMs) ? calendar.clock(sentMs) : calendar.full(sentMs)
  return message.sender.own ? t.message.writtenAndSent(sent, arrived) : t.message.sentAndArrived(sent, arrived)
}
