// Threads that evaluate the VRF while the keeper answers others. They start with the first large batch: a small server never has one.

import { availableParallelism } from "node:os"
import { type Thread, openThread } from "../../core/thread.ts"
import type { PlacedVersion } from "./vrf-cache.ts"

const threadsMax = 8
/** Inputs that a thread has at a time: some milliseconds of work. */
const partLength = 16

export class VrfThreads {
  readonly #folder: string
  readonly #count: number
  #threads: Promise<readonly Thread[]> | undefined
  /** One batch after the other. */
  #before: Promise<unknown> = Promise.resolve()

  /** `folder`: where the log's keys are. */
  constructor(folder: string, count: number = Math.min(availableParallelism(), threadsMax)) {
    this.#folder = folder
    this.#count = count
  }

  /** The places of the inputs, in their order. @throws WireError `unavailable` when a thread ended; the next call starts them again */
  evaluate(inputs: readonly Uint8Array[]): Promise<readonly PlacedVersion[]> {
    const placed = this.#before.then(() => this.#evaluate(inputs))
    this.#before = placed.catch(() => {})
    return placed
  }

  async #evaluate(inputs: readonly Uint8Array[]): Promise<readonly PlacedVersion[]> {
    this.#threads ??= this.#open()
    const placed: PlacedVersion[] = []
    let next = 0
    const work = async (thread: Thread): Promise<void> => {
      while (next < inputs.length) {
        const from = next
        next += partLength
        const part = (await thread.call("evaluate", inputs.slice(from, next))) as readonly PlacedVersion[]
        for (const [at, one] of part.entries()) placed[from + at] = one
      }
    }
    try {
      await Promise.all((await this.#threads).map(work))
    } catch (error) {
      await this.close()
      throw error
    }
    return placed
  }

  async close(): Promise<void> {
    const threads = this.#threads
    this.#threads = undefined
    for (const thread of (await threads?.catch(() => [])) ?? []) await thread.close()
  }

  async #open(): Promise<readonly Thread[]> {
    const script = new URL("./vrf-worker.ts", import.meta.url)
    const options = { data: { folder: this.#folder }, waitingMax: 1, busy: "the log is busy", onLost: () => {} }
    const opened = await Promise.allSettled(Array.from({ length: this.#count }, () => openThread(script, options)))
    const threads = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    const failed = opened.find((one) => one.status === "rejected")
    if (failed === undefined) return threads
    await Promise.all(threads.map((thread) => thread.close()))
    throw failed.reason
  }
}
