// The test of the test: what must be found is found, and nothing is found where nothing is. Here with a fault of each kind: what stands in a
// row, when it was written, and what is in no row. `npm run jointest -- --controls` plays every fault.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type Trial, joined, runTrial } from "../trial.ts"
import { type Fault, faults } from "./two-halves.ts"

const small = (target: Fault | "no fault"): Promise<Trial> => runTrial({ target, accounts: 10, seeds: 5, lessons: 3 })

test("halves that keep nothing in common tell no more than the founding list and the list of groups do", async () => {
  assert.deepEqual(joined(await small("no fault")), [])
})

const long = process.env["NODOOR_LONG"] === "1"
const ofEachKind: readonly Fault[] = ["hashed id", "days", "mtime"]

for (const fault of long ? faults : ofEachKind)
  test(`of two halves with one fault (${fault}) something is found`, async () => {
    assert.notDeepEqual(joined(await small(fault)), [])
  })
