// When a device renews its keys in a group, by a commit with a path (RFC 9420 §16.6). Until then, somebody who copied its store can read on. Each
// device decides alone, spread out so that the devices of a large group do not all commit at once. Only numbers here; `renewals.ts` uses them.

/** How a group stands for this device. */
export interface RenewalState {
  /** When the last path of this device was taken in; undefined since it joined. */
  readonly pathMs: number | undefined
  /** What this device encrypted since. */
  readonly messages: number
  /** When it was first seen, while the device was at work, that a path is due by time. */
  readonly dueMs: number | undefined
  readonly leaves: number
  /** A number from 0 to 1 that is this device's own, another one for every group and turn. */
  readonly jitter: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export const renewalLimits: Readonly<
  Record<"messages" | "aheadBytes" | "fromMs" | "untilMs" | "turnMs" | "turnsMaxMs" | "quietMs" | "smallLeaves", number>
> = {
  /** A path before the message after this many, so that one that loses a race or two still comes within 100. */
  messages: 90,
  /** A commit with more bytes, the first ones in a new large group, goes behind the message that it should go before. */
  aheadBytes: 65_536,
  /** A path is due by time between these ages of the last one, so that it comes within 24 hours of use. */
  fromMs: 20 * hourMs,
  untilMs: 24 * hourMs,
  /** Devices that come back take turns over so long for each leaf of the group, and no longer than this in all. */
  turnMs: 4_000,
  turnsMaxMs: 4 * hourMs,
  /** After somebody's commit in a group of more than two leaves nobody renews by time for this long. */
  quietMs: 2_000,
  /** Up to this many leaves anything that is sent waits for a path that is due; in larger groups what a person wrote. */
  smallLeaves: 32,
}

/** Why a path should go before the next content; undefined if none should. A clock that was set back makes it due. */
export function renewalReason({ pathMs, messages, jitter }: RenewalState, nowMs: number): "first" | "messages" | "time" | undefined {
  if (pathMs === undefined) return "first"
  if (messages >= renewalLimits.messages) return "messages"
  return Math.abs(nowMs - pathMs) >= ageMs(jitter) ? "time" : undefined
}

/**
 * When a device that sends nothing renews in its turn: at the age where it is due, or, if it was away then, spread over a while from when it
 * is back. Never before `nowMs`.
 */
export function renewalTurnMs(state: RenewalState, nowMs: number): number {
  const { pathMs, messages, dueMs, leaves, jitter } = state
  if (pathMs !== undefined && renewalReason(state, nowMs) !== "time") return Math.max(nowMs, Math.min(pathMs, nowMs) + ageMs(jitter))
  // Who has only read since joining has a day; who has sent without, or was away, takes a turn among the others.
  const spreadMs = pathMs === undefined && messages === 0 ? dayMs : Math.min(leaves * renewalLimits.turnMs, renewalLimits.turnsMaxMs)
  return Math.max(nowMs, Math.min(dueMs ?? nowMs, nowMs) + jitter * spreadMs)
}

/** When to try again after `failures` in a row, because somebody else's commit came first or the server did not take it. */
export function renewalRetryMs({ leaves, jitter }: Pick<RenewalState, "leaves" | "jitter">, failures: number): number {
  const spreadMs = Math.max(5_000, Math.min(leaves * renewalLimits.turnMs, renewalLimits.turnsMaxMs) / 4)
  return Math.min(6 * hourMs, (0.5 + jitter) * spreadMs * 2 ** Math.min(Math.max(0, failures - 1), 12))
}

function ageMs(jitter: number): number {
  const { fromMs, untilMs } = renewalLimits
  return fromMs + jitter * (untilMs - fromMs)
}
