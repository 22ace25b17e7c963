// What both kinds of streams share. A frame is one binary WebSocket message: items one after another in the TLS presentation language, each
// beginning with a byte that names it.

import { CodecError, TlsReader, type TlsWriter, encodeTls, fromUtf8, toUtf8 } from "@nodoor/bytes"
import { limits } from "../limits.ts"
import { tokenBytes } from "../token.ts"
import { type DeliveryCode, deliveryCodeOf, deliveryCodes } from "./codes.ts"

/** The first item of a stream. A token buys a pass, which later streams of the same kind show. */
export interface OpenItem {
  readonly type: "open"
  readonly with: "token" | "pass"
  readonly data: Uint8Array
}
export interface PingItem {
  readonly type: "ping"
}
/** The stream is open. `pass` is worth the same until `expiryHour`; hours are Unix time / 3600 s, by the server's clock. */
export interface OpenedItem {
  readonly type: "opened"
  readonly pass: Uint8Array
  readonly expiryHour: number
  readonly hour: number
  /** Posts that the pass still pays for; 0 on reading streams. */
  readonly postsLeft: number
}
export interface PongItem {
  readonly type: "pong"
}
/** The last item before the server closes. `message` is for people: no content, keys or addresses. */
export interface ClosedItem {
  readonly type: "closed"
  readonly code: DeliveryCode
  readonly message: string
}

export const itemTypes = {
  open: 0x01,
  post: 0x02,
  commit: 0x03,
  create: 0x04,
  rekey: 0x05,
  ping: 0x06,
  rejoin: 0x07,
  subscribe: 0x11,
  ack: 0x12,
  unsubscribe: 0x13,
  opened: 0x81,
  placed: 0x82,
  refused: 0x83,
  committed: 0x84,
  done: 0x85,
  pong: 0x86,
  closed: 0x87,
  subscribed: 0x91,
  unsubscribed: 0x92,
  postRecord: 0x93,
  commitRecord: 0x94,
  gapRecord: 0x95,
  ephemeral: 0x96,
  joinRecord: 0x97,
  rejoinRequest: 0x98,
} as const

export type SharedRequest = OpenItem | PingItem
export type SharedAnswer = OpenedItem | PongItem | ClosedItem

/** One frame of the items. @throws RangeError for values outside their types: a bug of the caller */
export function encodeItems<T>(items: readonly T[], write: (writer: TlsWriter, item: T) => void): Uint8Array {
  return encodeTls((w) => {
    for (const item of items) write(w, item)
  })
}

/** Every item of a frame. @throws CodecError */
export function decodeItems<T>(frame: Uint8Array, read: (reader: TlsReader, type: number) => T | undefined): T[] {
  if (frame.length > limits.frameBytes) throw new CodecError("oversized", "frame")
  const reader = new TlsReader(frame)
  const items: T[] = []
  while (reader.remainingBytes > 0) {
    if (items.length === limits.frameItems) throw new CodecError("oversized", `more than ${limits.frameItems} items`)
    const item = read(reader, reader.u8())
    if (item === undefined) throw new CodecError("invalid_value", "type of an item")
    items.push(item)
  }
  if (items.length === 0) throw new CodecError("truncated", "an empty frame")
  return items
}

export function writeSharedRequest(w: TlsWriter, item: SharedRequest): void {
  if (item.type === "ping") w.u8(itemTypes.ping)
  else
    w.u8(itemTypes.open)
      .u8(item.with === "token" ? 0 : 1)
      .vector(item.data)
}

export function readSharedRequest(r: TlsReader, type: number): SharedRequest | undefined {
  if (type === itemTypes.ping) return { type: "ping" }
  if (type !== itemTypes.open) return undefined
  const kind = r.u8()
  if (kind > 1) throw new CodecError("invalid_value", "kind of an open")
  return { type: "open", with: kind === 0 ? "token" : "pass", data: r.vector(kind === 0 ? tokenBytes : limits.passBytes) }
}

export function writeSharedAnswer(w: TlsWriter, item: SharedAnswer): void {
  switch (item.type) {
    case "opened":
      w.u8(itemTypes.opened).vector(item.pass).u32(item.expiryHour).u32(item.hour).u32(item.postsLeft)
      return
    case "pong":
      w.u8(itemTypes.pong)
      return
    case "closed":
      w.u8(itemTypes.closed).u8(deliveryCodes[item.code]).vector(toUtf8(item.message))
  }
}

export function readSharedAnswer(r: TlsReader, type: number): SharedAnswer | undefined {
  switch (type) {
    case itemTypes.opened:
      return { type: "opened", pass: r.vector(limits.passBytes), expiryHour: r.u32(), hour: r.u32(), postsLeft: r.u32() }
    case itemTypes.pong:
      return { type: "pong" }
    case itemTypes.closed:
      return { type: "closed", code: readCode(r), message: fromUtf8(r.vector(limits.faultBytes)) }
    default:
      return undefined
  }
}

/** @throws CodecError for a number that is no code */
export function readCode(r: TlsReader): DeliveryCode {
  const code = deliveryCodeOf(r.u8())
  if (code === undefined) throw new CodecError("invalid_value", "code of a refusal")
  return code
}

/** A uint64 that a JavaScript number holds exactly: orders and epochs. @throws CodecError above 2^53 - 1 */
export function readCount(r: TlsReader): number {
  const value = r.u64()
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new CodecError("oversized", "a count above 2^53 - 1")
  return Number(value)
}

export function writeCount(w: TlsWriter, value: number): void {
  w.u64(BigInt(value))
}

/** Bytes with a length of 32 bits. @throws CodecError `oversized` */
export function readLong(r: TlsReader, maxBytes: number): Uint8Array {
  return r.prefixed(4, maxBytes)
}
