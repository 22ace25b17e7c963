// `npm run sim -- --seed N`: one world, or `--count N` of them from a seed on. `--seeds N`: N small ones of every kind, with up to three devices
// for each account. `--big`: one with as much as a busy server has. Prints what happened; a failure prints how to play it again.

import { parseArgs } from "node:util"
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads"
import { runWorld } from "./world/world.ts"
import { runProcessWorld } from "./processes/process-world.ts"
import { type WorldOptions, worldOptions } from "./world/world-options.ts"

const number = { type: "string" } as const
const { values } = parseArgs({
  options: {
    seed: number,
    count: number,
    seeds: number,
    /** How many worlds run at the same time. */
    jobs: number,
    deeds: number,
    accounts: number,
    devices: number,
    groups: number,
    messages: number,
    wreckers: number,
    losses: number,
    "put-backs": number,
    /** On real machines: a process for each device and one for the server, which are killed. */
    processes: { type: "boolean", default: false },
    big: { type: "boolean", default: false },
  },
})

/** What the world with this seed is like. */
function optionsOf(seed: number): WorldOptions {
  const small = values.seeds === undefined ? {} : { deedCount: 60, devices: 1 + (seed % 3) }
  const big = values.big ? { devices: 4, groups: 20, deedCount: 2_000, messages: 10_000, wreckers: 1, losses: 1, putBacks: 1 } : {}
  const { deeds, accounts, devices, groups, messages, wreckers, losses } = values
  const named = { deedCount: deeds, accounts, devices, groups, messages, wreckers, losses, putBacks: values["put-backs"] }
  const given = Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, Number(value)]])))
  return worldOptions(seed, { ...small, ...big, ...given })
}

/** How to play it again. */
function commandOf(options: WorldOptions): string {
  const { deedCount, putBacks, ...rest } = options
  const all = Object.entries({ ...rest, deeds: deedCount, "put-backs": putBacks }).filter(([, value]) => Number.isFinite(value))
  return `npm run sim -- ${values.processes ? "--processes " : ""}${all.map(([name, value]) => `--${name} ${value}`).join(" ")}`
}

interface Played {
  readonly held: boolean
  readonly text: string
}

async function play(seed: number): Promise<Played> {
  const options = optionsOf(seed)
  const began = performance.now()
  try {
    const report = await (values.processes ? runProcessWorld(options) : runWorld(options))
    const seconds = Math.round((performance.now() - began) / 100) / 10
    return { held: true, text: JSON.stringify({ ...report, devices: options.devices, seconds }) }
  } catch (error) {
    return failure(seed, error)
  }
}

function failure(seed: number, error: unknown): Played {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { held: false, text: `${commandOf(optionsOf(seed))}\n${text}` }
}

/** One thread plays one world after the other, and another one takes its place if it dies of one. */
class Player {
  #worker: Worker | undefined

  async play(seed: number): Promise<Played> {
    const worker = (this.#worker ??= new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), workerData: "plays" }))
    const { promise, resolve } = Promise.withResolvers<Played>()
    const died = (error: unknown): void => {
      this.#worker = undefined
      resolve(failure(seed, error))
    }
    worker.once("message", resolve).once("error", died)
    worker.postMessage(seed)
    const played = await promise
    worker.off("error", died)
    return played
  }

  async end(): Promise<void> {
    await this.#worker?.terminate()
  }
}

/** How many of the worlds failed. */
async function playAll(seeds: readonly number[], jobs: number): Promise<number> {
  let [next, failed] = [0, 0]
  const playOn = async (): Promise<void> => {
    const player = new Player()
    for (let seed = seeds[next++]; seed !== undefined; seed = seeds[next++]) {
      const { held, text } = await player.play(seed)
      process.stdout.write(`${text}\n`)
      if (!held) failed++
    }
    await player.end()
  }
  await Promise.all(Array.from({ length: jobs }, playOn))
  return failed
}

if (isMainThread) {
  const first = Number(values.seed ?? 1)
  const seeds = Array.from({ length: Number(values.seeds ?? values.count ?? 1) }, (_, at) => first + at)
  const failed = await playAll(seeds, Math.min(seeds.length, Number(values.jobs ?? 1)))
  process.stdout.write(`${seeds.length} worlds, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
} else if (workerData === "plays") {
  parentPort?.on("message", (seed: number) => void play(seed).then((played) => parentPort?.postMessage(played)))
}
