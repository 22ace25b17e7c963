import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import { type BodyBudget, type BodyRoom, type Pool, createBodyBudget } from "./body-budget.ts"

const kib = 1024
const bounds = {
  small: { callerBytes: 64 * kib, allBytes: 256 * kib },
  large: { callerBytes: 3000 * kib, allBytes: 6000 * kib },
  operator: { callerBytes: 6000 * kib, allBytes: 6000 * kib },
}

interface Begun {
  readonly room: BodyRoom
  /** Why it was cut, as a code. */
  readonly cut: string | undefined
}

function begin(budget: BodyBudget, address: string, chargedBytes: number, pool: Pool = "large"): Begun {
  let cut: string | undefined
  const room = budget.begin({ pool, address, chargedBytes }, (why) => (cut = why.code))
  return {
    room,
    get cut() {
      return cut
    },
  }
}

const refused = (code: string, run: () => void): void =>
  assert.throws(run, (error) => error instanceof WireError && error.code === code && error.retryAfterMs !== undefined)

/** Time passes while these bodies bring so many bytes in each moment. */
function pass(budget: BodyBudget, ticks: number, bringing: readonly (readonly [Begun, number])[] = []): void {
  for (let at = 0; at < ticks; at++) {
    for (const [{ room }, bytes] of bringing) room.arrived(bytes)
    budget.tick()
  }
}

test("a caller holds what it says it will send, before it sends any of it, and no more than its share; others are not touched", () => {
  const budget = createBodyBudget(bounds)
  for (let at = 0; at < 3; at++) begin(budget, "192.0.2.1", 1000 * kib)
  refused("rate_limited", () => begin(budget, "192.0.2.1", 1000 * kib))
  assert.equal(begin(budget, "192.0.2.2", 1000 * kib).cut, undefined)
  begin(budget, "2001:db8::1", 2000 * kib)
  refused("rate_limited", () => begin(budget, "2001:db8::2", 2000 * kib))
  assert.equal(budget.heldBytes(), 6000 * kib)
})

test("a body that does not say how long it is counts as it comes", () => {
  const budget = createBodyBudget(bounds)
  const { room } = begin(budget, "192.0.2.1", 0)
  for (let at = 0; at < 3; at++) room.arrived(1000 * kib)
  refused("rate_limited", () => room.arrived(1))
  refused("rate_limited", () => begin(budget, "192.0.2.1", 0))
})

test("large bodies of strangers take no room from small ones, nor from people at the console", () => {
  const budget = createBodyBudget(bounds)
  for (let at = 0; at < 6; at++) begin(budget, `192.0.2.${at}`, 1000 * kib)
  refused("unavailable", () => begin(budget, "192.0.2.9", 1000 * kib))
  begin(budget, "192.0.2.1", 10 * kib, "small")
  begin(budget, "192.0.2.1", 5000 * kib, "operator")
})

test("any open body counts as more than its few bytes", () => {
  const budget = createBodyBudget(bounds)
  for (let at = 0; at < 8; at++) begin(budget, "192.0.2.1", 1, "small")
  refused("rate_limited", () => begin(budget, "192.0.2.1", 1, "small"))
})

test("room comes back when a body is over, once", () => {
  const budget = createBodyBudget(bounds)
  const first = begin(budget, "192.0.2.1", 3000 * kib)
  first.room.end()
  first.room.end()
  assert.equal(budget.heldBytes(), 0)
  begin(budget, "192.0.2.1", 3000 * kib)
})

test("a body that brings next to nothing for ten seconds is cut, whatever it brought before; one that goes on is not", () => {
  const budget = createBodyBudget(bounds)
  const slow = begin(budget, "192.0.2.1", 1000 * kib)
  const steady = begin(budget, "192.0.2.2", 1000 * kib)
  slow.room.arrived(999 * kib)
  pass(budget, 10, [[steady, 7 * kib]])
  assert.deepEqual([slow.cut, steady.cut], [undefined, undefined])
  pass(budget, 10, [[steady, 7 * kib]])
  assert.deepEqual([slow.cut, steady.cut], ["unavailable", undefined])
  assert.equal(budget.heldBytes(), 1000 * kib)
})

test("a body that has come is not cut while its answer is made, and holds its room until then", () => {
  const budget = createBodyBudget(bounds)
  const whole = begin(budget, "192.0.2.1", 3000 * kib)
  whole.room.arrived(3000 * kib)
  whole.room.complete()
  pass(budget, 100)
  refused("rate_limited", () => begin(budget, "192.0.2.1", 1000 * kib))
  assert.equal(whole.cut, undefined)
})

test("when everybody together holds too much, whoever holds most gives way to whoever holds less", () => {
  const budget = createBodyBudget(bounds)
  const greedy = [1, 2, 3].map(() => begin(budget, "192.0.2.1", 1000 * kib))
  const modest = [2, 3, 4].map((at) => begin(budget, `192.0.2.${at}`, 1000 * kib))
  pass(budget, 1, [...greedy.map((one, at) => [one, (at + 1) * kib] as const), ...modest.map((one) => [one, 300 * kib] as const)])
  assert.equal(begin(budget, "192.0.2.9", 1000 * kib).cut, undefined)
  assert.deepEqual(
    [...greedy, ...modest].map((one) => one.cut),
    ["unavailable", undefined, undefined, undefined, undefined, undefined],
    "its slowest body, and nobody else's",
  )
  begin(budget, "192.0.2.8", 900 * kib)
  refused("unavailable", () => begin(budget, "192.0.2.7", 1000 * kib))
})

test("many callers that hold alike and send slowly give way too, those that send do not, and nobody is judged by its first moment", () => {
  const budget = createBodyBudget(bounds)
  const six = [1, 2, 3, 4, 5, 6].map((at) => begin(budget, `192.0.2.${at}`, 1000 * kib))
  const [dripping, ...sending] = six as [Begun, ...Begun[]]
  refused("unavailable", () => begin(budget, "192.0.2.9", 1000 * kib))
  pass(budget, 3, [[dripping, 10 * kib], ...sending.map((one) => [one, 200 * kib] as const)])
  begin(budget, "192.0.2.9", 1000 * kib)
  assert.equal(dripping.cut, "unavailable")
  assert.ok(sending.every((one) => one.cut === undefined))
  refused("unavailable", () => begin(budget, "192.0.2.10", 1000 * kib))
})

test("a caller's own slow bodies give way to its next one", () => {
  const budget = createBodyBudget(bounds)
  const [hanging] = [1, 2, 3].map(() => begin(budget, "192.0.2.1", 1000 * kib)) as [Begun]
  pass(budget, 2)
  begin(budget, "192.0.2.1", 1000 * kib)
  assert.equal(hanging.cut, "unavailable")
})
