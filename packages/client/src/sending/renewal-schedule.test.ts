import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { type RenewalState, renewalLimits, renewalReason, renewalRetryMs, renewalTurnMs } from "./renewal-schedule.ts"

const hourMs = 3_600_000
const nowMs = 1_790_000_000_000
const state = (change: Partial<RenewalState> = {}): RenewalState => ({
  pathMs: nowMs - hourMs,
  messages: 0,
  dueMs: undefined,
  leaves: 2,
  jitter: 0.5,
  ...change,
})

test("New keys come first after joining, before the message after ninety, and at an age between 20 and 24 hours that is the device's own", () => {
  assert.equal(renewalReason(state(), nowMs), undefined)
  assert.equal(renewalReason(state({ pathMs: undefined }), nowMs), "first")
  assert.equal(renewalReason(state({ messages: 89 }), nowMs), undefined)
  assert.equal(renewalReason(state({ messages: 90 }), nowMs), "messages")
  for (const [jitter, hours] of [
    [0, 20],
    [0.5, 22],
    [1, 24],
  ] as const) {
    assert.equal(renewalReason(state({ jitter, pathMs: nowMs - hours * hourMs + 1 }), nowMs), undefined)
    assert.equal(renewalReason(state({ jitter, pathMs: nowMs - hours * hourMs }), nowMs), "time")
  }
  assert.equal(renewalReason(state({ pathMs: nowMs + 30 * hourMs }), nowMs), "time", "a clock that was set back")
})

test("A device that is there renews at that age; one that was away takes its turn among the others from when it is back", () => {
  assert.equal(renewalTurnMs(state(), nowMs), nowMs + 21 * hourMs)
  const away = { pathMs: nowMs - 60 * hourMs }
  assert.equal(renewalTurnMs(state({ ...away, jitter: 0 }), nowMs), nowMs)
  assert.equal(renewalTurnMs(state({ ...away, jitter: 1, leaves: 2 }), nowMs), nowMs + 8_000)
  assert.equal(renewalTurnMs(state({ ...away, jitter: 1, leaves: 1_000 }), nowMs), nowMs + 4_000_000)
  assert.equal(renewalTurnMs(state({ ...away, jitter: 1, leaves: 4_096 }), nowMs), nowMs + 4 * hourMs)
  // It goes on waiting where it was when it is closed in between; and a time that has not come is no time to wait for.
  assert.equal(renewalTurnMs(state({ ...away, jitter: 1, leaves: 1_000, dueMs: nowMs - 3_000_000 }), nowMs), nowMs + 1_000_000)
  assert.equal(renewalTurnMs(state({ ...away, jitter: 1, leaves: 2, dueMs: nowMs + 90 * hourMs }), nowMs), nowMs + 8_000)
  assert.equal(renewalTurnMs(state({ pathMs: undefined, jitter: 1 }), nowMs), nowMs + 24 * hourMs, "who only reads has a day")
  assert.equal(
    renewalTurnMs(state({ pathMs: undefined, messages: 1, jitter: 1 }), nowMs),
    nowMs + 8_000,
    "who sent without, because a try was lost, has not",
  )
})

test("Whatever is stored, a turn is at most a day away and a retry at most six hours, later and later", () => {
  const any = fc.record({
    pathMs: fc.option(fc.integer({ min: 0, max: 2 * nowMs }), { nil: undefined }),
    messages: fc.nat(1_000),
    dueMs: fc.option(fc.integer({ min: 0, max: 2 * nowMs }), { nil: undefined }),
    leaves: fc.integer({ min: 1, max: 4_096 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(any, fc.nat(40), (found, failures) => {
      const turnMs = renewalTurnMs(found, nowMs)
      assert.ok(turnMs >= nowMs && turnMs <= nowMs + 24 * hourMs)
      const [retryMs, laterMs] = [renewalRetryMs(found, failures), renewalRetryMs(found, failures + 1)]
      assert.ok(retryMs >= 2_500 && retryMs <= laterMs && laterMs <= 6 * hourMs)
    }),
  )
  assert.ok(renewalLimits.messages < 100)
})
