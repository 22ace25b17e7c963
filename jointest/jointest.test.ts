// The join test in its smallest form: the first version's layout falls, this server's doesn't. `npm run jointest` plays more and larger servers.

import assert from "node:assert/strict"
import { test } from "node:test"
import { average, joined, runTrial } from "./trial.ts"

test("of the first version's data directory more than 95 % of the seats are matched with their accounts", async () => {
  const trial = await runTrial({ target: "first version", accounts: 10, seeds: 1, lessons: 1 })
  assert.ok(average(trial.scores.map(({ owners }) => owners)) >= 0.95)
})

test("of this server's two halves, played for thirty days, no more is found", async () => {
  // One in a hundred runs is beyond 99 % by chance, so the small form takes a margin; the large one does not.
  assert.deepEqual(joined(await runTrial({ target: "this server", accounts: 6, seeds: 4, lessons: 2 }), 0.05), [])
})
