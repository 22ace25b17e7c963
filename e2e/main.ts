// `npm run e2e`: real Chromium, real CLI, real server. Builds the web app if its sources are newer, then runs every test of this folder, one
// file at a time. `npm run e2e -- tabs` runs the files whose name contains the word. Without Chromium the browser tests are skipped, visibly.

import { globSync } from "node:fs"
import { resolve } from "node:path"
import process from "node:process"
import { run } from "node:test"
import { spec } from "node:test/reporters"
import { buildWebApp } from "./fixtures/web-app.ts"

const fileTimeoutMs = 300_000
const words = process.argv.slice(2)
const files = globSync("*.test.ts", { cwd: import.meta.dirname })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .toSorted()
  .map((file) => resolve(import.meta.dirname, file))

if (files.length === 0) {
  process.stderr.write(`no test of e2e/ is called ${words.join(" or ")}\n`)
  process.exitCode = 2
} else {
  buildWebApp()
  const results = run({ files, cwd: resolve(import.meta.dirname, ".."), concurrency: 1, timeout: fileTimeoutMs })
  results.on("test:fail", (event) => {
    if (event.todo === undefined || event.todo === false) process.exitCode = 1
  })
  results.compose(new spec()).pipe(process.stdout)
}
