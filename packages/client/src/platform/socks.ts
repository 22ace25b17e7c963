// The way through a SOCKS5 proxy such as Tor's. The proxy looks names up, so nothing of it is asked of this machine's DNS.

import { randomBytes } from "node:crypto"
import { Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import type { Duplex } from "node:stream"
import { SocksClient } from "socks"

export interface SocksProxy {
  readonly host: string
  readonly port: number
}

const connectTimeoutMs = 30_000

/**
 * `socks5h://host:port`. Undefined for anything else: `socks5://` leaves the look-up of names to this machine, and the user name is needed to
 * keep connections apart.
 */
export function parseProxy(address: string): SocksProxy | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== "socks5h:" || url.hostname === "" || url.port === "" || Number(url.port) === 0) return undefined
  if (url.username + url.password + url.search + url.hash !== "" || !["", "/"].includes(url.pathname)) return undefined
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port) }
}

/**
 * The user name and password shown to the proxy. Tor gives connections with different ones different circuits (`IsolateSOCKSAuth`, on by
 * default). They say nothing: both are random.
 */
export interface ProxyUser {
  readonly name: string
  readonly password: string
}

export function newProxyUser(): ProxyUser {
  return { name: randomBytes(16).toString("hex"), password: randomBytes(16).toString("hex") }
}

interface Destination {
  readonly host?: string | null | undefined
  readonly port?: number | string | null | undefined
}
type Connected = (error: Error | null, socket?: Duplex) => void

/** Connections of plain HTTP through the proxy. */
export class SocksHttpAgent extends HttpAgent {
  readonly #connect: (destination: Destination) => Promise<Duplex>

  constructor(proxy: SocksProxy, user: ProxyUser, options: { readonly keepAlive: boolean; readonly timeout: number }) {
    super(options)
    this.#connect = (destination) => connectThrough(proxy, user, destination)
  }

  override createConnection(options: Destination, connected: Connected): undefined {
    this.#connect(options).then((socket) => connected(null, socket), connected)
  }
}

/** Connections with TLS through the proxy, which sees the name of the host and what is encrypted. */
export class SocksHttpsAgent extends HttpsAgent {
  readonly #connect: (destination: Destination) => Promise<Duplex>

  constructor(
    proxy: SocksProxy,
    user: ProxyUser,
    options: { readonly keepAlive: boolean; readonly timeout: number; readonly maxCachedSessions: 0 },
  ) {
    super(options)
    this.#connect = (destination) => connectThrough(proxy, user, destination)
  }

  override createConnection(options: Destination, connected: Connected): undefined {
    this.#connect(options).then(
      (socket) => connected(null, super.createConnection(Object.assign(options, { socket })) ?? undefined),
      connected,
    )
  }
}

async function connectThrough(proxy: SocksProxy, user: ProxyUser, { host, port }: Destination): Promise<Duplex> {
  const { socket } = await SocksClient.createConnection({
    proxy: { host: proxy.host, port: proxy.port, type: 5, userId: user.name, password: user.password },
    command: "connect",
    destination: { host: host ?? "", port: Number(port) },
    timeout: connectTimeoutMs,
  })
  return socket
}
