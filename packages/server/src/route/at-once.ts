// How many calls of one person can run at once. Documents and archives are large. Somebody who asks for many and reads no answer
// must not use up the memory that people's messages need.

import { WireError } from "@nodoor/wire"

/** More than the connections that one browser opens. */
export const atOncePerPerson = 8

/** The result begins a call, and its result ends it. Beginning one too many @throws WireError `rate_limited` */
export function createAtOnce(max: number = atOncePerPerson): (whose: string) => () => void {
  const underWay = new Map<string, number>()
  return (whose) => {
    const count = underWay.get(whose) ?? 0
    if (count >= max) throw new WireError("rate_limited", "too many requests at once", { retryAfterMs: 1000 })
    underWay.set(whose, count + 1)
    let over = false
    return () => {
      if (over) return
      over = true
      const left = (underWay.get(whose) ?? 1) - 1
      if (left === 0) underWay.delete(whose)
      else underWay.set(whose, left)
    }
  }
}
