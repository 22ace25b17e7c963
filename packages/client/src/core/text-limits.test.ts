import assert from "node:assert/strict"
import { test } from "node:test"
import { checkedName, isTooLong, textLimits } from "./text-limits.ts"

const max = textLimits.nameCharacters

test("A name may have 64 characters as people count them, in any script, and is refused beyond, never cut", () => {
  for (const character of ["a", "ä", "ก็", "東", "か\u3099", "👍🏽"]) {
    assert.equal(checkedName(character.repeat(max), max), character.repeat(max))
    assert.ok(!isTooLong(character.repeat(max), max))
    assert.throws(() => checkedName(character.repeat(max + 1), max), { code: "invalid_input", message: /too long/ })
    assert.ok(isTooLong(character.repeat(max + 1), max))
  }
})

test("What weighs more than it looks is bounded by its bytes", () => {
  for (const character of ["👨‍👩‍👧‍👦", `a${"\u0301".repeat(300)}`]) {
    assert.ok(isTooLong(character.repeat(21), max))
    assert.throws(() => checkedName(character.repeat(21), max), { code: "invalid_input" })
  }
})
