import assert from "node:assert/strict"
import { test } from "node:test"
import type { VerifiedAccountState } from "@nodoor/keylog"
import { firstHold } from "./reset-hold.ts"

const account = (lastReset: VerifiedAccountState["lastReset"]): VerifiedAccountState => ({ lastReset }) as VerifiedAccountState
const at = { nowMs: 5_000, size: 9, epochTimeMs: 4_000, resetDelayMs: 1_000 }

test("A hard reset is held from the epoch in which it was first seen, a signed one and none at all are not", () => {
  assert.deepEqual(firstHold(account({ version: 3, hard: true }), undefined, at), {
    checkedMs: 5_000,
    size: 9,
    resetVersion: 3,
    heldUntilMs: 5_000,
    heldExact: false,
  })
  for (const lastReset of [undefined, { version: 3, hard: false }])
    assert.equal(firstHold(account(lastReset), undefined, at).heldUntilMs, undefined)
})

test("A hold that is noted stays as it is when the account is looked up again or changes otherwise, and a second reset begins its own", () => {
  const noted = { checkedMs: 1, size: 1, resetVersion: 3, heldUntilMs: 4_500, heldExact: true }
  assert.deepEqual(firstHold(account({ version: 3, hard: true }), noted, at), { ...noted, checkedMs: 5_000, size: 9 })
  assert.equal(firstHold(account({ version: 4, hard: true }), noted, at).heldUntilMs, 5_000)
})
