// A network that counts: how many requests there were, and how many of them had to wait for one another.

import type { Network } from "@nodoor/client"

export interface Counted {
  readonly network: Network
  /** Since the last call of it. */
  take(): { readonly requests: number; readonly inARow: number }
}

/** `inARow`: the longest chain of requests, each of which began after the one before it had been answered. */
export function countedNetwork(network: Network): Counted {
  let requests = 0
  let answered = 0
  const call: Network["call"] = async (serverUrl, route, request, options) => {
    requests++
    const depth = answered + 1
    try {
      return await network.call(serverUrl, route, request, options)
    } finally {
      answered = Math.max(answered, depth)
    }
  }
  return {
    network: { ...network, call },
    take: () => {
      const taken = { requests, inARow: answered }
      requests = 0
      answered = 0
      return taken
    },
  }
}
