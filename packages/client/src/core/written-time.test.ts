import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { isPlacedAfter, isPlacedBefore } from "./group-record.ts"
import { writtenBetween, writtenTimeMs } from "./written-time.ts"

const hourMs = 3_600_000
const minuteMs = 60_000
/** The last hour of a day says the day and not more. */
const saysHour = (timeMs: number): boolean => Math.floor(timeMs / hourMs) % 24 !== 23
const times = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }).filter(saysHour)
const claims = fc.oneof(times, fc.nat({ max: Number.MAX_SAFE_INTEGER }))

test("A time that the sender says within the server's hour, or five minutes around it, is the one that is shown", () => {
  fc.assert(
    fc.property(times, fc.integer({ min: -5 * minuteMs, max: 65 * minuteMs }), (placedMs, offsetMs) => {
      const claimedMs = Math.floor(placedMs / hourMs) * hourMs + offsetMs
      assert.equal(writtenTimeMs({ claimedMs, placedMs }), claimedMs)
    }),
  )
})

test("Whatever a sender says, what is shown is not earlier than five minutes before the server's hour and not later than five after it", () => {
  fc.assert(
    fc.property(times, claims, (placedMs, claimedMs) => {
      const hour = Math.floor(placedMs / hourMs) * hourMs
      const shownMs = writtenTimeMs({ claimedMs, placedMs })
      assert.ok(shownMs >= hour - 5 * minuteMs && shownMs <= hour + 65 * minuteMs)
      if (claimedMs < hour) assert.ok(shownMs <= hour)
    }),
  )
})

test("What is shown depends on the hour of the server's time and on nothing finer; without a sender's time it is the beginning of the hour", () => {
  fc.assert(
    fc.property(times, fc.option(claims, { nil: undefined }), (placedMs, claimedMs) => {
      const hour = Math.floor(placedMs / hourMs) * hourMs
      assert.equal(writtenTimeMs({ claimedMs, placedMs }), writtenTimeMs({ claimedMs, placedMs: hour }))
      assert.equal(writtenTimeMs({ claimedMs: undefined, placedMs }), hour)
      const { fromMs, untilMs } = writtenBetween(placedMs)
      assert.equal(untilMs - fromMs, 70 * minuteMs)
    }),
  )
})

test("What a server places in the last hour of a day may have come at any time of that day", () => {
  const dayMs = Date.UTC(2026, 10, 30)
  const placedMs = dayMs + 23 * hourMs
  for (const claimedMs of [dayMs, dayMs + 10 * hourMs, placedMs, dayMs + 24 * hourMs])
    assert.equal(writtenTimeMs({ claimedMs, placedMs }), claimedMs)
  assert.equal(writtenTimeMs({ claimedMs: dayMs - hourMs, placedMs }), dayMs - 5 * minuteMs)
  assert.equal(writtenTimeMs({ claimedMs: dayMs + 30 * hourMs, placedMs }), dayMs + 24 * hourMs + 5 * minuteMs)
  assert.equal(isPlacedAfter(placedMs, dayMs + 12 * hourMs), false, "nobody can tell")
  assert.equal(isPlacedBefore(placedMs, dayMs + 12 * hourMs), false)
  assert.equal(isPlacedAfter(placedMs, dayMs - 1), true)
  assert.equal(isPlacedBefore(placedMs, dayMs + 24 * hourMs), true)
})
