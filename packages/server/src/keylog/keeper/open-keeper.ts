// Opens the keeper on its files, in whatever thread this is.

import { existsSync, mkdirSync } from "node:fs"
import { serverCrypto } from "../../core/crypto.ts"
import type { Random } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { DatabaseOptions } from "../../sqlite/database.ts"
import type { KeeperFiles } from "./keeper-thread.ts"
import { type Keeper, LogKeeper } from "./log-keeper.ts"
import { hasLogKeys, loadLogKeys } from "./log-keys.ts"
import { openLogDatabase, readProgress } from "./log-rows.ts"

/**
 * Makes folder, keys and database if there are none. A log that has begun without its keys, or keys without their log, are left alone.
 * @throws ServerError as `openDatabase`, `log_keys_unreadable`
 */
export function openKeeper(
  { folder, databasePath, beginning }: KeeperFiles,
  ports: { readonly random: Random; readonly onStep?: DatabaseOptions["onStep"] },
): { readonly keeper: LogKeeper; close(): void } {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  // The database is made before the keys: without it they belong to a log that is gone, and a second one would look like a fork.
  if (databasePath !== ":memory:" && !existsSync(databasePath) && hasLogKeys(folder)) {
    throw new ServerError(
      "log_lost",
      `The keys of the log are in ${folder}, and its database ${databasePath} is not there. Restore it from the newest backup; a log cannot begin again under the same keys.`,
    )
  }
  const db = openLogDatabase(databasePath, { onStep: ports.onStep })
  try {
    const keys = loadLogKeys(folder, { random: ports.random, create: readProgress(db).size === 0 })
    return { keeper: new LogKeeper({ crypto: serverCrypto, random: ports.random, db, keys, beginning }), close: () => db.close() }
  } catch (error) {
    db.close()
    throw error
  }
}

/** A keeper in the calling thread, asked like one in another: for simulations and tests. */
export function keeperOf(keeper: LogKeeper): Keeper {
  const call =
    (name: keyof Keeper) =>
    async (input: never): Promise<unknown> =>
      (keeper[name] as (input: never) => unknown).call(keeper, input)
  const names = Object.getOwnPropertyNames(LogKeeper.prototype).filter((name) => name !== "constructor") as (keyof Keeper)[]
  return Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as Keeper
}
