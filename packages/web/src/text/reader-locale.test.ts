import assert from "node:assert/strict"
import { test } from "node:test"
import { readerLocale } from "./reader-locale.ts"
import { createCalendar } from "./time.ts"

test("a language that is no language tag is passed over", () => {
  assert.equal(readerLocale(["en-US@posix", "en-AU"]), "en-AU")
  assert.equal(readerLocale(["en-US"]), "en-US")
  assert.equal(readerLocale([]), "en-GB")
})

test("dates are written whatever the browser calls its language", () => {
  for (const language of ["en-US@posix", "C", "", "en_US.UTF-8", "*", "und", "x-klingon"])
    assert.ok(createCalendar({ locale: readerLocale([language]) }).clock(0), language)
})
