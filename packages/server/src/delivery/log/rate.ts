// Rates of the delivery service: large, only to bound abuse. The generic cell rate algorithm, with one number per caller that stands where the
// caller is at hand.

import type { Rate } from "../../route/rate-limit.ts"

export interface DeliveryRates {
  /** Streams opened from one address: a household, an office. */
  readonly open: Rate
  /** Items posted from one address; a body counts once per 16 KiB. */
  readonly address: Rate
  /** Items posted to one group, counted alike. */
  readonly group: Rate
  /** Requests about blobs from one address: parts of uploads have some megabytes. */
  readonly blobs: Rate
}

export const defaultDeliveryRates: DeliveryRates = {
  open: { burst: 400, perSecond: 10 },
  address: { burst: 40_000, perSecond: 4_000 },
  group: { burst: 10_000, perSecond: 500 },
  blobs: { burst: 2_000, perSecond: 50 },
}

export interface Debtor {
  /** When its debt is paid off, Unix milliseconds. */
  paidOffMs: number
}

/** Counts the cost; milliseconds until there is room for it, and then nothing is counted, else 0. */
export function owe(debtor: Debtor, nowMs: number, { burst, perSecond }: Rate, cost: number): number {
  const intervalMs = 1000 / perSecond
  const roomMs = burst * intervalMs
  // Nobody owes more than the room there is, unless the clock was set back. The count begins anew then.
  const beforeMs = debtor.paidOffMs > nowMs + roomMs + 1 ? nowMs : Math.max(debtor.paidOffMs, nowMs)
  const afterMs = beforeMs + Math.min(cost, burst) * intervalMs
  const waitMs = afterMs - nowMs - roomMs
  // Sums of fractions are not exact, so a thousandth of a millisecond counts as no debt.
  if (waitMs > 0.001) return Math.ceil(waitMs)
  debtor.paidOffMs = afterMs
  return 0
}

const bytesPerPost = 16 * 1024

/** A larger body counts as several posts. */
export function costOf(sizeBytes: number): number {
  return sizeBytes <= bytesPerPost ? 1 : Math.ceil(sizeBytes / bytesPerPost)
}
