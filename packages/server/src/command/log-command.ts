// `nodoor-server log …`: the key log by hand, while the server is stopped.

import { isOriginText } from "@nodoor/keylog"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { loadConfig } from "../config/config.ts"
import { ServerError } from "../core/server-error.ts"
import { endLog, logStatus, rekeyLog } from "../keylog/log-maintenance.ts"
import { takeDataDir } from "../sqlite/data-dir.ts"
import type { ServerContext } from "./context.ts"

type Plain = Record<never, never>

const status: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "Show the log's origin, pin, key and size" },
  parameters: {},
  func() {
    this.say(alone(this, (dataDir) => logStatus(dataDir, this)))
  },
})

const rekey: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "Make a new signing key, used from the next start on" },
  parameters: {},
  func() {
    const verifierKey = alone(this, (dataDir) => rekeyLog(dataDir, this))
    this.say(
      `This key signs from the next start on. Give it to every witness before you start, in addition to the old one:\n${verifierKey}`,
    )
  },
})

const end: Command<ServerContext> = buildCommand<Plain, [string?], ServerContext>({
  docs: {
    brief: "End the log with the next start",
    fullDescription: "Accounts and devices that come later are in no log, and clients do not accept them. There is no way back.",
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Origin of the log that follows, such as host/kt/2", parse: originText, placeholder: "successor", optional: true },
      ],
    },
  },
  func(_flags, successor) {
    alone(this, (dataDir) => endLog(dataDir, { clock: this.clock, random: this.random, successor }))
    this.say("The log ends with the next start. Clients will not accept accounts and devices that come after that.")
  },
})

export const log: RouteMap<ServerContext> = buildRouteMap({
  docs: { brief: "Look at the key log, change its signing key, or end it (server stopped)" },
  routes: { status, rekey, end },
})

/** Runs with the data directory taken: a running server has it otherwise. */
function alone<T>({ env }: ServerContext, run: (dataDir: string) => T): T {
  const { dataDir } = loadConfig(env)
  const taken = takeDataDir(dataDir)
  try {
    return run(dataDir)
  } finally {
    taken.release()
  }
}

function originText(input: string): string {
  if (!isOriginText(input)) throw new ServerError("usage", "use an origin such as host/kt/2")
  return input
}
