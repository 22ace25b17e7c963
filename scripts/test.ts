// `npm test`: every test of the repository under node's own runner, two files at a time. Type-checking and linting are tests too
// (scripts/check.test.ts). `npm test -- mls keylog` runs only the files whose path contains one of the words. What was skipped, and
// why, is listed just before the summary, so that an absent vector or browser is never mistaken for a pass.

import { globSync } from "node:fs"
import { resolve } from "node:path"
import { Transform } from "node:stream"
import { run } from "node:test"
import { spec } from "node:test/reporters"

const root = resolve(import.meta.dirname, "..")
const words = process.argv.slice(2)
/** Every file runs in a process of its own, and most load the same modules: what one has compiled serves the others. */
process.env["NODE_COMPILE_CACHE"] ??= resolve(root, "node_modules/.cache/compile")
const minuteMs = 60_000
const fileTimeoutMs = process.env["NODOOR_LONG"] === "1" ? 20 * minuteMs : 2 * minuteMs

const files = testFiles().filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
if (files.length === 0) {
  process.stderr.write(`no test file's path contains ${words.join(" or ")}\n`)
  process.exit(2)
}

const stream = run({ files: files.map((path) => resolve(root, path)), cwd: root, concurrency: 2, timeout: fileTimeoutMs })
stream.on("test:fail", (event) => {
  if (event.todo === undefined || event.todo === false) process.exitCode = 1
})
stream.pipe(skippedBeforeSummary()).compose(new spec()).pipe(process.stdout)

/** Test files by convention: beside the code in packages, and at any depth in the whole-system folders. */
function testFiles(): string[] {
  const patterns = ["packages/*/**/*.test.ts", "scripts/**/*.test.ts", "sim/**/*.test.ts", "drill/**/*.test.ts", "bench/**/*.test.ts"]
  return globSync(patterns, { cwd: root, exclude: (path) => path.includes("node_modules") || path.endsWith("dist") }).toSorted()
}

interface RunnerEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly message?: string
    readonly file?: string
    readonly skip?: boolean | string
  }
}

/** Passes every event on, and puts one diagnostic per skipped test before the first line of the closing summary. */
function skippedBeforeSummary(): Transform {
  const skipped: string[] = []
  let listed = false
  return new Transform({
    objectMode: true,
    transform(event: RunnerEvent, _encoding, done) {
      const { type, data } = event
      if (type === "test:pass" && data.skip !== undefined && data.skip !== false) {
        skipped.push(`skipped: ${data.name} (${data.skip === true || data.skip === "" ? "no reason given" : data.skip})`)
      }
      if (!listed && type === "test:diagnostic" && data.nesting === 0 && data.message?.startsWith("tests ") === true) {
        listed = true
        for (const message of skipped) this.push({ type: "test:diagnostic", data: { nesting: 0, message, level: "warn" } })
      }
      done(null, event)
    },
  })
}
