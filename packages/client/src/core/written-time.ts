// When something was written, as people see it. The server says the hour in which it placed a body; the sender says the minute, in the encrypted
// payload. Neither can move it far without the other.

import { hourMs, placedFromMs } from "./group-record.ts"

/** A sender's clock may be so far from the server's. */
const slackMs = 5 * 60_000

/** What the sender says, kept within the hour that the server says and a few minutes. Without it, the beginning of that hour. */
export function writtenTimeMs({
  claimedMs,
  placedMs,
}: {
  /** By the sender's clock. */
  readonly claimedMs: number | undefined
  /** By the server's. Only its hour counts. */
  readonly placedMs: number
}): number {
  const { fromMs, startMs, untilMs } = writtenBetween(placedMs)
  return claimedMs === undefined ? startMs : Math.min(Math.max(claimedMs, fromMs), untilMs)
}

/** Between which times something is believed to have been written that the server placed in this hour, or on this day if it knows no more. */
export function writtenBetween(placedMs: number): { readonly fromMs: number; readonly startMs: number; readonly untilMs: number } {
  const startMs = placedFromMs(placedMs)
  const endMs = (Math.floor(placedMs / hourMs) + 1) * hourMs
  return { fromMs: startMs - slackMs, startMs, untilMs: endMs + slackMs }
}
