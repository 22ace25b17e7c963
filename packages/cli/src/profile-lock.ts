// One process per profile: two would each advance the same keys and one would lose. The lock is the system's own (held through
// SQLite's exclusive lock on an empty file), so that it is gone with its process, however that ends.

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setTimeout } from "node:timers/promises"
import { CliError } from "./cli-error.ts"
import { diskTrouble } from "./disk-trouble.ts"

export interface LockOptions {
  readonly waitMs: number
  /** Called once when the lock is not free at once. */
  readonly waiting: () => void
}

const retryMs = 50
/** SQLITE_BUSY: another connection holds the lock. */
const busy = 5

/** Locks a profile's folder; the returned function unlocks. @throws CliError `profile_busy` after `waitMs`, `profile_damaged`, as `diskTrouble` */
export async function lockProfile(folder: string, options: LockOptions): Promise<() => void> {
  let said = false
  for (let waitedMs = 0; ; waitedMs += retryMs) {
    const unlock = tryLock(join(folder, "lock"))
    if (unlock !== undefined) return unlock
    if (waitedMs >= options.waitMs) {
      throw new CliError("profile_busy", "Another nodoor process uses this profile.", {
        next: "wait until it has finished, or use another --profile",
      })
    }
    if (!said) options.waiting()
    said = true
    await setTimeout(retryMs)
  }
}

function tryLock(path: string): (() => void) | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    const held = database
    return () => held.close()
  } catch (error) {
    database?.close()
    if (error instanceof Error && "errcode" in error && error.errcode === busy) return undefined
    throw diskTrouble(error) ?? new CliError("profile_damaged", "The lock file of the profile cannot be used.", { cause: error })
  }
}
