// One spelling of a JSON value (RFC 8785, for the values we use: text, whole numbers, true, false, null, lists and objects).

import { assert, toUtf8 } from "@nodoor/bytes"

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** Keys in the order of their UTF-16 code units, no spaces, UTF-8. Fields that are undefined are left out. */
export function canonicalJson(value: Json): Uint8Array {
  return toUtf8(canonicalText(value))
}

export function canonicalText(value: Json): string {
  if (typeof value === "number") assert(Number.isSafeInteger(value), "whole numbers only")
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalText).join(",")}]`
  const fields = Object.entries(value)
    .filter((field): field is [string, Json] => field[1] !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalText(field)}`).join(",")}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
