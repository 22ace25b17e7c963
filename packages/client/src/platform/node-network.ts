// The network port in Node. `fetch` and the built-in WebSocket send everything to one server over one pool of connections, and resume its TLS
// sessions: what names nobody would go out on a connection that named the device a moment before. So each class has agents of its own.

import { Agent as HttpAgent, type IncomingMessage, type RequestOptions, request as httpRequest } from "node:http"
import { Agent as HttpsAgent, request as httpsRequest } from "node:https"
import { limits } from "@nodoor/wire"
import { WebSocket } from "ws"
import type { ConnectionClass, Network } from "../core/ports.ts"
import { type ExchangeAnswer, type HttpExchange, networkOver } from "./http-network.ts"
import { type ProxyUser, SocksHttpAgent, SocksHttpsAgent, type SocksProxy, newProxyUser } from "./socks.ts"

export { type SocksProxy, parseProxy } from "./socks.ts"
export type { ExchangeAnswer } from "./http-network.ts"

/** Longer than the server's, so that a request does not meet a connection that is just being closed. */
const idleMs = 4_000
const streamHandshakeMs = 30_000

export interface NodeNetwork extends Network {
  /** Any other request to a server, of the class `anonymous`. */
  readonly exchange: HttpExchange
}

/**
 * One network for each device: two devices share no connection either. `proxy`: everything goes through it. While it cannot be reached, nothing
 * goes out at all.
 */
export function nodeNetwork({ proxy }: { readonly proxy?: SocksProxy | undefined } = {}): NodeNetwork {
  const agents = new ClassAgents(proxy)
  const exchange: HttpExchange = (url, exchanged) => {
    const lone = exchanged.alone === true
    const agent = lone ? agents.lone(url, newProxyUser()) : agents.pooled(url, exchanged.class)
    return sendRequest(url, { method: exchanged.method, headers: exchanged.headers, signal: exchanged.signal, agent }, exchanged.body)
  }
  const network = networkOver(exchange, (url, kind) => {
    const socket = new WebSocket(url, {
      agent: agents.lone(url, agents.user(kind)),
      maxPayload: limits.frameBytes,
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: streamHandshakeMs,
    })
    return socket as unknown as globalThis.WebSocket
  })
  return { ...network, exchange }
}

type Agent = HttpAgent

/** The connections of each class. TLS sessions are never resumed: that would link two connections as sharing one does. */
class ClassAgents {
  readonly #proxy: SocksProxy | undefined
  readonly #pooled = new Map<string, Agent>()
  readonly #users = new Map<ConnectionClass, ProxyUser>()

  constructor(proxy: SocksProxy | undefined) {
    this.#proxy = proxy
  }

  pooled(url: URL, kind: ConnectionClass): Agent {
    const name = `${kind} ${isEncrypted(url)}`
    const agent = this.#pooled.get(name) ?? this.#agent(url, this.user(kind), true)
    this.#pooled.set(name, agent)
    return agent
  }

  /** For one connection. */
  lone(url: URL, user: ProxyUser): Agent {
    return this.#agent(url, user, false)
  }

  user(kind: ConnectionClass): ProxyUser {
    const user = this.#users.get(kind) ?? newProxyUser()
    this.#users.set(kind, user)
    return user
  }

  #agent(url: URL, user: ProxyUser, keepAlive: boolean): Agent {
    const options = { keepAlive, timeout: idleMs }
    const tlsOptions = { ...options, maxCachedSessions: 0 } as const
    if (!this.#proxy) return isEncrypted(url) ? new HttpsAgent(tlsOptions) : new HttpAgent(options)
    return isEncrypted(url) ? new SocksHttpsAgent(this.#proxy, user, tlsOptions) : new SocksHttpAgent(this.#proxy, user, options)
  }
}

function isEncrypted(url: URL): boolean {
  return url.protocol === "https:" || url.protocol === "wss:"
}

function sendRequest(url: URL, options: RequestOptions, body: Uint8Array | undefined): Promise<ExchangeAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, ...(body && { "content-length": String(body.length) }) }
    const sent = (isEncrypted(url) ? httpsRequest : httpRequest)(url, { ...options, headers })
    sent.on("response", (answer) => resolve({ status: answer.statusCode ?? 0, header: (name) => headerOf(answer, name), body: answer }))
    sent.on("error", reject)
    sent.end(body)
  })
}

function headerOf(answer: IncomingMessage, name: string): string | undefined {
  const value = answer.headers[name]
  return Array.isArray(value) ? value.join(", ") : value
}
