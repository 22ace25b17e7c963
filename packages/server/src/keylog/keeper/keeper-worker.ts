// The thread that keeps the log.

import { randomBytes } from "node:crypto"
import { workerData } from "node:worker_threads"
import { serveThread } from "../../core/thread.ts"
import type { KeeperFiles } from "./keeper-thread.ts"
import type { KeeperOperations } from "./log-keeper.ts"
import { openKeeper } from "./open-keeper.ts"

const random = (sizeBytes: number): Uint8Array => new Uint8Array(randomBytes(sizeBytes))

serveThread(() => {
  const { keeper, close } = openKeeper(workerData as KeeperFiles, { random })
  return { run: (name, input) => (keeper[name as keyof KeeperOperations].bind(keeper) as (input: unknown) => unknown)(input), close }
})
