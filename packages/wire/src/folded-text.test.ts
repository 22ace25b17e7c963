import assert from "node:assert/strict"
import { test } from "node:test"
import * as fc from "fast-check"
import { findFolded, foldedText } from "./folded-text.ts"
import { countGraphemes, cutToGraphemes, graphemes } from "./graphemes.ts"

const same = (a: string, b: string): void => assert.equal(foldedText(a), foldedText(b), `${a} ${b}`)
const other = (a: string, b: string): void => assert.notEqual(foldedText(a), foldedText(b), `${a} ${b}`)

test("What people do not tell apart when they search is the same: case, accents, encodings, widths, invisible characters", () => {
  same("ÉCOLE", "ecole")
  same("e\u0301cole", "école")
  same("Straße", "STRASSE")
  same("ΟΔΟΣ οδός", "οδος ΟΔΟΣ")
  same("İstanbul", "istanbul")
  same("ISPARTA", "ısparta")
  same("Москва́", "МОСКВА")
  same("Ł ø Đ æ", "l o d ae")
  same("Ｔｅａ　１２", "tea 12")
  same("ｶﾞ", "ガ")
  same("שָׁלוֹם", "שלום")
  same("مُحَمَّد", "محمد")
  same("zero\u200bwidth", "zerowidth")
  same("two  \n spaces", "two spaces")
  same("한국", "한국".normalize("NFD"))
})

test("What makes another word stays: voicing of kana, vowels of Thai and Devanagari, syllables of Hangul", () => {
  other("が", "か")
  other("กิน", "กน")
  other("किताब", "कताब")
  assert.ok(!foldedText("한").includes(foldedText("하")))
})

test("A text is found where it stands, at whole characters, whatever folding did to its length", () => {
  const marked = (text: string, wanted: string): string[] => findFolded(text, wanted).map(({ start, end }) => text.slice(start, end))
  assert.deepEqual(marked("Die Straße, STRASSE", "strasse"), ["Straße", "STRASSE"])
  assert.deepEqual(marked("die Straße", "s"), ["S", "ß"])
  assert.deepEqual(marked("Cafe\u0301 au lait", "café"), ["Cafe\u0301"])
  assert.deepEqual(marked("東京タワー", "京タ"), ["京タ"])
  assert.deepEqual(marked("a 👨‍👩‍👧 b", "👨‍👩‍👧"), ["👨‍👩‍👧"])
  assert.deepEqual(marked("two \n words", "two words"), ["two \n words"])
  assert.deepEqual(marked("tea", "  "), [])
  assert.deepEqual(marked("tea", "x"), [])
})

test("Property: folding is stable, and what is found are whole characters of the text that fold to what was wanted", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), fc.nat(30), fc.nat(4), (text, from, length) => {
      assert.equal(foldedText(foldedText(text)), foldedText(text))
      const wanted = graphemes(text)
        .slice(from, from + length)
        .join("")
      for (const { start, end } of findFolded(text, wanted)) {
        assert.ok(text.slice(start, end).isWellFormed() && text.slice(0, start).isWellFormed())
        assert.ok(foldedText(text.slice(start, end)).includes(foldedText(wanted.trim())))
      }
    }),
    { numRuns: 500 },
  )
})

test("Characters are counted and cut as people see them", () => {
  const family = "👨‍👩‍👧‍👦"
  assert.equal(countGraphemes(family.repeat(3)), 3)
  assert.equal(countGraphemes("ก็".repeat(40)), 40)
  assert.equal(countGraphemes("plain"), 5)
  assert.equal(countGraphemes("x".repeat(99), 10) > 10, true)
  assert.equal(cutToGraphemes(family.repeat(3), 2), `${family.repeat(2)}…`)
  assert.equal(cutToGraphemes("e\u0301e\u0301", 1), "e\u0301…")
  assert.equal(cutToGraphemes("short", 5), "short")
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.nat(40), (text, max) => {
      const cut = cutToGraphemes(text, max)
      const kept = cut === text ? text : cut.slice(0, -1)
      assert.ok(text.startsWith(kept) && kept.isWellFormed() && (cut === text || countGraphemes(kept) === max))
    }),
    { numRuns: 50 },
  )
})
