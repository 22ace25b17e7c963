// Runs one test file in a process group of its own, so that one that hangs is ended at its limit with everything that it started.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { EventLine } from "./event-lines.ts"
import { type Ended, runNode } from "./process-group.ts"

export interface FileRun {
  /** As node's runner reports them, without its summary. A file that fails by itself has a `test:fail` under its own name. */
  readonly events: readonly EventLine[]
  readonly ended: Ended
  readonly durationMs: number
}

export async function runTestFile(path: string, limit: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number }): Promise<FileRun> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-test-"))
  const lines = join(folder, "events")
  const beganMs = performance.now()
  const reporter = resolve(import.meta.dirname, "event-lines.ts")
  const args = [`--test-reporter=${reporter}`, `--test-reporter-destination=${lines}`, path]
  // In a run of a test that itself runs tests, node would take the file for a part of that one.
  const ended = await runNode(args, { env: { ...limit.env, NODE_TEST_CONTEXT: undefined }, timeoutMs: limit.timeoutMs })
  const durationMs = performance.now() - beganMs
  const events = existsSync(lines) ? readFileSync(lines, "utf8").split("\n").flatMap(eventOf) : []
  rmSync(folder, { recursive: true, force: true })
  const failed = events.some((event) => isFailure(event))
  const why = ended.timedOut
    ? `did not end within ${limit.timeoutMs / 1000} s; it was ended with everything that it started`
    : failed || ended.code === 0
      ? undefined
      : `ended with ${ended.code === undefined ? "a signal" : `code ${ended.code}`}\n${ended.errors.slice(-4_000)}`
  return { events: why === undefined ? events : [...events, ownFailure(path, why, durationMs)], ended, durationMs }
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
