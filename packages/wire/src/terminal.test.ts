import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { halfBlocks, visible, visibleLine } from "./terminal.ts"

const all = Array.from({ length: 0x2100 }, (_, at) => String.fromCharCode(at)).join("")

test("of all characters only those that steer a terminal are shown as escapes, and line breaks and tabs stay", () => {
  const steering = [...all].filter((character) => visible(character) !== character).map((character) => character.charCodeAt(0))
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)
  assert.deepEqual(steering, [
    ...range(0, 8),
    ...range(11, 31),
    ...range(0x7f, 0x9f),
    0x61c,
    0x200e,
    0x200f,
    ...range(0x2028, 0x202e),
    ...range(0x2066, 0x2069),
  ])
  assert.equal(visible("a\u001b]0;x\u0007\u202eb\n\tc"), "a\\u001b]0;x\\u0007\\u202eb\n\tc")
  assert.equal(visible("é ก 👩‍👩‍👧 שלום"), "é ก 👩‍👩‍👧 שלום")
})

test("JSON that is made visible is the same JSON", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = visible(JSON.stringify({ [text]: text }, null, 2))
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ [text]: text })))
      assert.doesNotMatch(json, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
    }),
    { numRuns: 30 },
  )
})

test("a line stays one line, whatever breaks are in it", () => {
  assert.equal(visibleLine(" a\nnodoor: all is well\r\n\u2028b\u0085c\u000bd "), "a nodoor: all is well b\\u0085c d")
})

test("a QR code has two modules in a cell, and its colours only where asked", () => {
  const modules = [
    [true, false],
    [true, true],
    [false, true],
  ]
  assert.equal(halfBlocks(modules, { colour: true }), "\u001b[30;107m█▄\u001b[0m\n\u001b[30;107m ▀\u001b[0m")
  assert.equal(halfBlocks(modules, { colour: false }), " ▀\n█▄")
})

test("Isolates that are closed in their line stay, so that a name from right to left keeps to itself; any other is shown", () => {
  assert.equal(visible("\u2068יוסף\u2069 left.\n\u2068a"), "\u2068יוסף\u2069 left.\n\\u2068a")
  for (const broken of ["\u2069a\u2068", "\u2068\n\u2069", "\u2068a\u2069\u2069"])
    assert.ok(!/[\u2068\u2069]/.test(visible(broken)), broken)
  assert.equal(visible("\u2068\u202ea\u2069"), "\u2068\\u202ea\u2069")
})
