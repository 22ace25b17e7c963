// WebSockets in front of the streams: upgrades at one path, frames in and out, and an end to silent connections.

import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import { limits, streamPath } from "@nodoor/wire"
import { type RawData, type WebSocket, WebSocketServer } from "ws"
import type { StreamPort, StreamSink } from "../stream/port.ts"
import type { ClientAddress } from "./client-address.ts"
import { isDeliveryPath } from "./delivery-sockets.ts"
import type { Sites } from "./sites.ts"

export interface StreamSocketOptions {
  /** A connection must have said who it is by then. */
  readonly openWithinMs: number
  /** A ping goes out this often. A client that has not answered by the next one is gone. */
  readonly pingEveryMs: number
  /** Connections at once. */
  readonly connectionsMax: number
}

export const defaultStreamSocketOptions: StreamSocketOptions = { openWithinMs: 10_000, pingEveryMs: 30_000, connectionsMax: 20_000 }

/** How long a client has to answer the closing handshake when the server stops. */
const lastFrameMs = 500

interface Held {
  readonly port: StreamPort
  readonly sinceMs: number
  alive: boolean
}

/** What is behind the sockets. */
export interface StreamHub {
  connect(sink: StreamSink, caller: { readonly address: string }): StreamPort
  /** Ends all streams: each gets a last frame. */
  close(): void
}

/** Answers what stops it: no new upgrades, the streams end, sockets have a moment for their last frame, then they are cut. */
export function serveStreams(
  server: Server,
  { hub, clientAddress, sites }: { readonly hub: StreamHub; readonly clientAddress: ClientAddress; readonly sites: Sites },
  options: StreamSocketOptions,
): () => Promise<void> {
  const sockets = new Map<WebSocket, Held>()
  const upgrades = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false, // Sizes after compression would tell about contents, and it costs memory per connection.
    maxPayload: limits.streamRequestBytes,
    clientTracking: false,
    skipUTF8Validation: true, // Text frames are refused unread.
  })

  const accept = (socket: WebSocket, address: string): void => {
    const sink = {
      send: (frame: Uint8Array, sent: () => void) => socket.send(frame, { binary: true, compress: false }, () => sent()),
      bufferedBytes: () => socket.bufferedAmount,
      close: () => socket.close(1000),
    }
    const port = hub.connect(sink, { address })
    const held: Held = { port, sinceMs: performance.now(), alive: true }
    sockets.set(socket, held)
    socket.on("message", (data: RawData, isBinary: boolean) => {
      held.alive = true
      if (isBinary && Buffer.isBuffer(data)) port.receive(new Uint8Array(data))
      else port.receive(new Uint8Array())
    })
    socket.on("pong", () => (held.alive = true))
    socket.on("error", () => socket.terminate())
    socket.on("close", () => {
      sockets.delete(socket)
      port.closed()
    })
  }

  server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isDeliveryPath(incoming.url)) return
    socket.on("error", () => socket.destroy())
    const served = sites.serves(incoming.headers.host, streamPath)
    if (!served || (incoming.url ?? "").split("?")[0] !== streamPath) return refuse(socket, "404 Not Found")
    if (sockets.size >= options.connectionsMax) return refuse(socket, "503 Service Unavailable")
    let address: string
    try {
      address = clientAddress.of(incoming)
    } catch {
      return refuse(socket, "400 Bad Request")
    }
    upgrades.handleUpgrade(incoming, socket, head, (accepted) => accept(accepted, address))
  })

  let sincePingMs = 0
  const tickMs = Math.min(options.openWithinMs, options.pingEveryMs) / 2
  const timer = setInterval(() => {
    sincePingMs += tickMs
    const ping = sincePingMs >= options.pingEveryMs
    if (ping) sincePingMs = 0
    for (const [socket, held] of sockets) {
      if (!held.port.opened && performance.now() - held.sinceMs > options.openWithinMs) socket.terminate()
      else if (ping && !held.alive) socket.terminate()
      else if (ping) {
        held.alive = false
        socket.ping()
      }
    }
  }, tickMs)

  return async () => {
    clearInterval(timer)
    hub.close()
    upgrades.close()
    for (let waitedMs = 0; sockets.size > 0 && waitedMs < lastFrameMs; waitedMs += 10)
      await new Promise((resolve) => setTimeout(resolve, 10))
    for (const socket of sockets.keys()) socket.terminate()
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
