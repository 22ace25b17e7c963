import { CodecError, type CborValue, decodeCbor, encodeCbor } from "@nodoor/bytes"
import * as v from "valibot"

/** A schema whose output is `T`; the input is whatever arrived. */
export type Schema<T> = v.GenericSchema<unknown, T>

/** Exactly `sizeBytes` bytes. */
export function fixedBytes(sizeBytes: number): Schema<Uint8Array> {
  return v.pipe(
    v.instance(Uint8Array),
    v.check((value) => value.length === sizeBytes, `${sizeBytes} bytes`),
  ) as Schema<Uint8Array>
}

/** At most `maxBytes` bytes. */
export function boundedBytes(maxBytes: number): Schema<Uint8Array> {
  return v.pipe(
    v.instance(Uint8Array),
    v.check((value) => value.length <= maxBytes, `at most ${maxBytes} bytes`),
  ) as Schema<Uint8Array>
}

/** A whole number from 0 to 2^53-1: sequence numbers, orders, epochs, times in milliseconds. */
export const count: Schema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Text of at most `maxBytes` UTF-8 bytes, with no control characters. */
export function text(maxBytes: number): Schema<string> {
  return v.pipe(
    v.string(),
    v.check((value) => new TextEncoder().encode(value).length <= maxBytes, `at most ${maxBytes} bytes`),
    v.check((value) => !/\p{Cc}/u.test(value) && value.isWellFormed(), "no control characters"),
  )
}

export function list<T>(item: Schema<T>, maxItems: number): Schema<readonly T[]> {
  return v.pipe(v.array(item), v.maxLength(maxItems)) as Schema<readonly T[]>
}

/** Encodes a message that the type says is one; absent optional fields are left out. */
export function encodeMessage(value: object): Uint8Array {
  return encodeCbor(withoutAbsent(value) as CborValue)
}

/** Strictly decodes a message. @throws CodecError for bytes that are not deterministic CBOR or not of the schema */
export function decodeMessage<T>(schema: Schema<T>, input: Uint8Array, maxBytes: number): T {
  const parsed = v.safeParse(schema, decodeCbor(input, { maxBytes }))
  if (!parsed.success) {
    const at = parsed.issues[0].path?.map((item) => String(item.key)).join(".") ?? "message"
    throw new CodecError("invalid_value", at.slice(0, 80))
  }
  return parsed.output
}

function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent)
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value
  const out: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value)) if (field !== undefined) out[key] = withoutAbsent(field)
  return out
}
