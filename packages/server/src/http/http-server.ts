// The listening socket. It answers 503 until `serve` says what is behind it, and closes without cutting off an answer.

import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { ServerError } from "../core/server-error.ts"

export interface HttpTimeouts {
  /** Longest time for a request's headers. */
  readonly headersMs?: number
  /** Longest time for all of a request. */
  readonly requestMs?: number
}

export interface HttpServer {
  readonly server: Server
  readonly port: number
  /** `http://host:port` */
  readonly url: string
  serve(listener: RequestListener): void
  /** Closes idle connections at once, busy ones after their answer, and all of them in the end. */
  close(): Promise<void>
}

/** How long requests under way have to finish when the server stops. */
const drainMs = 3_000

/** @throws ServerError `port_in_use`, `port_refused` */
export async function listenHttp({
  host,
  port,
  timeouts = {},
}: {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly timeouts?: HttpTimeouts | undefined
}): Promise<HttpServer> {
  const server = createServer({ connectionsCheckingInterval: 1_000, shouldUpgradeCallback: wantsWebSocket })
  server.headersTimeout = timeouts.headersMs ?? 10_000
  server.requestTimeout = timeouts.requestMs ?? 60_000
  server.keepAliveTimeout = 65_000
  // A connection on which nothing moves, such as one whose answer nobody reads. Streams have their own pings.
  server.timeout = 120_000
  server.maxHeadersCount = 64
  server.on("request", tooEarly)
  const actualPort = await listen(server, host, port)
  let closed: Promise<void> | undefined
  return {
    server,
    port: actualPort,
    url: `http://${inUrl(host)}:${actualPort}`,
    serve: (listener) => {
      server.off("request", tooEarly)
      server.on("request", listener)
    },
    close: () => (closed ??= closeServer(server)),
  }
}

/** A host as it stands in a URL. */
export function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host
}

/** Any other upgrade that a client offers, such as curl's to HTTP/2, is ignored, and its request answered. */
function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket"
}

/** A request that comes while the services are being opened is told to come again. Without a listener it would hang. */
function tooEarly(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { "Retry-After": "1", Connection: "close" }).end()
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ host, port, backlog: 1024 }, () => resolve((server.address() as AddressInfo).port))
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ServerError {
  if (error.code === "EADDRINUSE")
    return new ServerError("port_in_use", `Port ${port} on ${host} is in use. Stop the program that uses it, or set PORT to another.`, {
      cause: error,
    })
  return new ServerError(
    "port_refused",
    `The server cannot listen on ${host}:${port} (${error.code ?? "unknown"}). Set HOST to an address of this machine and PORT to one you may use.`,
    { cause: error },
  )
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
