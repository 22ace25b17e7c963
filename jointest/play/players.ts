// Threads that play worlds side by side.

import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import type { Done, Job } from "./job.ts"

/** More would need gigabytes of memory with large servers. */
const threadsMax = 8

export interface Players {
  play(job: Job): Promise<Done>
  close(): Promise<void>
}

export function startPlayers(): Players {
  const workers = Array.from(
    { length: Math.min(threadsMax, availableParallelism()) },
    () => new Worker(new URL("worker.ts", import.meta.url)),
  )
  const free = [...workers]
  const waiting: ((worker: Worker) => void)[] = []
  const release = (worker: Worker): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(worker)
    else next(worker)
  }
  const worker = (): Promise<Worker> => {
    const found = free.pop()
    return found === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(found)
  }
  return {
    play: async (job) => {
      const player = await worker()
      const { promise, resolve, reject } = Promise.withResolvers<Done>()
      player.once("error", reject)
      player.once("message", resolve)
      player.postMessage(job)
      const done = await promise
      player.off("error", reject)
      release(player)
      return done
    },
    close: async () => void (await Promise.all(workers.map((each) => each.terminate()))),
  }
}
