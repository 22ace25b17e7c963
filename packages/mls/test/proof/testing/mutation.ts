import { concat } from "@nodoor/bytes"
import type { Choose } from "./seeded.ts"

/** Bytes that decoders trip over: lengths that promise too much, are not minimal or are reserved, and extreme numbers. */
const nasty: readonly Uint8Array[] = [
  Uint8Array.of(0xbf, 0xff, 0xff, 0xff),
  Uint8Array.of(0x80, 0x00, 0x00, 0x01),
  Uint8Array.of(0x40, 0x01),
  Uint8Array.of(0xc0),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x00, 0x00, 0x00, 0x00),
  Uint8Array.of(0x7f, 0xff),
]

/** One change, or a few, of the kinds that break decoders: bits, cuts, lengths, repetitions, pieces of another message. */
export function mutate(original: Uint8Array, others: readonly Uint8Array[], choose: Choose): Uint8Array {
  let bytes: Uint8Array = original.slice()
  for (let changes = 1 + (choose(4) === 0 ? choose(4) : 0); changes > 0; changes--) bytes = mutateOnce(bytes, others, choose)
  return bytes
}

function mutateOnce(bytes: Uint8Array, others: readonly Uint8Array[], choose: Choose): Uint8Array {
  const at = bytes.length === 0 ? 0 : choose(bytes.length)
  switch (choose(9)) {
    case 0:
    case 1:
      return replace(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << choose(8))))
    case 2:
      return replace(bytes, at, 1, Uint8Array.of(choose(256)))
    case 3:
      return bytes.slice(0, at)
    case 4:
      return concat(bytes, new Uint8Array(1 + choose(40)).fill(choose(256)))
    case 5: {
      const piece = nasty[choose(nasty.length)] as Uint8Array
      return replace(bytes, at, choose(2) === 0 ? piece.length : 0, piece)
    }
    case 6:
      return replace(bytes, at, choose(Math.min(64, bytes.length - at) + 1), new Uint8Array(0))
    case 7: {
      const length = choose(Math.min(200, bytes.length - at) + 1)
      return replace(bytes, at, 0, bytes.slice(at, at + length))
    }
    default: {
      const other = others[choose(others.length)] ?? bytes
      const from = choose(other.length + 1)
      return replace(bytes, at, choose(bytes.length - at + 1), other.slice(from, from + choose(other.length - from + 1)))
    }
  }
}

function replace(bytes: Uint8Array, at: number, removedBytes: number, piece: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, at), piece, bytes.subarray(Math.min(bytes.length, at + removedBytes)))
}
