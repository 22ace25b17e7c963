// What every command is handed.

import type { CommandContext } from "@stricli/core"
import { type Config, loadConfig } from "../config/config.ts"
import type { Environment } from "../config/sources.ts"
import type { Clock, Random } from "../core/ports.ts"
import { type OpenedDesk, openDesk, openDeskFile } from "../desk/open-desk.ts"
import { type ServerAct, serverActs } from "../operator/server-act.ts"
import { dataDirPaths, prepareDataDir } from "../sqlite/data-dir.ts"
import { openInProcessStore } from "../accounts/store/sqlite/in-process.ts"
import type { Store } from "../accounts/store/store.ts"

/** The machine as a command sees it. */
export interface Machine {
  /** Prints a result. */
  readonly say: (text: string) => void
  /** Prints a status message or an error. */
  readonly complain: (text: string) => void
  readonly sayQr: (text: string) => void
  readonly env: Environment
  readonly clock: Clock
  readonly random: Random
}

export interface ServerContext extends CommandContext, Machine {
  /** The command has done its work and found something bad. */
  readonly endBadly: () => void
}

/** Runs on the database of a server that may be running: SQLite keeps them apart. */
export async function withStore(
  { env }: Machine,
  run: (store: Store, config: Config) => Promise<void> | void,
  config: Config = loadConfig(env),
): Promise<void> {
  prepareDataDir(config.dataDir)
  const store = openInProcessStore(dataDirPaths(config.dataDir).databasePath)
  try {
    await run(store, config)
  } finally {
    await store.close()
  }
}

/** The same with the desk's log, in which what a command does is written down. */
export function withStoreAndLog(
  machine: Machine,
  run: (parts: { readonly store: Store; readonly config: Config; readonly act: ServerAct }) => Promise<void>,
): Promise<void> {
  return withStore(machine, async (store, config) => {
    const db = openDeskFile(config.dataDir)
    try {
      await run({ store, config, act: serverActs(db, machine.clock) })
    } finally {
      db.close()
    }
  })
}

/** Opens the desk of the data directory, beside a server that may be running. */
export async function withDesk({ env, clock, random }: Machine, run: (opened: OpenedDesk) => Promise<void> | void): Promise<void> {
  const { dataDir, consoleOrigin } = loadConfig(env)
  const opened = await openDesk(dataDir, { clock, random, consoleOrigin })
  try {
    await run(opened)
  } finally {
    await opened.close()
  }
}
