// The process `nodoor-server`: one command line, then its exit code. bin/nodoor-server.mjs starts it.

import { randomBytes } from "node:crypto"
import process from "node:process"
import { runServerCommand } from "./command/application.ts"
import { outliveReaders } from "./command/closed-output.ts"
import { exitCodeOf, explain } from "./command/exit-code.ts"
import { complain, say, sayQr } from "./command/terminal.ts"

outliveReaders()
// Node would print an uncaught error as it is.
process.on("uncaughtException", (error) => {
  complain(explain(error))
  process.exit(exitCodeOf(error))
})
const { exitCode, failure } = await runServerCommand(process.argv.slice(2), {
  say,
  complain,
  sayQr,
  env: process.env,
  clock: { nowMs: () => Date.now() },
  random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
})
// A server that did not start completely does not go on.
if (failure !== undefined) process.exit(exitCode)
// A result that could not be written has set a code already.
if (exitCode !== 0) process.exitCode = exitCode
