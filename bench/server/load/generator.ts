// The load generator as a process of its own, so that it can be put on a core of its own. It is told what to do by messages.

import process from "node:process"
import { fromBase64 } from "@nodoor/bytes"
import { Mqtt } from "./mqtt.ts"
import { Streams } from "./streams.ts"
import type { System } from "./system.ts"
import { AbsentLoad, type WorkOptions, runAbsent, runGroup, runPairs } from "./work.ts"
import { Xmpp } from "./xmpp.ts"

/** Which protocol a server speaks, and what a client of it needs to know. */
export type Spoken =
  | { readonly protocol: "xmpp" | "mqtt"; readonly port: number }
  /** Passes in base64. `again`: a server that looks at nothing may be sent the same posts again. */
  | { readonly protocol: "streams"; readonly port: number; readonly read: string; readonly post: string; readonly again?: true }

export type Task =
  | { readonly kind: "pairs" | "absent"; readonly spoken: Spoken; readonly options: WorkOptions }
  | { readonly kind: "group"; readonly spoken: Spoken; readonly size: number; readonly options: WorkOptions }
  /** Posts to devices that are not there until the server is gone. */
  | { readonly kind: "fill"; readonly spoken: Spoken; readonly options: WorkOptions }
  /** They come and read, from a server that was started again. */
  | { readonly kind: "count"; readonly port: number }
  | { readonly kind: "close" }

let system: System | undefined
let load: AbsentLoad | undefined

const marks = { begin: (): void => say({ mark: "begin" }), end: (): void => say({ mark: "end" }) }

function say(message: unknown): void {
  process.send?.(message)
}

function open(spoken: Spoken, { measureMs, warmMs }: WorkOptions): System {
  system?.close()
  system = systemOf(spoken, Math.ceil(((measureMs + warmMs) * postsPerSecondMax) / 1_000))
  return system
}

/** More than any server did; posts are made ready for so many. */
const postsPerSecondMax = 600_000

function systemOf(spoken: Spoken, postsReady: number): System {
  switch (spoken.protocol) {
    case "xmpp":
      return new Xmpp(spoken.port)
    case "mqtt":
      return new Mqtt(spoken.port)
    case "streams":
      return new Streams(
        spoken.port,
        { read: fromBase64(spoken.read), post: fromBase64(spoken.post) },
        { postsReady, again: spoken.again === true },
      )
  }
}

async function perform(task: Task): Promise<unknown> {
  switch (task.kind) {
    case "pairs":
      return runPairs(open(task.spoken, task.options), task.options, marks)
    case "group":
      return runGroup(open(task.spoken, task.options), task.size, task.options, marks)
    case "absent":
      return runAbsent(open(task.spoken, task.options), task.options, marks)
    case "fill":
      load = new AbsentLoad(open(task.spoken, task.options), task.options)
      await load.begin()
      return undefined
    case "count": {
      load?.stop()
      system?.close()
      system?.moveTo(task.port)
      const acknowledged = load?.answered ?? 0
      const found = await load?.fetch({ quietMs: 2_000 })
      return { acknowledged, lost: found?.lost ?? 0, twice: found?.twice ?? 0 }
    }
    case "close":
      system?.close()
      return undefined
  }
}

process.on("message", (task: Task) => {
  perform(task).then(
    (result) => say({ result }),
    (error: unknown) => say({ failed: error instanceof Error ? error.message : "unknown" }),
  )
})
process.on("disconnect", () => process.exit(0))
