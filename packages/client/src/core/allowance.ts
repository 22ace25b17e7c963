// How often somebody else may cause work here: so many times within a while, then nothing until it is over.

import { toHex } from "@nodoor/bytes"

export class Allowance {
  readonly #times: number
  readonly #withinMs: number
  readonly #used = new Map<string, { readonly sinceMs: number; readonly count: number }>()

  constructor(limit: { readonly times: number; readonly withinMs: number }) {
    this.#times = limit.times
    this.#withinMs = limit.withinMs
  }

  /** Whether it may be done once more for this one. A clock that is set back starts the count again. */
  take(who: Uint8Array, nowMs: number): boolean {
    const key = toHex(who)
    const used = this.#used.get(key)
    const begins = used === undefined || Math.abs(nowMs - used.sinceMs) >= this.#withinMs
    if (!begins && used.count >= this.#times) return false
    if (begins && this.#used.size >= forgetAt) this.#forget(nowMs)
    this.#used.set(key, begins ? { sinceMs: nowMs, count: 1 } : { ...used, count: used.count + 1 })
    return true
  }

  #forget(nowMs: number): void {
    for (const [key, { sinceMs }] of this.#used) if (Math.abs(nowMs - sinceMs) >= this.#withinMs) this.#used.delete(key)
  }
}

/** Entries that are over are swept out when there are this many. */
const forgetAt = 1_000
