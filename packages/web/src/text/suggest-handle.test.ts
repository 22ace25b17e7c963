import assert from "node:assert/strict"
import { test } from "node:test"
import { suggestHandle } from "./suggest-handle.ts"

test("a handle is suggested from a name without accents, capitals or spaces", () => {
  assert.equal(suggestHandle("Alice Example"), "alice.example")
  assert.equal(suggestHandle(" Émile  Zola! "), "emile.zola")
  assert.equal(suggestHandle("王小明"), "")
  assert.equal(suggestHandle("a".repeat(31) + " b").length, 31)
})
