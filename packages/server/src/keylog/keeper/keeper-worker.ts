// The thread that keeps the log.

import { randomBytes } from "node:crypto"
import { parentPort, workerData } from "node:worker_threads"
import { type Failure, type FromKeeper, type KeeperCall, type KeeperFiles, failureOf } from "./keeper-thread.ts"
import { openKeeper } from "./open-keeper.ts"

const say = (message: FromKeeper): void => parentPort?.postMessage(message)
const random = (sizeBytes: number): Uint8Array => new Uint8Array(randomBytes(sizeBytes))

try {
  const { keeper, close } = openKeeper(workerData as KeeperFiles, { random })
  parentPort?.on("message", (call: KeeperCall | "close") => {
    if (call === "close") {
      close()
      parentPort?.close()
      return
    }
    const { id, name, input } = call
    try {
      const operation = keeper[name].bind(keeper) as (input: unknown) => unknown
      say({ type: "answer", id, value: operation(input) })
    } catch (error) {
      const failure: Failure = failureOf(error)
      say({ type: "refusal", id, failure })
    }
  })
  say({ type: "opened" })
} catch (error) {
  say({ type: "failed", failure: failureOf(error) })
}
