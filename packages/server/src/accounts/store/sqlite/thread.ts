// The store as the server uses it: calls of one turn of the event loop, and all that come while the disk is busy, share a commit.

import { Worker } from "node:worker_threads"
import { WireError } from "@nodoor/wire"
import type { Log, Meter } from "../../../core/ports.ts"
import { ServerError } from "../../../core/server-error.ts"
import type { Store } from "../store.ts"
import { type Call, type Outcome, outsideTransaction, settle } from "./batch.ts"
import { storeOf } from "./in-process.ts"
import type { FromWorker, ToWorker } from "./worker.ts"

/** Calls that may wait before new ones are told to come back: about a second of work. */
const queueMax = 20_000
/** Bytes that may wait with them. */
const queueBytesMax = 128 * 1024 * 1024
/** Calls in one transaction: bounds how long one commit takes. */
const batchMax = 2_000
/** Batches under way at once: one on the disk and one on its way to the thread. */
const underWayMax = 2

interface Waiting {
  readonly call: Call
  readonly sizeBytes: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Opens the file in a thread of its own. @throws ServerError as `openDatabase` */
export async function openStoreThread(path: string, ports: { readonly log: Log; readonly meter?: Meter | undefined }): Promise<Store> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { path } })
  await opened(worker)

  const queue: Waiting[] = []
  const underWay: Waiting[][] = []
  let queueBytes = 0
  let scheduled = false
  let ended: (() => void) | undefined
  let state: "open" | "closing" | "ended" = "open"

  const flush = (): void => {
    scheduled = false
    while (queue.length > 0 && underWay.length < underWayMax) {
      const batch = takeBatch(queue)
      for (const waiting of batch) queueBytes -= waiting.sizeBytes
      underWay.push(batch)
      worker.postMessage({ type: "batch", calls: batch.map((waiting) => waiting.call) } satisfies ToWorker)
    }
    if (state === "closing" && queue.length === 0 && underWay.length === 0) worker.postMessage({ type: "close" } satisfies ToWorker)
  }

  worker.on("message", (message: FromWorker) => {
    if (message.type === "closed") {
      state = "ended"
      return ended?.()
    }
    if (message.type !== "answers") return
    const batch = underWay.shift() ?? []
    ports.meter?.stored({ operations: batch.length, durationMs: message.durationMs })
    for (const [at, waiting] of batch.entries()) answer(waiting, message.outcomes[at] as Outcome, ports.log)
    flush()
  })
  const lost = (error: unknown): void => {
    if (state === "ended") return
    state = "ended"
    ports.log("error", "store_thread_lost", { kind: error instanceof Error ? error.name : "exit" })
    for (const waiting of [...underWay.flat(), ...queue]) waiting.reject(new WireError("unavailable"))
    underWay.length = queue.length = 0
    ended?.()
  }
  worker.on("error", lost)
  worker.on("exit", lost)

  const send = (call: Call): Promise<unknown> => {
    const sizeBytes = sizeOf(call)
    if (state !== "open") return Promise.reject(new WireError("unavailable"))
    if (queue.length >= queueMax || queueBytes + sizeBytes > queueBytesMax) {
      return Promise.reject(new WireError("unavailable", "the server is busy", { retryAfterMs: 1000 }))
    }
    return new Promise((resolve, reject) => {
      queue.push({ call, sizeBytes, resolve, reject })
      queueBytes += sizeBytes
      if (!scheduled) {
        scheduled = true
        setImmediate(flush)
      }
    })
  }
  const close = async (): Promise<void> => {
    if (state !== "open") return
    state = "closing"
    await new Promise<void>((resolve) => {
      ended = resolve
      flush()
    })
    await worker.terminate()
  }
  return storeOf(send, close)
}

function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject)
    worker.once("message", (message: FromWorker) => {
      worker.off("error", reject)
      if (message.type === "failed") reject(new ServerError(message.code, message.message))
      else resolve()
    })
  })
}

/** As many as fit one transaction; what must run alone runs alone. */
function takeBatch(queue: Waiting[]): Waiting[] {
  const alone = queue.findIndex((waiting) => outsideTransaction.has(waiting.call.name))
  if (alone === 0) return queue.splice(0, 1)
  return queue.splice(0, Math.min(batchMax, alone === -1 ? queue.length : alone))
}

function answer(waiting: Waiting, outcome: Outcome, log: Log): void {
  if (!outcome.ok && outcome.cause !== undefined)
    log("error", "store_failed", { operation: waiting.call.name, code: outcome.code, cause: outcome.cause })
  try {
    waiting.resolve(settle(outcome))
  } catch (error) {
    waiting.reject(error)
  }
}

/** About what a call holds in memory: its bytes, at any depth, and something for the rest. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length
  if (value === null || typeof value !== "object") return 16
  let sizeBytes = 64
  for (const field of Object.values(value)) sizeBytes += sizeOf(field)
  return sizeBytes
}
