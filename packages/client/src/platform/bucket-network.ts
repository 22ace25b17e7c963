// Requests to a person's own bucket, over connections that carry nothing else.

import { concat } from "@nodoor/bytes"
import { NetworkError } from "../core/client-error.ts"
import type { BucketNetwork } from "../core/ports.ts"
import type { HttpExchange } from "./http-network.ts"

/** A part of eight megabytes over a slow line. */
const timeoutMs = 300_000

export function bucketNetwork(exchange: HttpExchange): BucketNetwork {
  return async (url, { method, headers, body, maxBytes }) => {
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const sent = body && new Uint8Array(body)
      const answer = await exchange(url, { method, headers, body: sent, class: "anonymous", alone: true, signal })
      const parts: Uint8Array[] = []
      let size = 0
      for await (const part of answer.body) {
        if ((size += part.length) > maxBytes) throw new NetworkError("a longer answer than was asked for", { maybeDone: true })
        parts.push(part)
      }
      return { status: answer.status, header: (name) => answer.header(name), body: concat(...parts) }
    } catch (error) {
      if (error instanceof NetworkError) throw error
      throw new NetworkError("the bucket does not answer", { maybeDone: true, cause: error })
    }
  }
}
