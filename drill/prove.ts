// Shows that the drill can fail: the whole drill again for every check, with that check taken out of the clients' source text.

import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { attacks } from "./attacks/index.ts"
import { type Mutation, mutations } from "./mutations.ts"

interface Result {
  readonly mutation: Mutation
  /** Names of the rows that failed, with what became of them. */
  readonly failed: readonly { readonly name: string; readonly became: string }[]
  readonly problem: string | undefined
}

/** Drills under way at a time. */
const parallel = 2
const drillTimeoutMs = 120_000

/** Prints the mutation table. 0 if each missing check makes exactly its rows fail, and every row but the honest limits fails for one. */
export async function prove({ json }: { readonly json: boolean }): Promise<number> {
  const results: Result[] = []
  const waiting = [...mutations]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await drillWithout(next)
      results.push(result)
      if (!json) process.stderr.write(`${isProven(result) ? "as expected" : "FAILED     "}  without: ${next.without}\n`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  results.sort((a, b) => mutations.indexOf(a.mutation) - mutations.indexOf(b.mutation))
  const proven = new Set(mutations.flatMap((mutation) => mutation.fails))
  const unproven = attacks
    .filter(({ name, limit }) => name !== "control" && limit === undefined && !proven.has(name))
    .map(({ name }) => name)
  process.stdout.write(json ? `${JSON.stringify(data(results, unproven))}\n` : text(results, unproven))
  return results.every(isProven) && unproven.length === 0 ? 0 : 1
}

function isProven({ mutation, failed, problem }: Result): boolean {
  const names = failed.map(({ name }) => name).toSorted()
  return problem === undefined && JSON.stringify(names) === JSON.stringify(mutation.fails.toSorted())
}

async function drillWithout(mutation: Mutation): Promise<Result> {
  const folder = import.meta.dirname
  const child = spawn(process.execPath, ["--import", resolve(folder, "mutated-source.ts"), resolve(folder, "main.ts"), "--json"], {
    env: { ...process.env, NODOOR_DRILL_MUTATION: mutation.name },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: drillTimeoutMs,
  })
  let [out, errors] = ["", ""]
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()))
  const code = await new Promise<number | null>((done) => child.on("close", done))
  if ((code !== 0 && code !== 1) || out === "") return { mutation, failed: [], problem: `exit ${String(code)}: ${errors.slice(-400)}` }
  const { rows } = JSON.parse(out) as { readonly rows: readonly RowData[] }
  const failed = rows.filter((row) => !row.passed).map((row) => ({ name: row.name, became: becameOf(row) }))
  return { mutation, failed, problem: undefined }
}

interface RowData {
  readonly name: string
  readonly passed: boolean
  readonly outcome: string
  readonly codes: readonly string[]
  readonly gained: readonly string[]
  readonly failure?: string
}

function becameOf({ outcome, codes, gained, failure }: RowData): string {
  return failure ?? [outcome, ...(codes.length > 0 ? [codes.join(" ")] : []), ...gained].join(": ")
}

function text(results: readonly Result[], unproven: readonly string[]): string {
  const lines = results.flatMap((result) => {
    const { mutation, failed, problem } = result
    const missing = mutation.fails.filter((name) => !failed.some((row) => row.name === name))
    return [
      `${isProven(result) ? "ok  " : "FAIL"}  without: ${mutation.without}  (${mutation.edits.map(({ file }) => file).join(", ")})`,
      ...(problem === undefined ? [] : [`        ${problem}`]),
      ...failed.map(({ name, became }) => `        ${mutation.fails.includes(name) ? "fails" : "FAILS UNEXPECTEDLY"}: ${name} → ${became}`),
      ...missing.map((name) => `        STILL PASSES: ${name}`),
    ]
  })
  const good = results.filter(isProven).length
  const rest = unproven.length === 0 ? "" : `Rows that no missing check makes fail: ${unproven.join(", ")}\n`
  return `\n${lines.join("\n")}\n\n${good} of ${results.length} missing checks make exactly their rows fail.\n${rest}`
}

function data(results: readonly Result[], unproven: readonly string[]): unknown {
  return {
    mutations: results.map((result) => ({
      name: result.mutation.name,
      without: result.mutation.without,
      proven: isProven(result),
      expected: result.mutation.fails,
      failed: result.failed,
      ...(result.problem !== undefined && { problem: result.problem }),
    })),
    unproven,
  }
}
