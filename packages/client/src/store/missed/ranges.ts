// Places in a group's log, as ranges of orders.

import { CodecError, type CborValue, decodeCbor, encodeCbor } from "@nodoor/bytes"

/** Both ends belong to it. */
export type Range = readonly [from: number, to: number]

/** In one request. Where there are more, the nearest count as one. */
export const rangesMax = 16
const encodedMax = 512

/** Ascending, apart from each other, and not more than `rangesMax`. */
export function mergeRanges(ranges: readonly Range[]): readonly Range[] {
  const out: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = out.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  while (out.length > rangesMax) {
    const at = nearest(out)
    const [left, right] = [out[at], out[at + 1]]
    if (left && right) out.splice(at, 2, [left[0], right[1]])
  }
  return out
}

/** The first of the two that are nearest to each other. */
function nearest(ranges: readonly Range[]): number {
  let [best, least] = [0, Infinity]
  for (const [at, [from]] of ranges.slice(1).entries()) {
    const apart = from - (ranges[at]?.[1] ?? 0)
    if (apart < least) [best, least] = [at, apart]
  }
  return best
}

export function isIn(ranges: readonly Range[], order: number): boolean {
  return ranges.some(([from, to]) => from <= order && order <= to)
}

/** The first order and the last. */
export function endsOf(ranges: readonly Range[]): Range {
  return [ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0]
}

/** What is left from an order on. */
export function rangesFrom(ranges: readonly Range[], order: number): readonly Range[] {
  return ranges.flatMap(([from, to]): Range[] => (to < order ? [] : [[Math.max(from, order), to]]))
}

export function encodeRanges(ranges: readonly Range[]): Uint8Array {
  return encodeCbor(ranges.map(([from, to]) => [from, to]))
}

export function decodeRanges(encoded: Uint8Array): readonly Range[] {
  return rangesOf(decodeCbor(encoded, { maxBytes: encodedMax }))
}

/** @throws CodecError unless they are as `mergeRanges` makes them */
export function rangesOf(value: CborValue): readonly Range[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > rangesMax) throw new CodecError("invalid_value", "ranges")
  let before = -1
  return value.map((each: unknown) => {
    if (!Array.isArray(each) || each.length !== 2) throw new CodecError("invalid_value", "range")
    const [from, to] = each as unknown[]
    if (!isOrder(from) || !isOrder(to) || from > to || from <= before) throw new CodecError("invalid_value", "range")
    before = to
    return [from, to] as const
  })
}

function isOrder(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0
}
