import assert from "node:assert/strict"
import { test } from "node:test"
import { believedSentMs, writtenLongBeforeMs } from "./sent-time.ts"

const placedMs = Date.UTC(2026, 4, 1, 12)
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

test("A sender's time is believed from a month before the server's to some minutes after it, and nothing else is", () => {
  for (const claimedMs of [placedMs, placedMs - 30 * day, placedMs + 10 * minute])
    assert.equal(believedSentMs({ claimedMs, placedMs }), claimedMs)
  for (const claimedMs of [undefined, 0, placedMs - 30 * day - 1, placedMs + 10 * minute + 1, Number.MAX_SAFE_INTEGER])
    assert.equal(believedSentMs({ claimedMs, placedMs }), undefined)
})

test("A message is late when more than an hour lies between writing and placing", () => {
  assert.equal(writtenLongBeforeMs({ sentMs: placedMs - hour - 1, timeMs: placedMs }), placedMs - hour - 1)
  for (const sentMs of [undefined, placedMs - hour, placedMs, placedMs + 5 * minute])
    assert.equal(writtenLongBeforeMs({ sentMs, timeMs: placedMs }), undefined)
})
