// Entries of test vectors: reading the JSON and saying what differs. For checks of our own and foreign vectors, in every package.

import { equal } from "./bytes.ts"
import { fromBase64, fromHex } from "./text.ts"

export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json }
export type Entry = { readonly [key: string]: Json }

/** A vector that does not hold, or is not in its format. */
export class VectorFailure extends Error {
  constructor(what: string) {
    super(what)
    this.name = "VectorFailure"
  }
}

export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new VectorFailure(what)
}

export function expectEqual(actual: Uint8Array, expected: Uint8Array, what: string): void {
  expect(equal(actual, expected), `${what} differs`)
}

export function isEntry(value: Json | undefined): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export function text(entry: Entry, key: string): string {
  const value = entry[key]
  expect(typeof value === "string", `"${key}" is not a text`)
  return value
}

export function hex(entry: Entry, key: string): Uint8Array {
  return fromHex(text(entry, key))
}

export function number(entry: Entry, key: string): number {
  const value = entry[key]
  expect(typeof value === "number", `"${key}" is not a number`)
  return value
}

/** A number of up to 64 bits; above 2^53 the reader of the file gives a bigint. */
export function uint64(entry: Entry, key: string): bigint {
  const value = entry[key]
  expect(typeof value === "bigint" || Number.isSafeInteger(value), `"${key}" is not a 64-bit number`)
  return BigInt(value as number | bigint)
}

export function object(entry: Entry, key: string): Entry {
  const value = entry[key]
  expect(isEntry(value), `"${key}" is not an object`)
  return value
}

export function list(entry: Entry, key: string): readonly Json[] {
  const value = entry[key]
  expect(Array.isArray(value), `"${key}" is not a list`)
  return value as readonly Json[]
}

export function entries(entry: Entry, key: string): readonly Entry[] {
  return list(entry, key).map((item) => {
    expect(isEntry(item), `"${key}" holds something else than objects`)
    return item
  })
}

export function texts(entry: Entry, key: string): string[] {
  return list(entry, key).map((item) => {
    expect(typeof item === "string", `"${key}" holds something else than texts`)
    return item
  })
}

export function base64(entry: Entry, key: string): Uint8Array {
  return fromBase64(text(entry, key))
}

/** `JSON.parse` that keeps integers above 2^53 exact, as bigint. */
export function parseJson(source: string): Json {
  const exact = (_key: string, value: Json, context?: { readonly source?: string }): Json =>
    typeof value === "number" && !Number.isSafeInteger(value) && context?.source !== undefined && /^[0-9]+$/.test(context.source)
      ? BigInt(context.source)
      : value
  return JSON.parse(source, exact) as Json
}
