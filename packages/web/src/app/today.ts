// The present day, for everything that says "Today", "Yesterday" or "Monday". It is kept current while the page stays open.

import { type ReadonlySignal, signal } from "@preact/signals"
import type { Calendar } from "../text/time.ts"

/** Timers stop while a computer sleeps or a page is in the background, so the day is also checked when it wakes. */
const lookEveryMs = 20_000

/** A moment of the present day. It changes only when the day does, in either direction. */
export function createToday(
  window: Pick<Window, "addEventListener" | "setInterval">,
  calendar: Pick<Calendar, "dayKey">,
  nowMs: () => number,
): ReadonlySignal<number> {
  const today = signal(nowMs())
  const look = (): void => {
    const now = nowMs()
    if (calendar.dayKey(now) !== calendar.dayKey(today.peek())) today.value = now
  }
  window.setInterval(look, lookEveryMs)
  // Bubbles from the document: the page came back to the foreground.
  for (const event of ["visibilitychange", "focus", "pageshow"]) window.addEventListener(event, look)
  return today
}
