// A request about a blob as HTTP brings it, and its answer, without a transport. Headers are read strictly: what stands in them came from
// strangers.

import { WireError, limits, tokenBytes } from "@nodoor/wire"
import {
  blobHeaders,
  blobIdBytes,
  blobLimits,
  blobSecretBytes,
  bytesOfHeader,
  countOfHeader,
  tusChunkType,
  tusVersion,
} from "@nodoor/wire/delivery"

export interface BlobCall {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** By its name in lower case; undefined if it is not there or there twice. */
  header(name: string): string | undefined
  readonly address: string
  /** Fails if the connection is cut before the end. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface BlobReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Undefined: there is none. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined
}

/** @throws WireError `bad_request` */
export function idOf(call: BlobCall): Uint8Array {
  return exactly(call, blobHeaders.id, blobIdBytes)
}

/** @throws WireError `bad_request` */
export function secretOf(call: BlobCall): Uint8Array {
  return exactly(call, blobHeaders.secret, blobSecretBytes)
}

function exactly(call: BlobCall, name: string, sizeBytes: number): Uint8Array {
  const bytes = bytesOfHeader(call.header(name), sizeBytes)
  if (bytes?.length !== sizeBytes) throw new WireError("bad_request", `${name} must be ${sizeBytes} bytes in base64url`)
  return bytes
}

/** What the caller pays with. @throws WireError `bad_request` for neither or both */
export function paymentOf(call: BlobCall): { readonly with: "pass" | "token"; readonly data: Uint8Array } {
  const [pass, token] = [call.header(blobHeaders.pass), call.header(blobHeaders.token)]
  if ((pass === undefined) === (token === undefined)) throw new WireError("bad_request", "a pass or a token is needed, and one of them")
  const data = pass === undefined ? bytesOfHeader(token, tokenBytes) : bytesOfHeader(pass, limits.passBytes)
  if (data === undefined) throw new WireError("bad_request", "the pass or token is not in base64url")
  return { with: pass === undefined ? "token" : "pass", data }
}

/** @throws WireError `bad_request` */
export function keepDaysOf(call: BlobCall): number {
  const days = countOfHeader(call.header(blobHeaders.keepDays), blobLimits.keepDays)
  if (days === undefined || days === 0) throw new WireError("bad_request", `${blobHeaders.keepDays} must be 1 to ${blobLimits.keepDays}`)
  return days
}

/** @throws WireError `bad_request`, `too_large` */
export function lengthOf(call: BlobCall): number {
  const length = countOfHeader(call.header(blobHeaders.length), Number.MAX_SAFE_INTEGER)
  if (length === undefined || length === 0) throw new WireError("bad_request", `${blobHeaders.length} must be a number of bytes`)
  if (length > blobLimits.bytes) throw new WireError("too_large")
  return length
}

/** @throws WireError `bad_request` */
export function replacesOf(call: BlobCall): boolean {
  const value = call.header(blobHeaders.replace)
  if (value !== undefined && value !== "1") throw new WireError("bad_request", `${blobHeaders.replace} is 1 or left out`)
  return value === "1"
}

/** @throws WireError `bad_request` */
export function offsetOf(call: BlobCall): number {
  const offset = countOfHeader(call.header(blobHeaders.offset), blobLimits.bytes)
  if (offset === undefined) throw new WireError("bad_request", `${blobHeaders.offset} must be a number of bytes`)
  return offset
}

/** The body's length, if it is said in advance. @throws WireError `bad_request` */
export function bodyBytesOf(call: BlobCall): number | undefined {
  const stated = call.header("content-length")
  const bytes = countOfHeader(stated, Number.MAX_SAFE_INTEGER)
  if (stated !== undefined && bytes === undefined) throw new WireError("bad_request", "content-length must be a number of bytes")
  return bytes
}

export interface ByteRange {
  readonly from: number
  /** Behind the last byte. */
  readonly to: number
}

/** One range of bytes (RFC 9110 section 14.1.2), or all of them. Undefined: a range of another form, or one that begins at the end or behind it. */
export function rangeOf(call: BlobCall, size: number): ByteRange | undefined {
  const range = call.header("range")
  if (range === undefined) return { from: 0, to: size }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? []
  const from = countOfHeader(first, size - 1)
  const to = last === "" ? size : countOfHeader(last, Number.MAX_SAFE_INTEGER)
  if (from === undefined || to === undefined || (last !== "" && to < from)) return undefined
  return { from, to: last === "" ? size : Math.min(size, to + 1) }
}

export function speaksTus(call: BlobCall): boolean {
  return call.header(blobHeaders.tus) === tusVersion
}

export function isChunk(call: BlobCall): boolean {
  return call.header("content-type") === tusChunkType && call.header("content-encoding") === undefined
}
