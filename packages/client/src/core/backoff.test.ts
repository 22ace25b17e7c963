import assert from "node:assert/strict"
import { test } from "node:test"
import { doubledMs } from "./backoff.ts"

test("A pause doubles from the second failure on and ends at the longest", () => {
  const pause = { firstMs: 500, lastMs: 30_000 }
  assert.deepEqual(
    [0, 1, 2, 3, 6, 7, 8, 1000].map((failures) => doubledMs(failures, pause)),
    [500, 500, 1000, 2000, 16_000, 30_000, 30_000, 30_000],
  )
})
