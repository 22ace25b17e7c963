// Shows that the drill and the tests can fail: for every check, what it should make fail is run with that check taken out of the source text.

import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { attacks } from "./attacks/index.ts"
import { mutations, refusedTwice } from "./mutations/index.ts"
import type { Mutation } from "./mutations/mutation.ts"
import { type Result, isProven, runTests, runWithout } from "./without.ts"

export interface ProveOptions {
  readonly json: boolean
  /** Every mutation, instead of as many as fit into a sample's time. */
  readonly all: boolean
  /** Decides which mutations come first; the commit's hash if undefined. */
  readonly seed: string | undefined
  readonly only: readonly string[] | undefined
}

/** Mutations under way at a time. */
const parallel = 2
/** After this much time a sample begins no other mutation. */
const sampleMs = 2 * 60_000

/** Prints the mutation table. 0 if each missing check makes exactly its rows and one of its tests fail, and every row but the honest limits fails for one. */
export async function prove({ json, all, seed = commit(), only }: ProveOptions): Promise<number> {
  const chosen = only === undefined ? inOrderOf(seed) : mutations.filter(({ name }) => only.includes(name))
  const unknown = only?.filter((name) => !mutations.some((mutation) => mutation.name === name)) ?? []
  if (unknown.length > 0) {
    process.stderr.write(`no mutation is called ${unknown.join(" or ")}\n`)
    return 2
  }
  process.stderr.write(`${chosen.length} checks to take out${only === undefined ? `, in the order of --seed ${seed}` : ""}\n`)
  const endMs = performance.now() + sampleMs
  const results: Result[] = []
  const waiting = [...chosen]
  const control = new Control()
  const work = async (): Promise<void> => {
    while (all || only !== undefined || performance.now() < endMs) {
      const next = waiting.shift()
      if (next === undefined) return
      const problem = await control.pass(next.tests ?? [])
      const result = problem === undefined ? await runWithout(next) : { mutation: next, rows: [], tests: [], problem }
      results.push(result)
      if (!json) process.stderr.write(`${isProven(result) ? "as expected" : "FAILED     "}  without: ${next.without} (${next.name})\n`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  results.sort((a, b) => mutations.indexOf(a.mutation) - mutations.indexOf(b.mutation))
  const proven = new Set([...mutations.flatMap((mutation) => mutation.fails ?? []), ...Object.keys(refusedTwice)])
  const unproven = attacks
    .filter(({ name, limit }) => name !== "control" && limit === undefined && !proven.has(name))
    .map(({ name }) => name)
  process.stdout.write(json ? `${JSON.stringify(data(results, unproven))}\n` : text(results, unproven, waiting.length))
  return results.every(isProven) && unproven.length === 0 ? 0 : 1
}

/** Test files with nothing taken out: one that fails anyway shows nothing. */
class Control {
  readonly #ran = new Map<string, Promise<string | undefined>>()

  /** Why the files show nothing; undefined if all pass. */
  async pass(files: readonly string[]): Promise<string | undefined> {
    for (const file of files) {
      const run = this.#ran.get(file) ?? this.#run(file)
      this.#ran.set(file, run)
      const problem = await run
      if (problem !== undefined) return problem
    }
    return undefined
  }

  async #run(file: string): Promise<string | undefined> {
    const { failures, problem } = await runTests([file], {})
    return problem ?? (failures[0] && `${file} fails with nothing taken out: ${failures[0].name}: ${failures[0].became}`)
  }
}

/** Every commit begins with others, so that over time each gets its turn. */
function inOrderOf(seed: string): Mutation[] {
  const place = ({ name }: Mutation): string => createHash("sha256").update(`${seed} ${name}`).digest("hex")
  return mutations.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim()
  } catch {
    return "no commit"
  }
}

function text(results: readonly Result[], unproven: readonly string[], left: number): string {
  const lines = results.flatMap((result) => {
    const { mutation, rows, tests, problem } = result
    const expected = mutation.fails ?? []
    return [
      `${isProven(result) ? "ok  " : "FAIL"}  without: ${mutation.without}  (${mutation.name}: ${mutation.edits.map(({ file }) => file).join(", ")})`,
      ...(problem === undefined ? [] : [`        ${problem}`]),
      ...rows.map(({ name, became }) => `        ${expected.includes(name) ? "fails" : "FAILS UNEXPECTEDLY"}: ${name} → ${became}`),
      ...expected.filter((name) => !rows.some((row) => row.name === name)).map((name) => `        STILL PASSES: ${name}`),
      ...tests.map(({ name, became }) => `        fails: "${name}" → ${became}`),
      ...(mutation.tests !== undefined && tests.length === 0 ? [`        STILL PASS: ${mutation.tests.join(", ")}`] : []),
    ]
  })
  const good = results.filter(isProven).length
  const rest = unproven.length === 0 ? "" : `Rows that no missing check makes fail: ${unproven.join(", ")}\n`
  const sample = left === 0 ? "" : `${left} more were not taken out in this run; --all takes out every one.\n`
  return `\n${lines.join("\n")}\n\n${good} of ${results.length} missing checks were noticed as expected.\n${sample}${rest}`
}

function data(results: readonly Result[], unproven: readonly string[]): unknown {
  return {
    mutations: results.map((result) => ({
      name: result.mutation.name,
      without: result.mutation.without,
      proven: isProven(result),
      expected: { rows: result.mutation.fails ?? [], tests: result.mutation.tests ?? [] },
      rows: result.rows,
      tests: result.tests,
      ...(result.problem !== undefined && { problem: result.problem }),
    })),
    unproven,
  }
}
