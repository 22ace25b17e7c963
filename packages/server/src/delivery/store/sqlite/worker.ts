// The thread that owns `delivery.db` and the segment files.

import { parentPort, workerData } from "node:worker_threads"
import { failureOf } from "../../../core/failure.ts"
import { ServerError } from "../../../core/server-error.ts"
import { storeFailure } from "./operations.ts"
import { SegmentStore } from "./segment-store.ts"
import type { FromStoreThread, StoreThreadData, ToStoreThread } from "./thread-messages.ts"

const data = workerData as StoreThreadData
/** How long a full segment waits for acknowledgements under way. */
const acksWithinMs = 300
const ageCheckMs = 10_000

const say = (message: FromStoreThread, moved: ArrayBuffer[] = []): void => parentPort?.postMessage(message, moved)

function serve(store: SegmentStore): void {
  let isWaiting = false
  let isTaking = false
  let bornMs = performance.now()

  /** Takes a full segment over, a slice at a time, between the messages. */
  const takeOver = (): void => {
    try {
      if (store.spill()) return void setImmediate(takeOver)
    } catch {
      say({ type: "event", event: "delivery_spill_failed" })
      return void setTimeout(takeOver, 1_000)
    }
    isTaking = false
  }
  const look = (): void => {
    if (!store.isSpilling || isWaiting || isTaking) return
    isWaiting = true
    bornMs = performance.now()
    setTimeout(() => say({ type: "segmentFull" }), acksWithinMs)
    setTimeout(() => {
      isWaiting = false
      isTaking = true
      takeOver()
    }, 2 * acksWithinMs)
  }
  const age = setInterval(
    () => {
      if (performance.now() - bornMs < data.segmentMs || store.isSpilling) return
      bornMs = performance.now()
      try {
        store.rotate()
      } catch {
        return say({ type: "event", event: "delivery_rotate_failed" })
      }
      look()
    },
    Math.min(ageCheckMs, data.segmentMs),
  )

  const close = async (): Promise<void> => {
    clearInterval(age)
    await store.close()
    say({ type: "closed" })
    process.exit()
  }
  parentPort?.on("message", (message: ToStoreThread) => {
    switch (message.type) {
      case "write":
        write(store, message.memory, message.size)
        return look()
      case "call":
        return answer(() => store.call(message.name, message.input))
      case "close":
        void close()
    }
  })
  say({ type: "opened" })
}

function write(store: SegmentStore, memory: ArrayBuffer, size: number): void {
  const startedMs = performance.now()
  try {
    store.writeBatch(Buffer.from(memory, 0, size))
    say({ type: "written", memory, durationMs: performance.now() - startedMs }, [memory])
  } catch (error) {
    say({ ...refusal(error), memory }, [memory])
  }
}

function answer(run: () => unknown): void {
  try {
    say({ type: "value", value: run() })
  } catch (error) {
    say({ ...refusal(error), memory: undefined })
  }
}

/** `cause` is for the log: codes of SQLite and of the system, or where a bug was met; values never stand in them. */
function refusal(error: unknown) {
  const code = storeFailure(error).code === "internal" ? "internal" : "unavailable"
  const { errcode, code: systemCode } = error as { readonly errcode?: number; readonly code?: string }
  const bug = error instanceof Error ? `${error.name}: ${error.message}` : "unknown"
  const cause = errcode === undefined ? (systemCode ?? bug) : `sqlite ${errcode}`
  return { type: "refused", code, cause } as const
}

try {
  const log = (event: string): void => say({ type: "event", event })
  serve(new SegmentStore(data.path, data.segments, { ...(data.segmentBytes && { segmentBytes: data.segmentBytes }), log }))
} catch (error) {
  if (!(error instanceof ServerError)) throw error
  say({ type: "failed", failure: failureOf(error) })
}
