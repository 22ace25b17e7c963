import assert from "node:assert/strict"
import { test } from "node:test"
import { type RowPlace, scrollTopFor, takeAnchor } from "./anchor.ts"

const rows = (heights: readonly number[], firstId = 0): RowPlace[] =>
  heights.map((height, i) => ({ id: `r${firstId + i}`, top: heights.slice(0, i).reduce((sum, h) => sum + h, 0), height }))

test("a reader at the end follows the end when something is added", () => {
  const anchor = takeAnchor({ scrollTop: 700, height: 300, contentHeight: 1000, hasNewer: false }, rows(Array(10).fill(100)))
  assert.deepEqual(anchor, { type: "end" })
  assert.equal(
    scrollTopFor(anchor, { height: 300, contentHeight: 1100 }, () => undefined),
    800,
  )
})

test("a reader in the middle keeps the same line in place when older messages are put above", () => {
  const anchor = takeAnchor({ scrollTop: 250, height: 300, contentHeight: 1000, hasNewer: false }, rows(Array(10).fill(100)))
  assert.deepEqual(anchor, { type: "row", id: "r2", offset: -50 })
  const after = rows(Array(15).fill(100), -5)
  assert.equal(
    scrollTopFor(anchor, { height: 300, contentHeight: 1500 }, (id) => after.find((row) => row.id === id)?.top),
    750,
  )
})

test("the end of the window is not the end of the history while newer messages wait", () => {
  const anchor = takeAnchor({ scrollTop: 700, height: 300, contentHeight: 1000, hasNewer: true }, rows(Array(10).fill(100)))
  assert.deepEqual(anchor, { type: "row", id: "r7", offset: 0 })
})

test("a row that is gone moves nothing", () => {
  assert.equal(
    scrollTopFor({ type: "row", id: "x", offset: 0 }, { height: 1, contentHeight: 2 }, () => undefined),
    undefined,
  )
})
