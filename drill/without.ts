// The drill, and tests, with one check taken out of the source text.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { type Ended, runNode } from "../scripts/process-group.ts"
import { isFailure, runTestFile } from "../scripts/test-file.ts"
import type { Mutation } from "./mutations/mutation.ts"

/** A row or a test that failed, with what became of it. */
export interface Failure {
  readonly name: string
  readonly became: string
}

export interface Result {
  readonly mutation: Mutation
  readonly rows: readonly Failure[]
  readonly tests: readonly Failure[]
  /** Why the run shows nothing; undefined if it does. */
  readonly problem: string | undefined
}

const drillTimeoutMs = 600_000
const testsTimeoutMs = 120_000
const root = resolve(import.meta.dirname, "..")

/** Exactly the rows it names fail, and at least one test of the files it names. */
export function isProven({ mutation, rows, tests, problem }: Result): boolean {
  const names = rows.map(({ name }) => name).toSorted()
  if (problem !== undefined || JSON.stringify(names) !== JSON.stringify((mutation.fails ?? []).toSorted())) return false
  return mutation.tests === undefined || tests.length > 0
}

export async function runWithout(mutation: Mutation): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-without-"))
  const loaded = join(folder, "loaded")
  writeFileSync(loaded, "")
  try {
    // Whatever these processes start reads the same changed text: a server, a CLI, a worker.
    const hook = `--import=${pathToFileURL(resolve(import.meta.dirname, "mutated-source.ts")).href}`
    const env = { NODOOR_DRILL_EDITS: JSON.stringify(mutation.edits), NODOOR_DRILL_LOADED: loaded, NODE_OPTIONS: hook }
    const rows = mutation.fails === undefined ? { failures: [], problem: undefined } : await drill(env)
    const tests = mutation.tests === undefined ? { failures: [], problem: undefined } : await runTests(mutation.tests, env)
    const seen = new Set(readFileSync(loaded, "utf8").split("\n"))
    const missing = mutation.edits.map(({ file }) => file).filter((file) => !seen.has(file))
    const problem = rows.problem ?? tests.problem ?? (missing.length > 0 ? `never loaded: ${missing.join(", ")}` : undefined)
    return { mutation, rows: rows.failures, tests: tests.failures, problem }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Run {
  readonly failures: readonly Failure[]
  readonly problem: string | undefined
}

interface RowData {
  readonly name: string
  readonly passed: boolean
  readonly outcome: string
  readonly codes: readonly string[]
  readonly gained: readonly string[]
  readonly failure?: string
}

async function drill(env: NodeJS.ProcessEnv): Promise<Run> {
  const ended = await runNode([resolve(import.meta.dirname, "main.ts"), "--json"], {
    env: { ...process.env, ...env },
    timeoutMs: drillTimeoutMs,
  })
  if ((ended.code !== 0 && ended.code !== 1) || ended.out === "") return { failures: [], problem: endText(ended) }
  const { rows } = JSON.parse(ended.out) as { readonly rows: readonly RowData[] }
  return { failures: rows.filter((row) => !row.passed).map((row) => ({ name: row.name, became: becameOf(row) })), problem: undefined }
}

function becameOf({ outcome, codes, gained, failure }: RowData): string {
  return failure ?? [outcome, ...(codes.length > 0 ? [codes.join(" ")] : []), ...gained].join(": ")
}

/** Runs test files, by `env` with a check taken out. A text that is no program any more makes tests fail too, but shows nothing. */
export async function runTests(files: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const failures: Failure[] = []
  for (const file of files) {
    const { events } = await runTestFile(resolve(root, file), { env: { ...process.env, ...env }, timeoutMs: testsTimeoutMs })
    for (const { data } of events.filter(isFailure)) {
      const error = data.details?.error ?? ""
      if (/SyntaxError|ReferenceError|is not defined|ERR_INVALID_TYPESCRIPT/.test(error))
        return { failures: [], problem: `the changed text is no program: ${error}` }
      failures.push({ name: data.name ?? file, became: error.split("\n")[0] ?? "" })
    }
  }
  return { failures, problem: undefined }
}

function endText({ code, errors, timedOut }: Ended): string {
  return `${timedOut ? "did not end in time" : `exit ${String(code)}`}: ${errors.slice(-400)}`
}
