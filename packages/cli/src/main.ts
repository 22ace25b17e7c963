// The process: one command line, then its exit code. bin/nodoor.mjs starts it.

import { runCommandLine } from "./application.ts"
import { exitCodeOf, explain } from "./exit-code.ts"
import type { Profiles } from "./context.ts"
import { nodeTerminal } from "./terminal.ts"
import packageJson from "../package.json" with { type: "json" }

const terminal = nodeTerminal(process)
// What nobody caught would be printed by Node as it is.
process.on("uncaughtException", (error) => {
  terminal.talk(explain(error))
  process.exit(exitCodeOf(error))
})
/** What opens a profile is loaded when one is opened: help, and what looks at a log, need none. */
const load = async (): Promise<Profiles> => {
  const { folderProfiles } = await import("./profile.ts")
  return folderProfiles({ talk: terminal.talk, keyring: process.env["NODOOR_KEYRING"] !== "off" })
}
const profiles: Profiles = {
  open: async (path) => (await load()).open(path),
  register: async (path, registration) => (await load()).register(path, registration),
  sendEmailCode: async (serverUrl, email) => (await load()).sendEmailCode(serverUrl, email),
}

// Whatever a command waits for, it ends with a code of its own: without anything to do, Node would end it with 13.
const running = setInterval(() => {}, 60_000)
process.exitCode = await runCommandLine(process.argv.slice(2), { terminal, profiles, env: process.env, version: packageJson.version })
clearInterval(running)
