import assert from "node:assert/strict"
import { test } from "node:test"
import { seededChance } from "../../sim/randomness.ts"
import { assign } from "./assignment.ts"

test("an assignment uses no column twice, and none of all the others costs less", () => {
  const chance = seededChance(7)
  for (let round = 0; round < 200; round++) {
    const rows = 1 + chance.below(4)
    const columns = rows + chance.below(3)
    const cost = Array.from({ length: rows }, () => Float64Array.from({ length: columns }, () => chance.below(20) - 10))
    const chosen = assign(cost)
    assert.equal(new Set(chosen).size, rows)
    const sum = chosen.reduce((all, column, row) => all + (cost[row]?.[column] as number), 0)
    assert.equal(sum, least(cost, 0, new Set()))
  }
})

function least(cost: readonly Float64Array[], row: number, taken: ReadonlySet<number>): number {
  const values = cost[row]
  if (values === undefined) return 0
  const free = [...values.keys()].filter((column) => !taken.has(column))
  return Math.min(...free.map((column) => (values[column] as number) + least(cost, row + 1, new Set([...taken, column]))))
}
