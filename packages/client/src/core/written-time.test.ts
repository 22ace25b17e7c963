import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { writtenBetween, writtenTimeMs } from "./written-time.ts"

const hourMs = 3_600_000
const minuteMs = 60_000
const times = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 })
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
