// WebSockets in front of the delivery service's two kinds of streams. They carry no session, cookie or account, and stand under names of
// their own where the operator has configured them.

import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import { limits } from "@nodoor/wire"
import { postPath, readPath } from "@nodoor/wire/delivery"
import { type RawData, type WebSocket, WebSocketServer } from "ws"
import type { FramePort, FrameSink, StreamCaller } from "../delivery/stream/port.ts"
import type { ClientAddress } from "./client-address.ts"
import type { Sites } from "./sites.ts"

export interface DeliverySocketOptions {
  /** A stream must have shown a pass by then. */
  readonly openWithinMs: number
  /** A ping goes out this often. A client that has not answered by the next one is gone. */
  readonly pingEveryMs: number
  /** Connections at once, of both kinds. */
  readonly connectionsMax: number
}

export const defaultDeliverySocketOptions: DeliverySocketOptions = { openWithinMs: 10_000, pingEveryMs: 30_000, connectionsMax: 40_000 }

/** What is behind the sockets. */
export interface DeliveryStreams {
  connectRead(sink: FrameSink, caller: StreamCaller): FramePort
  connectPost(sink: FrameSink, caller: StreamCaller): FramePort
  /** Ends all streams: each gets a last frame. */
  close(): void
}

/** How long a client has to answer the closing handshake when the server stops. */
const lastFrameMs = 500
/** A frame of subscriptions or acknowledgements is much smaller. */
const readFrameBytes = 262_144
/** What may come before a stream is open: a token, and what follows it in its frame. */
const unopenedMaxBytes = 262_144
/** Parts of frames that are not complete, of all streams together. A stream with more than a small part is then cut. */
const partsMaxBytes = 256 * 1024 * 1024
const smallPartBytes = 1024 * 1024

interface Held {
  readonly port: FramePort
  readonly sinceMs: number
  alive: boolean
  /** Bytes since the last whole frame. */
  partBytes: number
}

/** Answers what stops it: no new upgrades, the streams end, sockets have a moment for their last frame, then they are cut. */
export function serveDelivery(
  server: Server,
  { streams, clientAddress, sites }: { readonly streams: DeliveryStreams; readonly clientAddress: ClientAddress; readonly sites: Sites },
  options: DeliverySocketOptions,
): () => Promise<void> {
  const sockets = new Map<WebSocket, Held>()
  const upgradesTo = (maxPayload: number): WebSocketServer =>
    new WebSocketServer({
      noServer: true,
      perMessageDeflate: false, // Sizes after compression would tell about contents, and it costs memory per connection.
      maxPayload,
      clientTracking: false,
      skipUTF8Validation: true, // Text frames are refused unread.
    })
  const upgrades = { [readPath]: upgradesTo(readFrameBytes), [postPath]: upgradesTo(limits.frameBytes) }
  let partsBytes = 0
  let stopping = false

  const accept = (socket: WebSocket, raw: Duplex, path: typeof readPath | typeof postPath, address: string): void => {
    const sink = sinkOf(socket, raw)
    const port = path === readPath ? streams.connectRead(sink, { address }) : streams.connectPost(sink, { address })
    const held: Held = { port, sinceMs: performance.now(), alive: true, partBytes: 0 }
    sockets.set(socket, held)
    const whole = (): void => {
      partsBytes -= held.partBytes
      held.partBytes = 0
    }
    raw.on("data", (chunk: Buffer) => {
      partsBytes += chunk.length
      held.partBytes += chunk.length
      const isTooMuch = !port.opened ? held.partBytes > unopenedMaxBytes : partsBytes > partsMaxBytes && held.partBytes > smallPartBytes
      if (isTooMuch) socket.terminate()
    })
    socket.on("message", (data: RawData, isBinary: boolean) => {
      held.alive = true
      port.receive(isBinary && Buffer.isBuffer(data) ? data : new Uint8Array())
      whole()
    })
    socket.on("pong", () => (held.alive = true))
    socket.on("error", () => socket.terminate())
    socket.on("close", () => {
      whole()
      sockets.delete(socket)
      port.closed()
    })
  }

  const onUpgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = pathOf(incoming.url)
    socket.on("error", () => socket.destroy())
    if (path !== readPath && path !== postPath) return refuse(socket, "404 Not Found")
    if (!sites.serves(incoming.headers.host, path)) return refuse(socket, "404 Not Found")
    if (stopping || sockets.size >= options.connectionsMax) return refuse(socket, "503 Service Unavailable")
    let address: string
    try {
      address = clientAddress.of(incoming)
    } catch {
      return refuse(socket, "400 Bad Request")
    }
    upgrades[path].handleUpgrade(incoming, socket, head, (accepted) => accept(accepted, socket, path, address))
  }
  server.on("upgrade", onUpgrade)

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
    stopping = true
    clearInterval(timer)
    streams.close()
    for (let waitedMs = 0; sockets.size > 0 && waitedMs < lastFrameMs; waitedMs += 10)
      await new Promise((resolve) => setTimeout(resolve, 10))
    for (const socket of sockets.keys()) socket.terminate()
  }
}

function sinkOf(socket: WebSocket, raw: Duplex): FrameSink {
  return {
    send: (frame, sent) => socket.send(frame, { binary: true, compress: false }, () => sent()),
    sendInPlace: (buffer, from, to) => {
      if (socket.readyState !== socket.OPEN) return true
      raw.write(buffer.subarray(writeHead(buffer, from, to - from), to))
      return raw.writableLength === 0
    },
    bufferedBytes: () => socket.bufferedAmount,
    close: () => socket.close(1000),
  }
}

/** The head of an unmasked binary frame in front of its `size` bytes (RFC 6455 section 5.2). Answers where it begins. */
export function writeHead(buffer: Buffer, from: number, size: number): number {
  const final = 0x82
  if (size < 126) {
    buffer[from - 2] = final
    buffer[from - 1] = size
    return from - 2
  }
  if (size < 0x1_0000) {
    buffer[from - 4] = final
    buffer[from - 3] = 126
    buffer.writeUInt16BE(size, from - 2)
    return from - 4
  }
  buffer[from - 10] = final
  buffer[from - 9] = 127
  buffer.writeUInt32BE(0, from - 8)
  buffer.writeUInt32BE(size, from - 4)
  return from - 10
}

function pathOf(url: string | undefined): string {
  return (url ?? "").split("?")[0] ?? ""
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
