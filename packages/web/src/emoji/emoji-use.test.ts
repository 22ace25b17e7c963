import assert from "node:assert/strict"
import { test } from "node:test"
import { readEmojiUse, withUsed } from "./emoji-use.ts"

test("what another device wrote is read as far as it makes sense", () => {
  const none = { recent: [], tone: 0 }
  for (const bad of [undefined, "", "{", "null", "[]", "7", '{"recent":7,"tone":9}']) assert.deepEqual(readEmojiUse(bad), none)
  assert.deepEqual(readEmojiUse(JSON.stringify({ recent: ["🎉", "🎉", 7, "", "x".repeat(33)], tone: 3 })), { recent: ["🎉"], tone: 3 })
  assert.equal(readEmojiUse(JSON.stringify({ recent: Array.from({ length: 99 }, (_, nth) => `e${nth}`) })).recent.length, 24)
})

test("a used emoji comes first, unless it is near the front already", () => {
  const use = readEmojiUse(JSON.stringify({ recent: Array.from({ length: 24 }, (_, nth) => `e${nth}`) }))
  assert.equal(withUsed(use, "e7"), undefined)
  assert.deepEqual(withUsed(use, "e9")?.recent.slice(0, 2), ["e9", "e0"])
  assert.deepEqual([withUsed(use, "new")?.recent[0], withUsed(use, "new")?.recent.length], ["new", 24])
})
