import assert from "node:assert/strict"
import { test } from "node:test"
import { PersistentArray } from "./persistent-array.ts"

test("a persistent array gives what was put in, by index, and forgets what was taken out", () => {
  let array = PersistentArray.empty<number>(40_000)
  const indices = [0, 31, 32, 1023, 1024, 32_767, 32_768, 39_999]
  for (const index of indices) array = array.with(index, index * 2)
  assert.deepEqual(
    [...array.entries()],
    indices.map((index) => [index, index * 2]),
  )
  array = array.with(1023, undefined)
  assert.equal(array.get(1023), undefined)
  assert.equal(array.get(1), undefined)
  assert.equal(array.get(39_999), 79_998)
})

test("an array that was changed leaves the one it came from as it was", () => {
  const before = PersistentArray.empty<string>(64).with(5, "five")
  const after = before.with(5, "other").with(6, "six")
  assert.deepEqual([...before.entries()], [[5, "five"]])
  assert.deepEqual(
    [...after.entries()],
    [
      [5, "other"],
      [6, "six"],
    ],
  )
})
