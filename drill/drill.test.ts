import assert from "node:assert/strict"
import { test } from "node:test"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { root } from "../scripts/repository.ts"
import { type Attack, outcomeOf, passes } from "./attack.ts"
import { attacks } from "./attacks/index.ts"
import { mutations, refusedTwice } from "./mutations/index.ts"
import { runAttack } from "./run.ts"
import { formatTable, rowData } from "./table.ts"

/** A few of each kind; `npm run drill` runs them all. */
const fewOfThem = [
  "hand-over-content",
  "ghost-unsigned",
  "insider-add-other",
  "welcome-replayed",
  "removed-opens-dm",
  "left-added-again",
  "dropped-renumbered",
  "garbage-key-package",
  "rollback",
  "split-view-gossip",
  "who-with-whom",
]

for (const name of fewOfThem) {
  test(`The adversary's attack "${name}" has the outcome that the drill's table promises`, async () => {
    const attack = attacks.find((candidate) => candidate.name === name)
    assert.ok(attack)
    const row = await runAttack(attack)
    assert.ok(row.passed, JSON.stringify(rowData(row)))
    assert.match(formatTable([row]), new RegExp(row.attack.limit === undefined ? (row.outcome?.kind ?? "") : "honest limit"))
  })
}

test("What is gained without anybody being told fails a row unless it is a named honest limit", () => {
  const unnoticed = outcomeOf({ gained: ["everything"], tried: "" }, [])
  assert.equal(unnoticed.kind, "unnoticed")
  const attack: Attack = { name: "a", attack: "", did: "", expected: { kind: "unnoticed" }, run: () => assert.fail() }
  assert.equal(passes(attack, unnoticed), false)
  assert.equal(passes({ ...attack, limit: "written down" }, unnoticed), true)
  assert.equal(passes({ ...attack, expected: { kind: "refused" } }, unnoticed), false)
})

test("An outcome follows from what was gained and who was told, and another code than the expected one fails the row", () => {
  const alarm = { who: "alice", kind: "alarm", code: "x", level: "red" } as const
  assert.deepEqual(outcomeOf({ gained: [], tried: "" }, []), { kind: "impossible", codes: [] })
  assert.deepEqual(outcomeOf({ gained: [], tried: "" }, [alarm]), { kind: "refused", codes: ["x"] })
  const detected = outcomeOf({ gained: ["a word"], tried: "" }, [{ ...alarm, code: "y", level: "warn" }, alarm])
  assert.deepEqual(detected, { kind: "detected", codes: ["x", "y"] })
  const attack: Attack = { name: "a", attack: "", did: "", expected: { kind: "detected", code: "z" }, run: () => assert.fail() }
  assert.equal(passes(attack, detected), false)
  assert.equal(passes({ ...attack, expected: { kind: "detected", code: "y" } }, detected), true)
})

test("Every attack and every mutation has a name of its own, and only what is expected to go unnoticed names a limit", () => {
  assert.equal(new Set(attacks.map(({ name }) => name)).size, attacks.length)
  assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length)
  for (const { name, expected, limit } of attacks) assert.equal(limit !== undefined, expected.kind === "unnoticed", name)
})

test("Every check that --prove takes out names the rows or the test files that must notice, and they exist", () => {
  for (const { name, fails, tests } of mutations) {
    assert.ok(fails !== undefined || tests !== undefined, name)
    assert.ok(fails?.length !== 0 && tests?.length !== 0, name)
    for (const failing of fails ?? [])
      assert.ok(
        attacks.some((attack) => attack.name === failing),
        `${name}: ${failing}`,
      )
    for (const file of tests ?? []) assert.ok(file.endsWith(".test.ts") && existsSync(resolve(root, file)), `${name}: ${file}`)
  }
})

test("Every row but the control and the limits fails without one of the checks that --prove takes out", () => {
  const proven = new Set(mutations.flatMap(({ fails }) => fails ?? []))
  for (const [row, checks] of Object.entries(refusedTwice)) {
    assert.ok(checks.every((check) => mutations.some(({ name, tests }) => name === check && (tests?.length ?? 0) > 0)))
    proven.add(row)
  }
  const unproven = attacks.filter(({ name, limit }) => name !== "control" && limit === undefined && !proven.has(name))
  assert.deepEqual(
    unproven.map(({ name }) => name),
    [],
  )
})
