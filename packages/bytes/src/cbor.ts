import { decode, encode, rfc8949EncodeOptions } from "cborg"
import { compare } from "./bytes.ts"
import { CodecError } from "./codec-error.ts"

/** What CBOR of ours can hold. Maps have text or integer keys; nothing is undefined, no floats, no tags. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue }
  | ReadonlyMap<string | number, CborValue>

/** Deterministic encoding (RFC 8949 §4.2.1): shortest lengths, definite sizes, map keys in bytewise order. */
export function encodeCbor(value: CborValue): Uint8Array {
  return encode(value, { ...rfc8949EncodeOptions, float64: true })
}

/**
 * Strict decoding: only the deterministic encoding of a `CborValue` is accepted, so that every value has one encoding.
 * `maps: "map"` gives `Map`s, for structures with integer keys.
 * @throws CodecError `oversized` above `maxBytes` or `cborItemsMax`, `non_canonical` for any other encoding of the value, `invalid_value` otherwise
 */
export function decodeCbor(input: Uint8Array, options: { readonly maxBytes: number; readonly maps?: "object" | "map" }): CborValue {
  if (input.length > options.maxBytes)
    throw new CodecError("oversized", `${input.length} bytes of CBOR, at most ${options.maxBytes} allowed`)
  checkItems(input)
  let value: CborValue
  let canonical: Uint8Array
  try {
    value = decode(input, {
      strict: true,
      useMaps: options.maps === "map",
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: true,
      rejectDuplicateMapKeys: true,
      tags: {},
    }) as CborValue
    // Inside: arrays nested so deep that they can just be read cannot be written any more.
    canonical = encodeCbor(value)
  } catch {
    throw new CodecError("invalid_value", "CBOR")
  }
  if (compare(canonical, input) !== 0) throw new CodecError("non_canonical", "CBOR")
  return value
}

/**
 * Data items in one message, each map, key, list and value counted. The most that a message of ours has are some 70,000, of a record with
 * 10,000 addresses. A byte can be an item, and an item in memory is a hundred bytes and more: without this, eight megabytes that anybody may send
 * would take a gigabyte and seconds.
 */
export const cborItemsMax = 131_072

/** Counts the items by their heads (RFC 8949 §3), which stand one behind the other whatever contains what. @throws CodecError `oversized` */
function checkItems(input: Uint8Array): void {
  // Fewer bytes than items are allowed cannot hold too many.
  if (input.length <= cborItemsMax) return
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  let items = 0
  for (let at = 0; at < input.length;) {
    if (++items > cborItemsMax) throw new CodecError("oversized", "items of CBOR")
    const head = input[at] ?? 0
    const info = head & 31
    const argumentBytes = info < 24 ? 0 : 2 ** (info - 24)
    // What is no head, or is cut off, is refused by the decoder.
    if (info > 27 || at + 1 + argumentBytes > input.length) return
    const argument =
      argumentBytes === 0
        ? info
        : argumentBytes === 1
          ? view.getUint8(at + 1)
          : argumentBytes === 2
            ? view.getUint16(at + 1)
            : argumentBytes === 4
              ? view.getUint32(at + 1)
              : Number(view.getBigUint64(at + 1))
    const isText = head >> 5 === 2 || head >> 5 === 3
    at += 1 + argumentBytes + (isText ? argument : 0)
  }
}
