// The delivery store as the server uses it: `delivery.db` and its segment files in a thread of their own.

import { Worker } from "node:worker_threads"
import { WireError } from "@nodoor/wire"
import { errorOf } from "../../../core/failure.ts"
import type { Log } from "../../../core/ports.ts"
import type { Change, DeliveryOperation, DeliveryStore } from "../delivery-store.ts"
import { blobOperationNames } from "./blobs.ts"
import { BatchWriter } from "./record.ts"
import type { FromStoreThread, StoreThreadData, ToStoreThread } from "./thread-messages.ts"

export interface DeliveryStorePaths {
  /** `delivery.db` */
  readonly database: string
  /** A directory for segment files. */
  readonly segments: string
}

export interface DeliveryThreadOptions {
  readonly segmentBytes?: number
  readonly segmentMs?: number
}

export interface DeliveryThreadPorts {
  readonly log: Log
  readonly meter?: { stored(input: { readonly operations: number; readonly durationMs: number }): void } | undefined
}

interface Asked {
  readonly operations: number
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Calls that may wait before new ones are told to come back. */
const waitingMax = 20_000
/** A batch's memory is kept for the next one up to this size. */
const spareMaxBytes = 8 * 1024 * 1024
const segmentMs = 120_000
/** All but writing. */
export const operationNames: readonly Exclude<DeliveryOperation, "write">[] = [
  "loadGroup",
  "readBodies",
  "spendToken",
  "setting",
  "sweep",
  "eraseTraces",
  "integrity",
  "depth",
  ...blobOperationNames,
]

export type DeliveryStoreThread = DeliveryStore & {
  /** Runs whenever acknowledgements that were gathered should be written: what they free need not be moved into the database. */
  whenAcksWanted(run: () => void): void
}

/** Opens the files in a thread. @throws ServerError as `openDatabase` */
export async function openDeliveryStoreThread(
  paths: DeliveryStorePaths,
  ports: DeliveryThreadPorts,
  options: DeliveryThreadOptions = {},
): Promise<DeliveryStoreThread> {
  const data: StoreThreadData = {
    path: paths.database,
    segments: paths.segments,
    segmentBytes: options.segmentBytes,
    segmentMs: options.segmentMs ?? segmentMs,
  }
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: data })
  const early: FromStoreThread[] = []
  await opened(worker, early)

  let asked: Asked[] = []
  let spare: ArrayBuffer | undefined
  let state: "open" | "closing" | "ended" = "open"
  let acksWanted = (): void => {}

  const keep = (memory: ArrayBuffer | undefined): void => {
    if (memory !== undefined && memory.byteLength <= spareMaxBytes) spare = memory
  }
  const heard = (message: FromStoreThread): void => {
    switch (message.type) {
      case "segmentFull":
        return acksWanted()
      case "event":
        return ports.log("warn", message.event)
      case "written": {
        keep(message.memory)
        const call = asked.shift()
        ports.meter?.stored({ operations: call?.operations ?? 0, durationMs: message.durationMs })
        return call?.resolve(undefined)
      }
      case "value":
        return asked.shift()?.resolve(message.value)
      case "refused":
        keep(message.memory)
        ports.log("error", "delivery_store_failed", { code: message.code, cause: message.cause })
        return asked.shift()?.reject(new WireError(message.code, message.code, { retryAfterMs: 1000 }))
      case "closed":
        state = "ended"
        return asked.shift()?.resolve(undefined)
    }
  }
  for (const message of early) heard(message)
  worker.on("message", heard)
  const lost = (error: unknown): void => {
    if (state === "ended") return
    state = "ended"
    ports.log("error", "delivery_store_lost", { kind: error instanceof Error ? error.name : "exit" })
    const calls = asked
    asked = []
    for (const call of calls) call.reject(new WireError("unavailable"))
  }
  worker.on("error", lost)
  worker.on("exit", lost)

  const ask = (message: ToStoreThread, operations: number, moved: ArrayBuffer[] = []): Promise<unknown> => {
    if (state !== "open" || asked.length >= waitingMax)
      return Promise.reject(new WireError("unavailable", "the server is busy", { retryAfterMs: 1000 }))
    return new Promise((resolve, reject) => {
      asked.push({ operations, resolve, reject })
      worker.postMessage(message, moved)
    })
  }
  const write = async ({ changes }: { readonly changes: readonly Change[] }): Promise<void> => {
    const batch = new BatchWriter(spare)
    spare = undefined
    for (const change of changes) batch.add(change)
    await ask({ type: "write", memory: batch.memory, size: batch.size }, changes.length, [batch.memory])
  }
  const call = (name: Exclude<DeliveryOperation, "write">) => (input: unknown) => ask({ type: "call", name, input }, 1)
  const calls = Object.fromEntries(operationNames.map((name) => [name, call(name)])) as unknown as Omit<DeliveryStore, "write" | "close">
  const close = async (): Promise<void> => {
    if (state !== "open") return
    const closed = ask({ type: "close" }, 0)
    state = "closing"
    const exited = new Promise((resolve) => worker.once("exit", resolve))
    await closed
    await exited
  }
  return { ...calls, write, whenAcksWanted: (run) => void (acksWanted = run), close }
}

/** `early`: what the thread said while it opened. */
function opened(worker: Worker, early: FromStoreThread[]): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject)
    const heard = (message: FromStoreThread): void => {
      if (message.type !== "opened" && message.type !== "failed") return void early.push(message)
      worker.off("error", reject)
      worker.off("message", heard)
      if (message.type === "failed") reject(errorOf(message.failure))
      else resolve()
    }
    worker.on("message", heard)
  })
}
