// The keeper in a thread of its own, as the database of the log waits for the disk; and beside it those that evaluate the VRF.

import type { Log } from "../../core/ports.ts"
import { openThread } from "../../core/thread.ts"
import type { Keeper, KeeperOperations, LogBeginning } from "./log-keeper.ts"
import { VrfThreads } from "./vrf-threads.ts"

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
  "unplaced",
  "learn",
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

/** Rows prepared at a time, between which the keeper answers others. */
const preparedRows = 8
/** From this many places on, other threads evaluate the VRF. */
const threadsFrom = 64

/** @throws ServerError as opening the database and reading the keys */
export async function openKeeperThread(files: KeeperFiles, log: Log): Promise<{ readonly keeper: Keeper; close(): Promise<void> }> {
  const thread = await openThread(new URL("./keeper-worker.ts", import.meta.url), {
    data: files,
    waitingMax,
    busy: "the log is busy",
    onLost: () => log("error", "log_thread_lost"),
  })
  const calls = operationNames.map((name) => [name, (input: unknown) => thread.call(name, input)])
  const keeper = Object.fromEntries(calls) as unknown as Keeper
  const vrf = new VrfThreads(files.folder)
  return {
    keeper: { ...keeper, prepare: (input) => prepare(keeper, vrf, input) },
    close: async () => {
      await vrf.close()
      await thread.close()
    },
  }
}

async function prepare(keeper: Keeper, vrf: VrfThreads, { rows, tokenKeys = [] }: Parameters<Keeper["prepare"]>[0]): Promise<void> {
  const inputs = await keeper.unplaced({ rows, tokenKeys })
  if (inputs.length >= threadsFrom) return keeper.learn({ inputs, placed: await vrf.evaluate(inputs) })
  if (tokenKeys.length > 0) await keeper.prepare({ rows: [], tokenKeys })
  for (let at = 0; at < rows.length; at += preparedRows) await keeper.prepare({ rows: rows.slice(at, at + preparedRows) })
}
