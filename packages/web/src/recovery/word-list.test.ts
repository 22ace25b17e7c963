import assert from "node:assert/strict"
import { test } from "node:test"
import { placesToAsk, withTyped, wordsOf } from "./word-list.ts"

test("words are taken out of a list with numbers, commas and lines", () => {
  assert.deepEqual(wordsOf("1. Harbour\n2) velvet,  LEMON\t"), ["harbour", "velvet", "lemon"])
  assert.deepEqual(wordsOf(" 12 "), [])
})

test("a pasted list fills the fields from the one it was pasted into, and goes no further than the last", () => {
  assert.deepEqual(withTyped(["", "", ""], 0, "a b c"), ["a", "b", "c"])
  assert.deepEqual(withTyped(["x", "", ""], 1, "b c d e"), ["x", "b", "c"])
  assert.deepEqual(withTyped(["x", "", "z"], 1, " Be "), ["x", "be", "z"])
})

test("the places that are asked for differ and stand in order", () => {
  const numbers = [0.9, 0.1, 0.1, 0.5]
  assert.deepEqual(
    placesToAsk(3, 24, () => numbers.shift() ?? 0),
    [2, 12, 21],
  )
})
