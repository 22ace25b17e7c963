// What a conversation shows between its messages: days, the line above the unread ones, and groups of messages by one person.

import type { Hex, MessageView } from "@nodoor/client"

/** Messages by one person no further apart than this share one name and one time. */
export const groupGapMs = 180_000

export type Row =
  | {
      readonly type: "message"
      readonly message: MessageView
      /** First of its group: carries the name. */
      readonly first: boolean
      /** Last of its group: carries the time, the avatar and the corner. */
      readonly last: boolean
    }
  | { readonly type: "event"; readonly message: MessageView }
  | { readonly type: "unread" }

export interface Day {
  readonly key: string
  readonly timeMs: number
  readonly rows: readonly Row[]
}

/** `messages` oldest first. `firstUnreadId` draws the divider above that message. */
export function groupByDay(
  messages: readonly MessageView[],
  options: { readonly firstUnreadId: Hex | undefined; readonly dayKey: (timeMs: number) => string },
): readonly Day[] {
  const days: { key: string; timeMs: number; rows: Row[] }[] = []
  messages.forEach((message, index) => {
    const key = options.dayKey(message.timeMs)
    let day = days.at(-1)
    if (day === undefined || day.key !== key) {
      day = { key, timeMs: message.timeMs, rows: [] }
      days.push(day)
    }
    if (message.id === options.firstUnreadId) day.rows.push({ type: "unread" })
    if (message.content.type === "event") {
      day.rows.push({ type: "event", message })
      return
    }
    const joins = (other: MessageView | undefined, later: MessageView): boolean =>
      other !== undefined &&
      together(other, later) &&
      later.id !== options.firstUnreadId &&
      options.dayKey(other.timeMs) === options.dayKey(later.timeMs)
    const next = messages[index + 1]
    day.rows.push({
      type: "message",
      message,
      first: !joins(messages[index - 1], message),
      last: next === undefined || !joins(message, next),
    })
  })
  return days
}

function together(earlier: MessageView, later: MessageView): boolean {
  return (
    earlier.content.type !== "event" &&
    later.content.type !== "event" &&
    earlier.sender.accountId === later.sender.accountId &&
    Math.abs(later.timeMs - earlier.timeMs) <= groupGapMs
  )
}
