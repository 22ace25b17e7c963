import assert from "node:assert/strict"
import { test } from "node:test"
import { initials } from "./initials.ts"

test("initials are whole letters of the first and last word in any script", () => {
  assert.equal(initials("Alice Example"), "AE")
  assert.equal(initials("alice"), "A")
  assert.equal(initials("@bob.builder"), "BB")
  assert.equal(initials("Émile de la Tour"), "ÉT")
  assert.equal(initials("محمد علي"), "مع")
  assert.equal(initials("👩‍🚀 Crew"), "👩‍🚀")
  assert.equal(initials("   "), "?")
  assert.equal(initials("Alice Example (@mallory)"), "AE")
  assert.equal(initials("\u2068יוסף כהן\u2069 (#0123456789ab)"), "יכ")
})
