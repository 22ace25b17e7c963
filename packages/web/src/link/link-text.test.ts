import assert from "node:assert/strict"
import { test } from "node:test"
import { countdown, twoDigits } from "./link-text.ts"

test("a countdown counts whole seconds and ends at nought", () => {
  assert.equal(countdown(120_000), "2:00")
  assert.equal(countdown(66_500), "1:07")
  assert.equal(countdown(-5), "0:00")
})

test("a number to compare has two digits on both screens", () => {
  assert.equal(twoDigits(7), "07")
  assert.equal(twoDigits(47), "47")
})
