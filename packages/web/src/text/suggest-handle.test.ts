import assert from "node:assert/strict"
import { test } from "node:test"
import { suggestHandle } from "./suggest-handle.ts"

test("a handle is suggested from a name without accents, capitals or spaces", () => {
  assert.equal(suggestHandle("Alice Example"), "alice.example")
  assert.equal(suggestHandle(" Émile  Zola! "), "emile.zola")
  assert.equal(suggestHandle("王小明"), "")
  assert.equal(suggestHandle("Łukasz Ørsted"), "lukasz.orsted")
  assert.equal(suggestHandle("Đorđe Weiß-Þórsson"), "dorde.weiss-thorsson")
  assert.equal(suggestHandle("Ægir ＯＫ ﬁn"), "aegir.ok.fin")
  assert.equal(suggestHandle("\u200b\u0301"), "")
  assert.equal(suggestHandle("a".repeat(31) + " b").length, 31)
})
