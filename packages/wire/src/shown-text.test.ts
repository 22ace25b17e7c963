import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { imitatesUs, isolated, likeness, plainName, showsNothing } from "./shown-text.ts"

test("Text of which nothing can be seen is told from text that shows something, in every script", () => {
  for (const blank of [
    "",
    " \t\u3000",
    "\u200b\u200d\ufeff",
    "\u0301\u0302",
    "\u202e\u2066",
    "\u3164\u115f\uffa0",
    "\u2800",
    "\ue000",
    "\u{e0041}",
    "\u{1d159}",
  ])
    assert.ok(showsNothing(blank), JSON.stringify(blank))
  for (const shown of ["a", ".", "日", "👍🏽", "1️⃣", "🏴\u{e0067}\u{e0062}\u{e007f}", "ก็", "נְ", "\u200bx"])
    assert.ok(!showsNothing(shown), shown)
})

test("A name is one line without edges and without what turns the reading direction around; one that shows nothing is empty", () => {
  assert.equal(plainName("  Ann\u00a0\u3000Lee \n Fox "), "Ann Lee Fox")
  assert.equal(plainName("\u202eboB\u202c\u2067 x\u2069"), "boB x")
  for (const nothing of ["\u200b \u0301", "\u202e", "\ud800"]) assert.equal(plainName(nothing), "")
  // What joins letters and emoji stays.
  for (const name of ["می‌خواهم", "👩‍👧", "Zoë"]) assert.equal(plainName(name), name)
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => plainName(plainName(text)) === plainName(text)))
})

test("Names that look the same are alike, and different ones are not", () => {
  const same: readonly (readonly [string, string])[] = [
    ["Bob", "bob"],
    ["Bob", " B o\u200bb"],
    ["Bob", "Воb"],
    ["Bob", "ＢＯＢ"],
    ["Alice", "AIice"],
    ["Alice", "Аliсе"],
    ["Straße", "STRASSE"],
    ["Σίσυφος", "ΣΊΣΥΦΟΣ"],
    ["Zoë", "Zoe\u0308"],
    ["Tom", "Torn"],
  ]
  for (const [a, b] of same) assert.equal(likeness(a), likeness(b), `${a} ${b}`)
  const other: readonly (readonly [string, string])[] = [
    ["Bob", "Rob"],
    ["Anna", "Hanna"],
    ["山田", "山口"],
    ["Иван", "Игорь"],
    ["👍", "👎"],
  ]
  for (const [a, b] of other) assert.notEqual(likeness(a), likeness(b), `${a} ${b}`)
})

test("Our own words and names with a handle in them are recognised, however they are written", () => {
  for (const name of ["You", "YOU", "y\u200bou", "Υоu", "Admin", "ＡＤＭＩＮ", "Nodoor", "Bob (@bob)", "Bob ＠bob", "#3f2a9c1d77b0"])
    assert.ok(imitatesUs(name), name)
  for (const name of ["Yousef", "Bob", "Admiral", "Mee"]) assert.ok(!imitatesUs(name), name)
})

test("A name that is written from right to left is isolated from the sentence around it", () => {
  assert.equal(isolated("Bob"), "Bob")
  for (const name of ["يوسف", "משה", "a\u200fb"]) assert.equal(isolated(name), `\u2068${name}\u2069`)
})
