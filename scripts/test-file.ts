// Runs test files, one or several, in a process group of their own, so that what hangs is ended at its limit with everything that it started.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type EventLine, processorTime } from "./event-lines.ts"
import { type Ended, runNode } from "./process-group.ts"

export interface FileRun {
  readonly paths: readonly string[]
  /** As node's runner reports them, without its summary. A file that fails by itself has a `test:fail` under its own name. */
  readonly events: readonly EventLine[]
  /** Why it ended otherwise than by what its tests said: it hung, crashed or did not load. */
  readonly brokeOff: string | undefined
  readonly ended: Ended
  readonly durationMs: number
  /** With what it started. Undefined if it broke off. */
  readonly processorMs: number | undefined
}

export interface Limit {
  readonly env: NodeJS.ProcessEnv
  /** Of each process. */
  readonly timeoutMs: number
}

/** Runs files in one process. If they break off, each is run by itself with all promises followed, so that it is known which test did it. */
export async function runTestFiles(paths: readonly string[], limit: Limit): Promise<readonly FileRun[]> {
  const run = await runTogether(paths, limit)
  if (run.brokeOff === undefined || (paths.length === 1 && run.ended.timedOut)) return [run]
  const runs: FileRun[] = []
  for (const path of paths) runs.push(await runTogether([path], limit, { following: true }))
  if (runs.some(({ events }) => events.some(isFailure))) return runs
  return [...runs, { ...run, events: [ownFailure(paths.join(" "), `passed one by one, but before: ${run.brokeOff}`, run.durationMs)] }]
}

export function runTestFile(path: string, limit: Limit): Promise<FileRun> {
  return runTogether([path], limit)
}

/** `following`: every promise, for which `unfollowed-promises.ts` says the price. */
async function runTogether(paths: readonly string[], limit: Limit, { following = false } = {}): Promise<FileRun> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-test-"))
  const lines = join(folder, "events")
  const beganMs = performance.now()
  const args = following ? [] : ["--import", resolve(import.meta.dirname, "unfollowed-promises.ts")]
  if (paths.length > 1) args.push(resolve(import.meta.dirname, "together.ts"), lines)
  else args.push(`--test-reporter=${resolve(import.meta.dirname, "event-lines.ts")}`, `--test-reporter-destination=${lines}`)
  // In a run of a test that itself runs tests, node would take the file for a part of that one.
  const ended = await runNode([...args, ...paths], { env: { ...limit.env, NODE_TEST_CONTEXT: undefined }, timeoutMs: limit.timeoutMs })
  const durationMs = performance.now() - beganMs
  const read = existsSync(lines) ? readFileSync(lines, "utf8").split("\n").flatMap(eventOf) : []
  const processorMs = read.find(({ type }) => type === processorTime)?.data.details?.duration_ms
  const events = read.filter(({ type }) => type !== processorTime)
  rmSync(folder, { recursive: true, force: true })
  const failed = events.some((event) => isFailure(event))
  const brokeOff = ended.timedOut
    ? `did not end within ${limit.timeoutMs / 1000} s; it was ended with everything that it started`
    : failed || ended.code === 0
      ? undefined
      : `ended with ${ended.code === undefined ? "a signal" : `code ${ended.code}`}\n${ended.errors.slice(-4_000)}`
  const all = brokeOff === undefined ? events : [...events, ownFailure(paths.join(" "), brokeOff, durationMs)]
  return { paths, events: all, brokeOff, ended, durationMs, processorMs }
}

export function isFailure({ type, data }: EventLine): boolean {
  return type === "test:fail" && (data.todo === undefined || data.todo === false)
}

/** A process that is ended leaves the last line unfinished. The summary of one file is not wanted. */
function eventOf(line: string): EventLine[] {
  if (line === "") return []
  try {
    const event = JSON.parse(line) as EventLine
    const summary =
      event.type === "test:summary" || event.type === "test:plan" || (event.type === "test:diagnostic" && isCount(event.data.message))
    return event.data.nesting === 0 && summary ? [] : event.type === "test:summary" ? [] : [event]
  } catch {
    return []
  }
}

function isCount(message: string | undefined): boolean {
  return /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) \d/.test(message ?? "")
}

function ownFailure(path: string, why: string, durationMs: number): EventLine {
  return {
    type: "test:fail",
    data: { name: path, nesting: 0, file: path, line: 1, column: 1, details: { duration_ms: durationMs, type: "test", error: why } },
  }
}
