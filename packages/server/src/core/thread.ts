// Calls into a thread of its own: by name, with plain data, answered in any order.

import { Worker, parentPort } from "node:worker_threads"
import { WireError } from "@nodoor/wire"
import { type Failure, errorOf, failureOf } from "./failure.ts"

export interface Thread {
  /** @throws what the operation throws; WireError `unavailable` when too many calls wait, or the thread is gone */
  call(name: string, input: unknown): Promise<unknown>
  /** Ends the thread after the calls that it has. */
  close(): Promise<void>
}

export interface ThreadOptions {
  /** Handed to the thread as its `workerData`. */
  readonly data: unknown
  /** Calls that may wait. Further ones are told to come back. */
  readonly waitingMax: number
  /** What those are told. */
  readonly busy: string
  /** The thread ended by itself. Calls that waited have been refused. */
  readonly onLost: () => void
}

interface Call {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

type FromThread =
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "refusal"; readonly id: number; readonly failure: Failure }

/** Starts the script, which must call `serveThread`. @throws what its opening throws */
export async function openThread(script: URL, { data, waitingMax, busy, onLost }: ThreadOptions): Promise<Thread> {
  const worker = new Worker(script, { workerData: data })
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject)
    worker.once("message", (message: FromThread) => {
      worker.off("error", reject)
      if (message.type === "failed") reject(errorOf(message.failure))
      else resolve()
    })
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>()
  let nextId = 1
  let ended = false
  worker.on("message", (message: FromThread) => {
    if (message.type !== "answer" && message.type !== "refusal") return
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.type === "answer") call?.resolve(message.value)
    else call?.reject(errorOf(message.failure))
  })
  const end = (): void => {
    if (!ended) onLost()
    ended = true
    for (const { reject } of waiting.values()) reject(new WireError("unavailable"))
    waiting.clear()
  }
  worker.on("error", end)
  worker.on("exit", end)
  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        if (ended || waiting.size >= waitingMax) return reject(new WireError("unavailable", busy, { retryAfterMs: 1000 }))
        const id = nextId++
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, name, input } satisfies Call)
      }),
    close: async () => {
      if (ended) return
      ended = true
      const exited = new Promise((resolve) => worker.once("exit", resolve))
      worker.postMessage("close")
      await exited
    },
  }
}

/** What a thread serves. */
export interface Served {
  run(name: string, input: unknown): unknown
  close(): Promise<void> | void
}

/** Serves calls in this thread, one after the other. Call it once. */
export function serveThread(open: () => Served): void {
  const say = (message: FromThread): void => parentPort?.postMessage(message)
  try {
    const served = open()
    let before: Promise<unknown> = Promise.resolve()
    const answer = async ({ id, name, input }: Call): Promise<void> => {
      try {
        say({ type: "answer", id, value: await served.run(name, input) })
      } catch (error) {
        say({ type: "refusal", id, failure: failureOf(error) })
      }
    }
    const close = async (): Promise<void> => {
      await served.close()
      parentPort?.close()
    }
    parentPort?.on("message", (call: Call | "close") => {
      before = before.then(() => (call === "close" ? close() : answer(call)))
    })
    say({ type: "opened" })
  } catch (error) {
    say({ type: "failed", failure: failureOf(error) })
  }
}
