// What all vector formats share: reading the JSON and saying what differs.

import { equal, fromBase64, fromHex } from "@nodoor/bytes"
import type { LogCrypto } from "../crypto.ts"

export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json }
export type Entry = { readonly [key: string]: Json }

/** One kind of vector: what its entries hold, and the checks in one of them, each by a name. */
export interface VectorFormat {
  readonly name: string
  /** Whether the entry is of this kind. */
  recognises(entry: Entry): boolean
  /** The checks of one entry; each throws if it does not hold. */
  checks(entry: Entry, crypto: LogCrypto): Check[]
}

export interface Check {
  readonly name: string
  run(): void
}

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

export function object(entry: Entry, key: string): Entry {
  const value = entry[key]
  expect(isEntry(value), `"${key}" is not an object`)
  return value
}

export function text(entry: Entry, key: string): string {
  const value = entry[key]
  expect(typeof value === "string", `"${key}" is not a text`)
  return value
}

export function number(entry: Entry, key: string): number {
  const value = entry[key]
  expect(typeof value === "number", `"${key}" is not a number`)
  return value
}

export function hex(entry: Entry, key: string): Uint8Array {
  return fromHex(text(entry, key))
}

export function base64(entry: Entry, key: string): Uint8Array {
  return fromBase64(text(entry, key))
}

export function list(entry: Entry, key: string): readonly Json[] {
  const value = entry[key]
  expect(Array.isArray(value), `"${key}" is not a list`)
  return value as readonly Json[]
}

export function texts(entry: Entry, key: string): string[] {
  return list(entry, key).map((item) => {
    expect(typeof item === "string", `"${key}" holds something else than texts`)
    return item
  })
}

export function entries(entry: Entry, key: string): Entry[] {
  return list(entry, key).map((item) => {
    expect(isEntry(item), `"${key}" holds something else than objects`)
    return item
  })
}
