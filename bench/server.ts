// The server: durable posts and their delivery, memory per idle device, and what is left after SIGKILL.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BenchOptions, Section, Table } from "./section.ts"
import { syncsPerSecond } from "./server/disk.ts"
import { measureIdle } from "./server/idle.ts"
import { comparePeers } from "./server/peers/comparison.ts"
import { type Lengths, countLosses, takeTurn } from "./server/peers/contest.ts"
import { nodoor } from "./server/peers/nodoor.ts"
import { measureParts } from "./server/parts.ts"
import { startServerProcess } from "./server/server-process.ts"

export async function run(options: BenchOptions): Promise<Section> {
  if (options.peers === true) return comparePeers(options)
  const directory = mkdtempSync(join(tmpdir(), "nodoor-bench-"))
  try {
    return {
      title: "Server",
      tables: [
        await delivery(directory, options),
        await partsOf(directory, options),
        await memory(directory, options),
        await crashes(directory, options),
      ],
      notes: [
        "The server is a process of its own, with all its checks; only rate limits and budgets are lifted. The load generator is another process, each on a core of its own where there are two. Bodies are 256 random bytes in the place of ciphertexts, made and signed before the clock starts. A post counts once, when the other device has it, and the next of its pair is sent when it was also answered, after its fsync; both devices of a pair read and acknowledge, so that the server also erases what it stored. A delivery in a group counts for each member but the sender.",
        "Latency is from writing the post to the other device's having it. With 16 posts under way per pair it is mostly waiting in line.",
        "The profile samples all threads every 0.5 ms (`--cpu-prof`), which costs something itself; parts are told apart by the function that was running. The store's thread works beside the others, and its `fdatasync` mostly waits.",
        "*Disk alone* writes 4 KiB and calls fdatasync, one after the other: what the disk does without any server.",
        "An idle device has a reading stream with a subscription for each of its chats, and a request for introductions that waits. Memory is that of the process with so many devices less that of the same process before, both after a garbage collection, divided by their number: *live* is what is in use in the main thread, where all connections are; *resident* also has what V8 keeps from the moment when all of them came at once, and the state of groups that is kept at hand, 256 MiB at most.",
        "SIGKILL hits the server in the middle of posts to devices that are not there; it is started again on the same data, and the devices read. A post counts as acknowledged when its answer had arrived. The machine itself was not cut off from power.",
      ],
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function delivery(directory: string, { tiny, progress }: BenchOptions): Promise<Table> {
  const rows: string[][] = []
  for (const devices of tiny ? [4] : [50, 200]) {
    const lengths: Lengths = tiny
      ? { warmMs: 100, measureMs: 200, pairs: devices / 2, groupSize: 4 }
      : { warmMs: 1_000, measureMs: 4_000, pairs: devices / 2, groupSize: 100 }
    const { many, single, group, absent } = await takeTurn(nodoor, join(directory, `delivery-${devices}`), lengths, progress)
    for (const [name, inFlight, { perSecond, p50Ms, p99Ms, processorUs, count }] of [
      [`${devices} devices in pairs`, "16", many],
      [`${devices} devices in pairs`, "1", single],
      [`a group of ${lengths.groupSize}, deliveries`, "8", group],
    ] as const)
      rows.push([name, inFlight, whole(perSecond), p50Ms.toFixed(1), p99Ms.toFixed(1), processorUs.toFixed(1), whole(count)])
    rows.push([`${devices / 2} absent devices: stored`, "16", whole(absent.storedPerSecond), "–", "–", "–", whole(absent.count)])
    rows.push([`${devices / 2} absent devices: read afterwards`, "–", whole(absent.fetchedPerSecond), "–", "–", "–", whole(absent.count)])
  }
  rows.push(["disk alone, 4 KiB", "1", whole(syncsPerSecond(directory, tiny ? 50 : 2_000)), "–", "–", "–", "–"])
  return {
    caption: "Durable posts of 256 bytes and their delivery",
    columns: ["", "under way per pair", "per second", "p50 ms", "p99 ms", "processor time of the server, µs each", "count"],
    rows,
  }
}

function partsOf(directory: string, { tiny, progress }: BenchOptions): Promise<Table> {
  progress("a profile")
  return measureParts(join(directory, "profile"), tiny ? { measureMs: 200, pairs: 2 } : { measureMs: 4_000, pairs: 50 })
}

async function memory(directory: string, { tiny, progress }: BenchOptions): Promise<Table> {
  const rows: string[][] = []
  for (const chats of tiny ? [2] : [1, 10]) {
    const dataDir = join(directory, `memory-${chats}`)
    const start = () => startServerProcess(dataDir)
    for (const { devices, empty, full } of await measureIdle(start, { counts: tiny ? [10] : [1_000, 4_000], chats, progress })) {
      const each = (of: "liveBytes" | "residentBytes"): string => `${((full[of] - empty[of]) / devices / 1_000).toFixed(1)} kB`
      rows.push([
        whole(devices),
        String(chats),
        mebibytes(empty.residentBytes),
        mebibytes(full.residentBytes),
        each("liveBytes"),
        each("residentBytes"),
      ])
    }
  }
  return {
    caption: "Memory",
    columns: ["idle devices", "chats of each", "process without", "with", "live memory each (goal ≤ 20 kB)", "resident each"],
    rows,
  }
}

async function crashes(directory: string, { tiny, progress }: BenchOptions): Promise<Table> {
  const kills = tiny ? 1 : 20
  progress(`SIGKILL ${kills} times under load`)
  const { acknowledged, lost, twice } = await countLosses(nodoor, join(directory, "crash"), {
    kills,
    ...(tiny ? { pairs: 2, loadMs: 100 } : { pairs: 20, loadMs: 600 }),
  })
  return {
    caption: "SIGKILL under load",
    columns: ["kills", "posts acknowledged", "of them lost", "read twice"],
    rows: [[whole(kills), whole(acknowledged), whole(lost), whole(twice)]],
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en")
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / 1024 ** 2).toFixed(1)} MiB`
}
