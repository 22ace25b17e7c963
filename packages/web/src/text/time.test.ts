import assert from "node:assert/strict"
import { test } from "node:test"
import { createCalendar } from "./time.ts"

const calendar = createCalendar({ locale: "en-GB", timeZone: "Europe/Berlin" })
const now = Date.parse("2026-06-10T12:00:00+02:00")

test("a day is named by what a person would call it", () => {
  assert.equal(calendar.day(Date.parse("2026-06-10T00:01:00+02:00"), now), "Today")
  assert.equal(calendar.day(Date.parse("2026-06-09T23:59:00+02:00"), now), "Yesterday")
  assert.equal(calendar.day(Date.parse("2026-06-05T10:00:00+02:00"), now), "Friday")
  assert.equal(calendar.day(Date.parse("2026-06-03T10:00:00+02:00"), now), "3 June")
  assert.equal(calendar.day(Date.parse("2025-06-03T10:00:00+02:00"), now), "3 June 2025")
})

test("a moment ahead of this clock is not called by a weekday", () => {
  assert.equal(calendar.day(Date.parse("2026-06-12T10:00:00+02:00"), now), "12 June")
})

test("yesterday is yesterday across the change to summer time", () => {
  const monday = Date.parse("2026-03-30T00:30:00+02:00")
  assert.equal(calendar.day(Date.parse("2026-03-29T01:00:00+01:00"), monday), "Yesterday")
})

test("the chat list shows the clock today and a date later", () => {
  assert.equal(calendar.brief(Date.parse("2026-06-10T09:05:00+02:00"), now), "9:05")
  assert.equal(calendar.brief(Date.parse("2026-06-08T09:05:00+02:00"), now), "Mon")
  assert.equal(calendar.brief(Date.parse("2026-02-01T09:05:00+01:00"), now), "1 Feb")
})

test("a UTC day is the same day wherever it is read", () => {
  assert.equal(createCalendar({ locale: "en-GB", timeZone: "Pacific/Honolulu" }).utcDay("2026-11-03"), "3 November 2026")
})

test("a language other than English keeps the interface in one language", () => {
  assert.equal(createCalendar({ locale: "de-DE", timeZone: "UTC" }).day(Date.parse("2026-01-03T10:00:00Z"), now), "3 January")
})
