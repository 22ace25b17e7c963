// A thread that evaluates the VRF. It holds the key that places labels in the map, and no key that signs.

import { constants, setPriority } from "node:os"
import { platform } from "node:process"
import { workerData } from "node:worker_threads"
import { serveThread } from "../../core/thread.ts"
import { loadVrfKey } from "./log-keys.ts"
import { evaluate } from "./vrf-cache.ts"

serveThread(() => {
  // Linux has a priority for each thread: messages go before new accounts.
  if (platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const key = loadVrfKey((workerData as { readonly folder: string }).folder)
  return { run: (_name, input) => (input as readonly Uint8Array[]).map((one) => evaluate(key, one)), close: () => {} }
})
