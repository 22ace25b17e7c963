// The hybrid logical clock of synchronised entries. A stamp is the server's time as far as the device knows it, and always later than what the
// device knew of the same key. Clocks that are far off are bounded on both sides (docs/sync.md, "Clocks").

import { compare } from "@nodoor/bytes"
import type { Stamp } from "../store/sync/sync-entry.ts"
import { writtenBetween } from "../core/written-time.ts"

type Time = Pick<Stamp, "ms" | "counter">

/** Nobody writes one key so often in a millisecond. */
export const counterMax = 0xffff_ffff
/** A stamp may be so far ahead of the server's time when it is sent. */
const slackMs = 5 * 60_000

export function compareStamps(a: Stamp, b: Stamp): number {
  return compareTimes(a, b) || compare(a.deviceId, b.deviceId)
}

export function compareTimes(a: Time, b: Time): number {
  return a.ms - b.ms || a.counter - b.counter
}

/** The time of something that is written now, after what was known. */
export function timeAfter(known: Time | undefined, nowMs: number): Time {
  if (!known || known.ms < nowMs) return { ms: nowMs, counter: 0 }
  return known.counter < counterMax ? { ms: known.ms, counter: known.counter + 1 } : { ms: known.ms + 1, counter: 0 }
}

/** The time with which an entry is sent. A clock that was ahead while the server's time was not known is corrected. */
export function timeToSend(stamp: Time, shared: Time, serverNowMs: number): Time {
  return stamp.ms > serverNowMs + slackMs ? timeAfter(shared, serverNowMs) : stamp
}

/**
 * Whether the stamp of an entry that arrived is believed: it is no later than the hour in which the server placed it allows. One that is
 * further ahead is believed if what is shared of the key is as far ahead, so that nothing is stuck at a wrong time. All devices decide alike.
 */
export function isBelievable(stamp: Time, { placedMs, shared }: { readonly placedMs: number; readonly shared: Time | undefined }): boolean {
  return stamp.counter <= counterMax && stamp.ms <= Math.max(writtenBetween(placedMs).untilMs, shared?.ms ?? 0)
}
