import assert from "node:assert/strict"
import { test } from "node:test"
import { ReceiptTiming } from "./receipt-timing.ts"

/** The delays that receipts of one group get when the source of randomness gives these bytes. */
function delayMs(...bytes: readonly number[]): number {
  let inMs = -1
  const jobs = {
    register: () => undefined,
    schedule: (job: { readonly inMs: number; readonly keepSooner?: boolean }) => {
      assert.ok(job.keepSooner)
      inMs = job.inMs
    },
  }
  const reader = { read: async () => [] }
  const timing = new ReceiptTiming({ jobs, reader, random: () => Uint8Array.from(bytes), kick: () => undefined, fault: assert.fail })
  timing.wait(new Uint8Array(32))
  return inMs
}

test("Receipts wait at random between nothing and two seconds, from the first of them on", () => {
  assert.equal(delayMs(0, 0), 0)
  assert.equal(delayMs(128, 0), 1_000)
  assert.ok(delayMs(255, 255) < 2_000 && delayMs(255, 255) > 1_999)
})
