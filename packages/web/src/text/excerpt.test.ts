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
  assert.equal(shape("İstanbul tea", "tea"), "İstanbul tea")
})
