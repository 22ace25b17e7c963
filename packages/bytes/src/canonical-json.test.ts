import assert from "node:assert/strict"
import { test } from "node:test"
import { AssertionError } from "./assert.ts"
import { canonicalJson, canonicalText } from "./canonical-json.ts"
import { fromUtf8 } from "./text.ts"

test("the keys of RFC 8785 §3.2.3 are sorted by UTF-16 code units, not by code points", () => {
  const sample = {
    "\u20ac": "Euro",
    "\r": "CR",
    "\ufb33": "Dalet",
    "1": "One",
    "\ud83d\ude00": "Smiley",
    "\u0080": "Control",
    "\u00f6": "o",
  }
  assert.deepEqual(Object.keys(JSON.parse(canonicalText(sample)) as object).slice(1), [
    "\r",
    "\u0080",
    "\u00f6",
    "\u20ac",
    "\ud83d\ude00",
    "\ufb33",
  ])
  assert.ok(canonicalText(sample).startsWith('{"\\r":"CR","1":"One","\u0080"'))
})

test("a value has one spelling, whatever the order of its fields, and undefined fields are left out", () => {
  const spelled = '{"a":[1,"\\n\u00e9",null,true,{"b":-2,"c":[]}],"z":""}'
  assert.equal(canonicalText({ z: "", y: undefined, a: [1, "\n\u00e9", null, true, { c: [], b: -2 }] }), spelled)
  assert.equal(fromUtf8(canonicalJson(JSON.parse(` ${spelled} `))), spelled)
})

test("numbers that are not whole, or too large to be exact, are a bug of ours", () => {
  for (const number of [0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => canonicalText([number]), AssertionError)
})
