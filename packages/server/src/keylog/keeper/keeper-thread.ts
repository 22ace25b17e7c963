// The keeper in a thread of its own: VRF proofs take milliseconds, and the database of the log waits for the disk.

import type { Log } from "../../core/ports.ts"
import { openThread } from "../../core/thread.ts"
import type { Keeper, KeeperOperations, LogBeginning } from "./log-keeper.ts"

export interface KeeperFiles {
  /** Folder of the keys. */
  readonly folder: string
  readonly databasePath: string
  readonly beginning: LogBeginning
}

/** Calls that may wait. Further ones are told to come back. */
const waitingMax = 2_000

const operationNames: readonly (keyof KeeperOperations)[] = [
  "status",
  "prepare",
  "build",
  "draft",
  "consistency",
  "publish",
  "audited",
  "enqueue",
  "search",
  "watchSet",
  "config",
  "inserted",
  "latestVersion",
  "tokenKey",
  "ended",
  "eraseEnded",
  "eraseTraces",
  "file",
  "checkpoint",
]

/** @throws ServerError as opening the database and reading the keys */
export async function openKeeperThread(files: KeeperFiles, log: Log): Promise<{ readonly keeper: Keeper; close(): Promise<void> }> {
  const thread = await openThread(new URL("./keeper-worker.ts", import.meta.url), {
    data: files,
    waitingMax,
    busy: "the log is busy",
    onLost: () => log("error", "log_thread_lost"),
  })
  return {
    keeper: Object.fromEntries(operationNames.map((name) => [name, (input: unknown) => thread.call(name, input)])) as unknown as Keeper,
    close: thread.close,
  }
}
