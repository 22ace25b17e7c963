// `npm run test:watch -- WORD…`: runs the test files whose path contains one of the words, and each again when it or something that it imports
// is saved. Ctrl-C ends it.

import { spawn } from "node:child_process"
import { resolve } from "node:path"
import process from "node:process"
import { testFilesNamed } from "./test-files.ts"

const root = resolve(import.meta.dirname, "..")
const words = process.argv.slice(2)
const files = testFilesNamed(words)
if (files.length === 0) {
  process.stderr.write(
    words.length === 0
      ? "say which tests to watch, by a part of their path: npm run test:watch -- web/src/text\n"
      : `no test file's path contains ${words.join(" or ")}\n`,
  )
  process.exit(2)
}
const child = spawn(process.execPath, ["--test", "--watch", ...files.map((path) => resolve(root, path))], { cwd: root, stdio: "inherit" })
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
child.on("exit", (code) => process.exit(code ?? 0))
