// How many calls of one person may be under way: documents and archives are large, and whoever asks for many and reads none of the answers
// must not take the memory that everybody's messages need.

import { WireError } from "@nodoor/wire"

/** More than the connections that one browser opens. */
export const atOncePerPerson = 8

/** Answers how a call is begun; that answers how it ends. @throws WireError `rate_limited` when it is called while as many are under way */
export function createAtOnce(max: number = atOncePerPerson): (whose: string) => () => void {
  const underWay = new Map<string, number>()
  return (whose) => {
    const count = underWay.get(whose) ?? 0
    if (count >= max) throw new WireError("rate_limited", "too many calls at once", { retryAfterMs: 1000 })
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
