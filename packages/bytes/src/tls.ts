import { CodecError } from "./codec-error.ts"

/** Largest length a variable-size vector can state: 2^30 - 1 (RFC 9420 §2.1.2). */
const maxVectorBytes = 0x3fffffff

/** Buffers of writers that have finished, for the next ones: messages are written with many small writers, few of them at a time. */
const spares: Uint8Array<ArrayBuffer>[] = []
const maxSpares = 4
const maxSpareBytes = 0x10000

/** Writes the TLS presentation language. Integers are big-endian; lengths are checked, so that what is written can be read. */
export class TlsWriter {
  #buffer: Uint8Array<ArrayBuffer>
  #size = 0

  /** `expectedBytes`: about how much will be written, when that is much; more grows as it comes. */
  constructor(expectedBytes = 0) {
    const spare = spares.pop()
    this.#buffer = spare !== undefined && spare.length >= expectedBytes ? spare : new Uint8Array(Math.max(1024, expectedBytes))
  }

  #room(sizeBytes: number): number {
    const at = this.#size
    const needed = at + sizeBytes
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
      grown.set(this.#buffer.subarray(0, at))
      this.#buffer = grown
    }
    this.#size = needed
    return at
  }

  #uint(value: number, sizeBytes: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * sizeBytes)) throw new RangeError(`not a uint${8 * sizeBytes}`)
    const at = this.#room(sizeBytes)
    for (let i = 0; i < sizeBytes; i++) this.#buffer[at + i] = value >>> (8 * (sizeBytes - 1 - i))
    return this
  }

  u8(value: number): this {
    return this.#uint(value, 1)
  }
  u16(value: number): this {
    return this.#uint(value, 2)
  }
  u24(value: number): this {
    return this.#uint(value, 3)
  }
  u32(value: number): this {
    return this.#uint(value, 4)
  }
  u64(value: bigint): this {
    if (value < 0n || value >= 1n << 64n) throw new RangeError("not a uint64")
    this.#uint(Number(value >> 32n), 4)
    return this.#uint(Number(value & 0xffffffffn), 4)
  }

  /** Bytes as they are: `opaque x[n]`. */
  raw(value: Uint8Array): this {
    const at = this.#room(value.length)
    this.#buffer.set(value, at)
    return this
  }

  /** `opaque x<V>`: a minimal variable-size length (1, 2 or 4 bytes), then the bytes (RFC 9420 §2.1.2). */
  vector(value: Uint8Array): this {
    const length = value.length
    if (length > maxVectorBytes) throw new RangeError("vector longer than 2^30-1 bytes")
    if (length < 0x40) this.u8(length)
    else if (length < 0x4000) this.u16(length | 0x4000)
    else this.#uint(length + 0x80000000, 4)
    return this.raw(value)
  }

  /** `opaque x<0..2^8-1>`, `<0..2^16-1>` or `<0..2^32-1>` as in RFC 8446: the length in `lengthBytes` bytes, then the bytes. */
  prefixed(lengthBytes: 1 | 2 | 4, value: Uint8Array): this {
    return this.#uint(value.length, lengthBytes).raw(value)
  }

  /** `T x<V>` of structures that `write` writes. */
  list<T>(items: readonly T[], write: (writer: TlsWriter, item: T) => void): this {
    const inner = new TlsWriter()
    for (const item of items) write(inner, item)
    return this.vector(inner.finish())
  }

  /** `optional<T>` (RFC 9420 §2.1.1). */
  optional<T>(value: T | undefined, write: (writer: TlsWriter, value: T) => void): this {
    if (value === undefined) return this.u8(0)
    this.u8(1)
    write(this, value)
    return this
  }

  /** A copy of everything written. */
  finish(): Uint8Array {
    const out = this.#buffer.slice(0, this.#size)
    this.#release(out)
    return out
  }

  /**
   * Everything written, lent to `use` without a copy: for bytes that are only signed, verified or sealed. `use` must not keep them; the
   * next writer writes over them.
   */
  lend<T>(use: (written: Uint8Array) => T): T {
    const result = use(this.#buffer.subarray(0, this.#size))
    this.#release(new Uint8Array(0))
    this.#size = 0
    return result
  }

  /** `rest` is full, so that writing on makes a buffer of its own. */
  #release(rest: Uint8Array<ArrayBuffer>): void {
    if (this.#buffer.length <= maxSpareBytes && spares.length < maxSpares) spares.push(this.#buffer)
    this.#buffer = rest
  }
}

/** Reads the TLS presentation language strictly: minimal lengths, nothing past the end. Slices share the input's memory. */
export class TlsReader {
  readonly #input: Uint8Array
  #at = 0

