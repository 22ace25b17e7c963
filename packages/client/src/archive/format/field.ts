// Fields of archive records: each writes itself as CBOR and takes back nothing but what it could have written.

import { type CborValue, CodecError } from "@nodoor/bytes"

export interface Field<T> {
  to(value: T): CborValue
  /** @throws CodecError */
  from(value: unknown): T
}

function checked<T extends CborValue>(what: string, is: (value: unknown) => boolean): Field<T> {
  return {
    to: (value) => value,
    from: (value) => {
      if (!is(value)) throw new CodecError("invalid_value", what)
      return value as T
    },
  }
}

/** From 0 to 2^53 - 1. */
export const uint: Field<number> = checked("number", (value) => Number.isSafeInteger(value) && (value as number) >= 0)
export const flag: Field<boolean> = checked("flag", (value) => typeof value === "boolean")

export function blob({ from, to }: { readonly from: number; readonly to: number }): Field<Uint8Array> {
  return checked("bytes", (value) => value instanceof Uint8Array && value.length >= from && value.length <= to)
}

/** Bytes of this length. */
export function id(sizeBytes: number): Field<Uint8Array> {
  return blob({ from: sizeBytes, to: sizeBytes })
}

export function text(maxBytes: number): Field<string> {
  return checked("text", (value) => typeof value === "string" && value.length <= maxBytes && value.isWellFormed())
}

export function oneOf<const T extends string>(...values: readonly T[]): Field<T> {
  return checked("word", (value) => values.some((one) => one === value))
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    to: (value) => (value === undefined ? null : field.to(value)),
    from: (value) => (value === null ? undefined : field.from(value)),
  }
}

export function list<T>(field: Field<T>, max: number): Field<readonly T[]> {
  return {
    to: (values) => values.slice(0, max).map((value) => field.to(value)),
    from: (value) => {
      if (!Array.isArray(value) || value.length > max) throw new CodecError("invalid_value", "list")
      return value.map((one) => field.from(one))
    },
  }
}

/** The fields as an array, in the order in which they are named. */
export function struct<T extends object>(shape: { readonly [K in keyof T]-?: Field<T[K]> }): Field<T> {
  const fields = Object.entries(shape) as [string, Field<unknown>][]
  return {
    to: (value) => fields.map(([name, field]) => field.to((value as Readonly<Record<string, unknown>>)[name])),
    from: (value) => {
      if (!Array.isArray(value) || value.length !== fields.length) throw new CodecError("invalid_value", "record")
      return Object.fromEntries(fields.map(([name, field], at) => [name, field.from(value[at])])) as T
    },
  }
}
