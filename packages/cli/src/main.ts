// The process: one command line, then its exit code. bin/nodoor.mjs starts it.

import { runCommandLine } from "./application.ts"
import { exitCodeOf, explain } from "./exit-code.ts"
import { folderProfiles } from "./profile.ts"
import { nodeTerminal } from "./terminal.ts"
import packageJson from "../package.json" with { type: "json" }

const terminal = nodeTerminal(process)
// What nobody caught would be printed by Node as it is.
process.on("uncaughtException", (error) => {
  terminal.talk(explain(error))
  process.exit(exitCodeOf(error))
})
const profiles = folderProfiles({ talk: terminal.talk, keyring: process.env["NODOOR_KEYRING"] !== "off" })

// Whatever a command waits for, it ends with a code of its own: without anything to do, Node would end it with 13.
const running = setInterval(() => {}, 60_000)
process.exitCode = await runCommandLine(process.argv.slice(2), { terminal, profiles, env: process.env, version: packageJson.version })
clearInterval(running)
