import assert from "node:assert/strict"
import { test } from "node:test"
import { dayText, grouped, hexOf, sizeText, spanText } from "./amount.ts"
import { t } from "./catalogue.ts"

test("sizes are read in three digits at most, whatever they are", () => {
  const cases = {
    0: "0 B",
    999: "999 B",
    1000: "1.0 kB",
    9949: "9.9 kB",
    9950: "10 kB",
    999_499: "999 kB",
    999_500: "1.0 MB",
    34_000_000: "34 MB",
  }
  for (const [bytes, text] of Object.entries(cases)) assert.equal(sizeText(Number(bytes)), text)
  assert.equal(sizeText(5e15), "5000 TB")
})

test("spans are said in the largest unit that fits, and a clock that went back makes none negative", () => {
  assert.equal(spanText(-5), "less than a minute")
  assert.equal(spanText(60_000), "1 minute")
  assert.equal(spanText(59 * 60_000), "59 minutes")
  assert.equal(spanText(47 * 3_600_000), "47 hours")
  assert.equal(spanText(48 * 3_600_000), "2 days")
})

test("a UTC day is the same day in every time zone, and what is no day stays as it is", () => {
  assert.equal(dayText("2026-11-20"), "20 November 2026")
  assert.equal(dayText("never"), "never")
})

test("codes stand in groups of five, bytes in lower-case hexadecimal, and one of a thing is singular", () => {
  assert.equal(grouped("0123456789ab"), "01234 56789 ab")
  assert.equal(grouped("01234"), "01234")
  assert.equal(hexOf(new Uint8Array([0, 15, 255])), "000fff")
  assert.equal(t.amounts.accounts(1), "1 account")
  assert.equal(t.amounts.accounts(1200), "1,200 accounts")
})
