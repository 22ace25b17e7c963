import assert from "node:assert/strict"
import { test } from "node:test"
import { isPersonName, looksLike } from "./person-name.ts"

test("a name is one line of letters and digits, with single marks between them, in one spelling", () => {
  for (const name of ["A", "Anna", "Anna-Lena O. Ito", "J. R.", "Zoë", "李雷", "Ольга", "dr_no 2", "x".repeat(64)])
    assert.ok(isPersonName(name), name)
  const refused = [
    "",
    " Anna",
    "Anna ",
    "Anna  Ito",
    "Anna-",
    "Zoe\u0308",
    "Anna\u200b",
    "An\nna",
    "<b>",
    "../x",
    "x".repeat(65),
    "a\u202eb",
  ]
  for (const name of refused) assert.ok(!isPersonName(name), JSON.stringify(name))
})

test("names that can be taken for one another look alike, others do not", () => {
  const pairs = [
    ["Anna", "anna"],
    ["Anna Ito", "Anna.Ito"],
    ["Anna", "\u0410nna"],
    ["Anna", "\u0391nn\u0430"],
    ["Bob", "\u0412\u043eb"],
    ["Ilya", "llya"],
    ["Ilya", "1lya"],
    ["Otto", "0tto"],
    ["Amin", "Arnin"],
    ["Anna", "\uff21nna"],
  ] as const
  for (const [one, other] of pairs) assert.ok(looksLike(one, other), `${one} ${other}`)
  for (const [one, other] of [
    ["Anna", "Anne"],
    ["Ben", "Benn"],
    ["Ольга", "Олег"],
    ["Person 1", "Person 2"],
  ] as const)
    assert.ok(!looksLike(one, other), `${one} ${other}`)
})
