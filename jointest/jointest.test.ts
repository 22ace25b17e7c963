// The join test in its smallest form: the first version's layout falls, this server's doesn't. `npm run jointest` plays more and larger servers.

import assert from "node:assert/strict"
import { test } from "node:test"
import { Halves } from "./halves/halves.ts"
import { FirstVersion } from "./first-version/first-version.ts"
import { average, joined, runTrial } from "./trial.ts"

test("of the first version's data directory more than 95 % of the seats are matched with their accounts", async () => {
  const trial = await runTrial({ accounts: 10, seeds: 2, lessons: 2, open: (seed) => new FirstVersion(seed) })
  assert.ok(average(trial.scores.map(({ owners }) => owners)) >= 0.95)
})

test("of this server's two halves, played for thirty days, no more is found", async () => {
  // One in a hundred runs is beyond 99 % by chance, so the small form takes a margin; the large one does not.
  assert.deepEqual(joined(await runTrial({ accounts: 7, seeds: 4, lessons: 3, open: () => Halves.open() }), 0.05), [])
})
