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
 * @throws CodecError `oversized` above `maxBytes`, `non_canonical` for any other encoding of the value, `invalid_value` otherwise
 */
export function decodeCbor(input: Uint8Array, options: { readonly maxBytes: number; readonly maps?: "object" | "map" }): CborValue {
  if (input.length > options.maxBytes)
    throw new CodecError("oversized", `${input.length} bytes of CBOR, at most ${options.maxBytes} allowed`)
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
