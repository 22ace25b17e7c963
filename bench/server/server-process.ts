// Starts, measures and kills the server process.

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"

export interface Memory {
  /** Of the main thread: objects that are in use, and what they hold outside of V8's heap. */
  readonly liveBytes: number
  /** Of the whole process, with what V8 keeps from its busiest moment. */
  readonly residentBytes: number
}

export interface ServerProcess {
  readonly url: string
  readonly origin: string
  /** After a garbage collection. */
  memory(): Promise<Memory>
  /** SIGKILL: no goodbye, nothing flushed. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export async function startServerProcess(dataDir: string): Promise<ServerProcess> {
  const child = fork(resolve(import.meta.dirname, "process.ts"), [dataDir], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  })
  const [{ url, origin }] = (await once(child, "message", { signal: AbortSignal.timeout(20_000) })) as [{ url: string; origin: string }]
  return {
    url,
    origin,
    memory: async () => {
      await collect(child)
      await new Promise((done) => setTimeout(done, 500))
      const liveBytes = await collect(child)
      const pages = Number(readFileSync(`/proc/${child.pid}/statm`, "utf8").split(" ")[1])
      return { liveBytes, residentBytes: pages * 4096 }
    },
    kill: async () => {
      child.kill("SIGKILL")
      await once(child, "exit")
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      await once(child, "exit")
    },
  }
}

async function collect(child: ChildProcess): Promise<number> {
  child.send("collect")
  const [{ liveBytes }] = (await once(child, "message")) as [{ readonly liveBytes: number }]
  return liveBytes
}
