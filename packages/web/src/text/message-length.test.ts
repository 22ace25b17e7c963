import assert from "node:assert/strict"
import { test } from "node:test"
import { textLimits } from "@nodoor/client"
import { excessOf, excessText, maxDraftCharacters, maxMessageBytes, maxMessageCharacters } from "./message-length.ts"

test("a text that fits is not too long, and one that does not says by how much", () => {
  assert.equal(excessOf(""), 0)
  assert.equal(excessOf("a".repeat(maxMessageCharacters)), 0)
  assert.equal(excessOf("a".repeat(maxMessageCharacters + 1)), 1)
  assert.equal(excessOf("a".repeat(200_000)), 200_000 - maxMessageCharacters)
})

test("letters are counted as people count them, and what weighs more than it looks is bounded by its bytes", () => {
  assert.equal(excessOf("é́".repeat(maxMessageCharacters)), 0)
  assert.equal(excessOf("字".repeat(maxMessageCharacters)), 0)
  const family = "👨‍👩‍👧‍👦"
  const excess = excessOf(family.repeat(6000))
  assert.ok(excess > 0)
  assert.equal(excessOf(family.repeat(6000 - excess)), 0)
})

test("the limits are the client's, and what does not fit a draft is said to be lost on leaving", () => {
  assert.equal(maxMessageBytes, textLimits.messageBytes)
  assert.equal(maxDraftCharacters, textLimits.draftCharacters)
  assert.equal(excessText(0, "a"), undefined)
  assert.equal(excessText(1, "a"), "1 character too long. Shorten it, or send it in parts.")
  assert.match(excessText(180_000, "a".repeat(200_000)) ?? "", /^180,000 characters too long\. .* isn’t saved when you leave/)
})
