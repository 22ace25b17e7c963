// The test of the test: what must be found is found, and nothing is found where nothing is.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type Trial, joined, runTrial } from "../trial.ts"
import { type Fault, faults } from "./two-halves.ts"

const small = (target: Fault | "no fault"): Promise<Trial> => runTrial({ target, accounts: 10, seeds: 5, lessons: 3 })

test("halves that keep nothing in common tell no more than the founding list and the list of groups do", async () => {
  assert.deepEqual(joined(await small("no fault")), [])
})

for (const fault of faults)
  test(`of two halves with one fault (${fault}) something is found`, async () => {
    assert.notDeepEqual(joined(await small(fault)), [])
  })
