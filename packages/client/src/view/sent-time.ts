// When a message was written, by its sender's clock, beside when the server placed it. Each can lie or be wrong; together they tell a person
// of a message that was held back, on either side.

/** A message that arrived so much later than it was written says so. */
export const lateAfterMs = 3_600_000
/** Longer than any server keeps a message: a sender's clock that says more is wrong, or the sender is. */
const believedForMs = 30 * 86_400_000
/** Clocks of honest people differ by so much. */
const aheadMs = 10 * 60_000

/** The sender's time if it is believable beside the server's. */
export function believedSentMs(message: { readonly claimedMs: number | undefined; readonly placedMs: number }): number | undefined {
  const { claimedMs, placedMs } = message
  if (claimedMs === undefined || claimedMs > placedMs + aheadMs || claimedMs < placedMs - believedForMs) return undefined
  return claimedMs
}

/** When a message was written that arrived more than an hour later; undefined for all others. */
export function writtenLongBeforeMs(message: { readonly sentMs: number | undefined; readonly timeMs: number }): number | undefined {
  return message.sentMs !== undefined && message.timeMs - message.sentMs > lateAfterMs ? message.sentMs : undefined
}
