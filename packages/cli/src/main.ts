// The process: one command line, then its exit code. bin/nodoor.mjs starts it.

import { runCommandLine } from "./application.ts"
import type { Trace } from "@nodoor/client"
import { CliError } from "./cli-error.ts"
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
/** For whoever looks for a fault in this program (CONTRIBUTING.md). */
const traceFor = async (talk: (line: string) => void): Promise<Trace | undefined> => {
  const areas = process.env["NODOOR_TRACE"]
  if (!areas) return undefined
  const { traceOf } = await import("@nodoor/client")
  const write = (text: string): void => {
    for (const line of text.split("\n")) talk(`${new Date().toISOString().slice(11, 23)} ${line}`)
  }
  try {
    return traceOf(areas, write)
  } catch (error) {
    throw new CliError("usage", `NODOOR_TRACE: ${error instanceof Error ? error.message : ""}`, { cause: error })
  }
}
/** What opens a profile is loaded when one is opened: help, and what looks at a log, need none. */
const load = async (): Promise<Profiles> => {
  const { folderProfiles } = await import("./profile.ts")
  return folderProfiles({ talk: terminal.talk, keyring: process.env["NODOOR_KEYRING"] !== "off", trace: await traceFor(terminal.talk) })
}
const profiles: Profiles = {
  open: async (...asked) => (await load()).open(...asked),
  register: async (...asked) => (await load()).register(...asked),
  recover: async (...asked) => (await load()).recover(...asked),
  link: async (...asked) => (await load()).link(...asked),
  sendEmailCode: async (...asked) => (await load()).sendEmailCode(...asked),
}

// Whatever a command waits for, it ends with a code of its own: without anything to do, Node would end it with 13.
const running = setInterval(() => {}, 60_000)
process.exitCode = await runCommandLine(process.argv.slice(2), { terminal, profiles, env: process.env, version: packageJson.version })
clearInterval(running)
