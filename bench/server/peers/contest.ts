// One peer's turn: its server started afresh, each piece of work in turn, and what SIGKILL takes.

import { type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { resolve } from "node:path"
import type { Task } from "../load/generator.ts"
import type { Figures, StoredFigures, WorkOptions } from "../load/work.ts"
import { type Peer, type Running, generatorCore, processorTimeUs, spawnPinned } from "./peer.ts"

export interface Lengths {
  readonly warmMs: number
  readonly measureMs: number
  readonly pairs: number
  readonly groupSize: number
}

export interface Turn {
  readonly many: Timed<Figures>
  readonly single: Timed<Figures>
  readonly group: Timed<Figures>
  readonly absent: Timed<StoredFigures>
}

/** With the server's processor time for each post, or each delivery in a group. */
export type Timed<F> = F & { readonly processorUs: number }

export interface Losses {
  readonly kills: number
  readonly acknowledged: number
  readonly lost: number
  readonly twice: number
}

export async function takeTurn(
  peer: Peer,
  folder: string,
  { warmMs, measureMs, pairs, groupSize }: Lengths,
  progress: (line: string) => void,
): Promise<Turn> {
  const server = await peer.start(folder)
  const { spoken } = server
  const generator = startGenerator()
  try {
    const options = (lanes: number, inFlight: number): WorkOptions => ({ lanes, inFlight, warmMs, measureMs })
    progress(`${peer.name}: pairs, 16 under way`)
    const many = await generator.ask<Figures>({ kind: "pairs", spoken, options: options(pairs, 16) }, server)
    progress(`${peer.name}: pairs, 1 under way`)
    const single = await generator.ask<Figures>({ kind: "pairs", spoken, options: options(pairs, 1) }, server)
    progress(`${peer.name}: a group of ${groupSize}`)
    const group = await generator.ask<Figures>({ kind: "group", spoken, size: groupSize, options: options(1, 8) }, server)
    progress(`${peer.name}: absent recipients`)
    const absent = await generator.ask<StoredFigures>({ kind: "absent", spoken, options: options(pairs, 16) }, server)
    const per = <F extends { readonly count: number }>({ result, processorUs }: Answer<F>): Timed<F> => ({
      ...result,
      processorUs: processorUs / result.count,
    })
    return { many: per(many), single: per(single), group: per(group), absent: per(absent) }
  } finally {
    generator.end()
    await server.stop()
  }
}

/** Kills the server in the middle of posts to absent devices, starts it again, and has the devices read. */
export async function countLosses(
  peer: Peer,
  folder: string,
  { kills, pairs, loadMs }: { readonly kills: number; readonly pairs: number; readonly loadMs: number },
): Promise<Losses> {
  let [acknowledged, lost, twice] = [0, 0, 0]
  for (let kill = 0; kill < kills; kill++) {
    let server = await peer.start(folder)
    const generator = startGenerator()
    try {
      const options = { lanes: pairs, inFlight: 16, warmMs: 0, measureMs: 2 * loadMs }
      await generator.ask({ kind: "fill", spoken: server.spoken, options }, server)
      await new Promise((done) => setTimeout(done, loadMs * (0.5 + (kill % 5) / 5)))
      await server.kill()
      server = await peer.start(folder)
      const { result } = await generator.ask<Omit<Losses, "kills">>({ kind: "count", port: server.spoken.port }, server)
      acknowledged += result.acknowledged
      lost += result.lost
      twice += result.twice
    } finally {
      generator.end()
      await server.stop()
    }
  }
  return { kills, acknowledged, lost, twice }
}

export interface Answer<F> {
  readonly result: F
  readonly processorUs: number
}

export interface Generator {
  ask<F>(task: Task, server: Running): Promise<Answer<F>>
  end(): void
}

type FromGenerator = { readonly mark: "begin" | "end" } | { readonly failed: string } | { readonly result: unknown }

export function startGenerator(): Generator {
  const script = resolve(import.meta.dirname, "../load/generator.ts")
  const child: ChildProcess = spawnPinned(generatorCore, process.execPath, [script], { ipc: true })
  return {
    ask: async <F>(task: Task, server: Running) => {
      child.send(task)
      const gone = once(child, "exit").then((): never => {
        throw new TypeError("the load generator ended")
      })
      gone.catch(() => {})
      let processorUs = 0
      for (;;) {
        const [message] = (await Promise.race([once(child, "message"), gone])) as [FromGenerator]
        if ("mark" in message) processorUs = processorTimeUs(server.pid) - (message.mark === "begin" ? 0 : processorUs)
        else if ("failed" in message) throw new TypeError(message.failed)
        else return { result: message.result as F, processorUs }
      }
    },
    end: () => {
      if (child.connected) child.disconnect()
    },
  }
}
