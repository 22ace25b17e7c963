// The network port in Node. `fetch` would send everything to one server over one pool of connections: a post without a session would go out
// on a connection that named the device a moment before, and the server could tell who wrote it.

import { Agent as HttpAgent, request as httpRequest } from "node:http"
import { Agent as HttpsAgent, request as httpsRequest } from "node:https"
import type { Network } from "../core/ports.ts"
import { type ExchangeAnswer, networkOver } from "./http-network.ts"

/** Longer than the server's, so that a request does not meet a connection that is just being closed. */
const idleMs = 4_000

/** No TLS session is resumed either: it would link the two kinds as a connection does. */
const pool = () => ({
  "http:": new HttpAgent({ keepAlive: true, timeout: idleMs }),
  "https:": new HttpsAgent({ keepAlive: true, timeout: idleMs, maxCachedSessions: 0 }),
})
const pools = { named: pool(), nameless: pool() }

export const nodeNetwork: Network = networkOver(
  (url, { method, headers, body, named, signal }) =>
    new Promise<ExchangeAnswer>((resolve, reject) => {
      const agents = named ? pools.named : pools.nameless
      const options = { method, headers: { ...headers, ...(body && { "content-length": String(body.length) }) }, signal }
      const sent =
        url.protocol === "https:"
          ? httpsRequest(url, { ...options, agent: agents["https:"] })
          : httpRequest(url, { ...options, agent: agents["http:"] })
      sent.on("response", (answer) => resolve({ status: answer.statusCode ?? 0, body: answer }))
      sent.on("error", reject)
      sent.end(body)
    }),
)
