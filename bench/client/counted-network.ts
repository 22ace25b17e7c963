// A network that counts: how many requests there were, and how many of them had to wait for one another.

import type { Network } from "@nodoor/client"
import { drawTokens, takeIntroductions } from "@nodoor/wire"

export interface Counted {
  readonly network: Network
  /** Since the last call of it. */
  take(): { readonly requests: number; readonly inARow: number }
  /** Batches of tokens that devices have drawn: each draws one when it is new, and it is most of a second's work. */
  drawn(): number
}

/** `inARow`: the longest chain of requests, each of which began after the one before it had been answered. */
export function countedNetwork(network: Network): Counted {
  let chain = { requests: 0, answered: 0 }
  let drawn = 0
  const call: Network["call"] = async (serverUrl, route, request, options) => {
    // A request that waits for something to come belongs to nothing that is timed.
    if (route.path === takeIntroductions.path) return network.call(serverUrl, route, request, options)
    const mine = chain
    mine.requests++
    const depth = mine.answered + 1
    try {
      return await network.call(serverUrl, route, request, options)
    } finally {
      if (route.path === drawTokens.path) drawn++
      mine.answered = Math.max(mine.answered, depth)
    }
  }
  return {
    network: { ...network, call },
    drawn: () => drawn,
    take: () => {
      const { requests, answered } = chain
      chain = { requests: 0, answered: 0 }
      return { requests, inARow: answered }
    },
  }
}
