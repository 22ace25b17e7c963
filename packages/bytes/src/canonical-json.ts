// One spelling of a JSON value: RFC 8785 for the values that we sign and hash, which are text, whole numbers, true, false, null, lists and
// objects.

import { assert } from "./assert.ts"
import { toUtf8 } from "./text.ts"

/** What has one spelling here. Fields that are undefined are left out. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** RFC 8785 as UTF-8: keys in the order of their UTF-16 code units, no spaces. Numbers are whole and below 2^53, or it is a bug of ours. */
export function canonicalJson(value: Json): Uint8Array {
  return toUtf8(canonicalText(value))
}

/** The same as text. */
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
