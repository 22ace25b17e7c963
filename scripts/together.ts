// Runs test files in this process: `node together.ts EVENTS FILE…`. What `node --test --test-isolation=none` does, after everything that
// `--import` loads: that command makes its hooks before it.

import { createWriteStream } from "node:fs"
import { run } from "node:test"
import eventLines from "./event-lines.ts"

const [events = "", ...files] = process.argv.slice(2)
run({ files, isolation: "none" }).compose(eventLines).pipe(createWriteStream(events))
