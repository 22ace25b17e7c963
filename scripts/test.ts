// `npm test`: every test of the repository but a few long ones, one process more at a time than there are cores. Type-checking and linting
// are tests too (scripts/check.test.ts). `npm test -- mls keylog` runs only the files whose path contains one of the words, and
// `npm test -- --longer` those that are left out otherwise. A file that
// hangs is ended at its limit with everything that it started. What was skipped, and why, is listed just before the summary, so that an
// absent vector or browser is never mistaken for a pass; the slowest files stand behind it.

import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { relative, resolve } from "node:path"
import { PassThrough } from "node:stream"
import { spec } from "node:test/reporters"
import type { EventLine } from "./event-lines.ts"
import { sharedProcesses } from "./shared-process.ts"
import { processorMs } from "./processor-time.ts"
import { type FileRun, isFailure, runTestFiles } from "./test-file.ts"
import { longerTests, testFiles, testFilesNamed } from "./test-files.ts"
import { makeTestFolder } from "./test-folder.ts"

const root = resolve(import.meta.dirname, "..")
const isLonger = process.argv.includes("--longer")
const words = process.argv.slice(2).filter((word) => word !== "--longer")
/** Most processes load the same modules: what one has compiled serves the others. */
process.env["NODE_COMPILE_CACHE"] ??= resolve(root, "node_modules/.cache/compile")
const long = process.env["NODOOR_LONG"] === "1"
const fileTimeoutMs = Number(process.env["NODOOR_TEST_FILE_S"] ?? (long ? 1_200 : 120)) * 1_000
const parallel = availableParallelism() + 1
const slowestShown = 5

const isLeftOut = (path: string): boolean => words.length === 0 && !long && longerTests.includes(path)

const files = isLonger ? longerTests : words.length === 0 ? testFiles().filter((path) => !isLeftOut(path)) : testFilesNamed(words)
if (files.length === 0) {
  process.stderr.write(`no test file's path contains ${words.join(" or ")}\n`)
  process.exit(2)
}
const folder = makeTestFolder()
process.env["TMPDIR"] = folder.path
process.on("exit", () => folder.remove())
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1))
await runAll()

async function runAll(): Promise<void> {
  const beganMs = performance.now()
  const events = new PassThrough({ objectMode: true })
  events.compose(new spec()).pipe(process.stdout)
  const runs: FileRun[] = []
  const waiting = [...sharedProcesses(files, { read: (path) => readFileSync(resolve(root, path), "utf8"), long: longerTests })]
  const work = async (): Promise<void> => {
    for (let paths = waiting.shift(); paths !== undefined; paths = waiting.shift()) {
      const absolute = paths.map((path) => resolve(root, path))
      for (const run of await runTestFiles(absolute, { env: process.env, timeoutMs: fileTimeoutMs * (absolute.length > 1 ? 2 : 1) })) {
        runs.push(run)
        if (run.events.some(isFailure)) process.exitCode = 1
        for (const event of run.events) events.write(asReported(event))
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  for (const message of closing(runs, performance.now() - beganMs))
    events.write({ type: "test:diagnostic", data: { nesting: 0, message, level: "info" } })
  events.end()
}

/** The reporter shows errors by their stack. */
function asReported({ type, data }: EventLine): unknown {
  const { details } = data
  if (details?.error === undefined) return { type, data }
  const error = new Error(details.error)
  error.stack = details.error
  return { type, data: { ...data, details: { ...details, error } } }
}

function closing(runs: readonly FileRun[], durationMs: number): string[] {
  const all = runs.flatMap((run) => run.events)
  const tests = all.filter(({ type, data }) => (type === "test:pass" || type === "test:fail") && data.details?.type !== "suite")
  const skipped = tests.filter(({ data }) => data.skip !== undefined && data.skip !== false)
  const failed = tests.filter(isFailure)
  const slowest = runs.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, slowestShown)
  return [
    ...skipped.map(({ data }) => `skipped: ${data.name} (${data.skip === true || data.skip === "" ? "no reason given" : data.skip})`),
    ...(!isLonger && testFiles().some(isLeftOut) ? [`left out, and run by npm test -- --longer: ${longerTests.join(" ")}`] : []),
    `tests ${tests.length} in ${files.length} files, ${runs.length} processes`,
    `pass ${tests.length - failed.length - skipped.length}`,
    `fail ${failed.length}`,
    `skipped ${skipped.length}`,
    `duration ${seconds(durationMs)}, processor time ${seconds(processorMs())} on ${availableParallelism()} cores`,
    `slowest: ${slowest.map((run) => `${nameOf(run)} ${seconds(run.durationMs)} (processor ${seconds(run.processorMs ?? 0)})`).join(", ")}`,
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function nameOf({ paths: [first = "", ...others] }: FileRun): string {
  return `${relative(root, first)}${others.length === 0 ? "" : ` and ${others.length} more`}`
}