  constructor(input: Uint8Array) {
    // A Buffer's slice() shares memory and its String() is lossy text; what is read here is always a plain Uint8Array.
    this.#input = input.constructor === Uint8Array ? input : new Uint8Array(input.buffer, input.byteOffset, input.length)
  }

  get remainingBytes(): number {
    return this.#input.length - this.#at
  }

  /** Offset of the next byte, for callers that need the exact bytes of what they have read. */
  get offset(): number {
    return this.#at
  }

  /** The bytes read since `start`, an earlier `offset` of this reader. Shares the input's memory. */
  since(start: number): Uint8Array {
    return this.#input.subarray(start, this.#at)
  }

  #uint(sizeBytes: number): number {
    if (sizeBytes > this.remainingBytes) throw new CodecError("truncated", `${sizeBytes} bytes wanted, ${this.remainingBytes} left`)
    let value = 0
    for (const end = this.#at + sizeBytes; this.#at < end; this.#at++) value = value * 256 + (this.#input[this.#at] as number)
    return value
  }

  u8(): number {
    return this.#uint(1)
  }
  u16(): number {
    return this.#uint(2)
  }
  u24(): number {
    return this.#uint(3)
  }
  u32(): number {
    return this.#uint(4)
  }
  u64(): bigint {
    return (BigInt(this.#uint(4)) << 32n) | BigInt(this.#uint(4))
  }

  /** @throws CodecError `truncated` */
  raw(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.remainingBytes) throw new CodecError("truncated", `${sizeBytes} bytes wanted, ${this.remainingBytes} left`)
    const slice = this.#input.subarray(this.#at, this.#at + sizeBytes)
    this.#at += sizeBytes
    return slice
  }

  /** `opaque x<V>` of at most `maxBytes`. @throws CodecError `non_canonical` for a length that fits fewer bytes, `oversized`, `truncated` */
  vector(maxBytes: number = maxVectorBytes): Uint8Array {
    return this.raw(this.#vectorLength(maxBytes))
  }

  #vectorLength(maxBytes: number): number {
    const first = this.u8()
    const form = first >> 6
    if (form === 3) throw new CodecError("invalid_value", "vector length with reserved form")
    let length = first & 0x3f
    const extraBytes = form === 0 ? 0 : form === 1 ? 1 : 3
    for (let i = 0; i < extraBytes; i++) length = length * 256 + this.u8()
    // RFC 9420 §2.1.2: "the value MUST be encoded in the smallest number of bytes"
    if ((form === 1 && length < 0x40) || (form === 2 && length < 0x4000)) throw new CodecError("non_canonical", "vector length")
    if (length > maxBytes) throw new CodecError("oversized", `vector of ${length} bytes, at most ${maxBytes} allowed`)
    return length
  }

  /** A vector with a length of fixed size, as in RFC 8446. @throws CodecError `oversized`, `truncated` */
  prefixed(lengthBytes: 1 | 2 | 4, maxBytes: number = maxVectorBytes): Uint8Array {
    const length = this.#uint(lengthBytes)
    if (length > maxBytes) throw new CodecError("oversized", `vector of ${length} bytes, at most ${maxBytes} allowed`)
    return this.raw(length)
  }

  /** `T x<V>`: structures read until the vector's bytes are used up. `maxItems` bounds memory. */
  list<T>(read: (reader: TlsReader) => T, maxItems: number, maxBytes: number = maxVectorBytes): T[] {
    const inner = new TlsReader(this.vector(maxBytes))
    const items: T[] = []
    while (inner.remainingBytes > 0) {
      if (items.length === maxItems) throw new CodecError("oversized", `more than ${maxItems} items`)
      items.push(read(inner))
    }
    return items
  }

  /** `optional<T>`. @throws CodecError `invalid_value` for a presence octet other than 0 or 1 */
  optional<T>(read: (reader: TlsReader) => T): T | undefined {
    const presence = this.u8()
    if (presence > 1) throw new CodecError("invalid_value", "presence octet")
    return presence === 1 ? read(this) : undefined
  }

  /** @throws CodecError `trailing` */
  end(): void {
    if (this.remainingBytes > 0) throw new CodecError("trailing", `${this.remainingBytes} bytes after the structure`)
  }
}

/** Reads one structure that must be all of the input. @throws CodecError */
export function decodeTls<T>(input: Uint8Array, read: (reader: TlsReader) => T): T {
  const reader = new TlsReader(input)
  const value = read(reader)
  reader.end()
  return value
}

/** Writes one structure. */
export function encodeTls(write: (writer: TlsWriter) => void): Uint8Array {
  const writer = new TlsWriter()
  write(writer)
  return writer.finish()
}
