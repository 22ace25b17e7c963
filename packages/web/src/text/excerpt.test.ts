import assert from "node:assert/strict"
import { test } from "node:test"
import { excerpt } from "./excerpt.ts"

const shape = (text: string, wanted: string): string =>
  excerpt(text, wanted)
    .map((part) => (part.hit ? `[${part.text}]` : part.text))
    .join("")

test("an excerpt marks every hit, whatever its case, and begins near the first", () => {
  assert.equal(shape("Tea or tea?", "tea"), "[Tea] or [tea]?")
  assert.equal(shape(`${"x".repeat(60)} tea`, "tea"), `…${"x".repeat(27)} [tea]`)
  assert.equal(shape("no hit", "tea"), "no hit")
  assert.equal(shape("İstanbul tea", "tea"), "İstanbul [tea]")
  assert.equal(shape("Die Straße und Café", "STRASSE"), "Die [Straße] und Café")
  assert.equal(shape("明日は東京に行く", "東"), "明日は[東]京に行く")
})

test("an excerpt begins with a whole character", () => {
  const family = "👨‍👩‍👧"
  for (const character of ["😀", family, "e\u0301", "ก็"]) {
    const parts = excerpt(`a${character.repeat(40)} needle`, "needle")
    assert.equal(parts[1]?.text, `${character.repeat(27)} `)
    assert.ok(parts.every((part) => part.text.isWellFormed()))
  }
})
