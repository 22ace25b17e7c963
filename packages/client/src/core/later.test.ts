import assert from "node:assert/strict"
import { test } from "node:test"
import { Later } from "./later.ts"

test("what is set takes the place of what was set before, and cancelling leaves nothing", () => {
  const waiting = new Set<() => void>()
  const later = new Later({
    after: (_delayMs, run) => {
      waiting.add(run)
      return () => void waiting.delete(run)
    },
  })
  const done: string[] = []
  later.set(1, () => done.push("first"))
  later.set(1, () => done.push("second"))
  assert.equal(waiting.size, 1)
  for (const run of waiting) run()
  assert.deepEqual(done, ["second"])
  later.set(1, () => done.push("third"))
  later.cancel()
  later.cancel()
  assert.equal(waiting.size, 0)
})
