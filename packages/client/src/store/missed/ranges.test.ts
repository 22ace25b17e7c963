import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError } from "@nodoor/bytes"
import fc from "fast-check"
import { type Range, decodeRanges, encodeRanges, endsOf, isIn, mergeRanges, rangesFrom, rangesMax, rangesOf } from "./ranges.ts"

const range = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.nat(20)).map(([from, more]): Range => [from, from + more])

test("Merged ranges are in order, apart, few, and leave nothing out; they come back as they were written", () => {
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 40 }), (ranges) => {
      const merged = mergeRanges(ranges)
      assert.ok(merged.length <= rangesMax)
      for (const [from, to] of ranges) for (let at = from; at <= to; at++) assert.ok(isIn(merged, at))
      assert.deepEqual(decodeRanges(encodeRanges(merged)), merged)
      assert.deepEqual(endsOf(merged), [Math.min(...ranges.map(([from]) => from)), Math.max(...ranges.map(([, to]) => to))])
    }),
  )
  assert.deepEqual(
    mergeRanges([
      [5, 6],
      [1, 2],
      [3, 4],
      [9, 9],
    ]),
    [
      [1, 6],
      [9, 9],
    ],
  )
  assert.deepEqual(
    rangesFrom(
      [
        [1, 6],
        [9, 9],
      ],
      4,
    ),
    [
      [4, 6],
      [9, 9],
    ],
  )
  assert.deepEqual(rangesFrom([[1, 6]], 7), [])
})

test("What is no list of ranges is refused", () => {
  const ill = [
    [],
    [[2, 1]],
    [[0, 1]],
    [
      [1, 2],
      [2, 3],
    ],
    [[1, 1.5]],
    [[1]],
    [1],
    7,
    Array.from({ length: rangesMax + 1 }, (_, at) => [2 * at + 1, 2 * at + 1]),
  ]
  for (const value of ill) assert.throws(() => rangesOf(value as never), CodecError, JSON.stringify(value))
})
