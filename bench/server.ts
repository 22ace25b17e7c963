// The server: durable posts and their delivery, memory per idle connection, and what is left after SIGKILL.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type SignedIn, callHttp, signUp } from "@nodoor/server/fixtures"
import type { BenchOptions, Section, Table } from "./section.ts"
import { measureCrashes } from "./server/crash.ts"
import { comparePeers } from "./server/peers/comparison.ts"
import { syncsPerSecond } from "./server/disk.ts"
import { inParallel, makePairs, measureDelivery, openStream } from "./server/delivery.ts"
import { startServerProcess } from "./server/server-process.ts"

export async function run(options: BenchOptions): Promise<Section> {
  if (options.peers === true) return comparePeers(options)
  const directory = mkdtempSync(join(tmpdir(), "nodoor-bench-"))
  try {
    return {
      title: "Server",
      tables: [await delivery(directory, options), await memory(directory, options), await crashes(directory, options)],
      notes: [
        "The server is a process of its own, with all its checks and only the rate limits lifted; the load generator is another process on the same machine, so that on two cores they share them. Each post is a request without session, signed with the group's delivery key; bodies are random bytes in the place of ciphertexts, signed before the clock starts. A post counts when it was answered, after its fsync; a delivery is one record on one device's stream; both devices of a pair acknowledge every frame, so that the server also erases what it stored.",
        "Latency is from writing the request to the other device's having the record. With 16 posts under way per pair it is mostly waiting in line.",
        "*Disk alone* writes 4 KiB and calls fdatasync, one after the other: what the disk does without any server.",
        "Memory per idle connection is the resident memory of the whole process with that many open streams, less that of the same process before, both after a garbage collection, divided by their number.",
        "SIGKILL hits the server in the middle of the load; it is started again on the same data and each receiver's mailbox is read. A post counts as acknowledged when its answer had arrived. The machine itself was not cut off from power.",
      ],
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function delivery(directory: string, { tiny, progress }: BenchOptions): Promise<Table> {
  const durationMs = tiny ? 200 : 5_000
  const rows: string[][] = []
  for (const deviceCount of tiny ? [4] : [50, 200]) {
    const server = await startServerProcess(join(directory, `delivery-${deviceCount}`))
    try {
      progress(`${deviceCount} devices`)
      const pairs = await makePairs(server, deviceCount / 2)
      for (const bodyBytes of tiny ? [256] : [256, 1024]) {
        for (const inFlight of [1, 16]) {
          progress(`${deviceCount} devices, ${bodyBytes} bytes, ${inFlight} under way per pair`)
          const readyPosts = tiny ? 400 : 40_000
          const figures = await measureDelivery(server, pairs, { inFlight, bodyBytes, durationMs, readyPosts })
          const { postsPerSecond, deliveriesPerSecond, p50Ms, p99Ms, count } = figures
          const numbers = [whole(postsPerSecond), whole(deliveriesPerSecond), p50Ms.toFixed(1), p99Ms.toFixed(1), whole(count)]
          rows.push([`${deviceCount} devices`, `${bodyBytes} B`, String(inFlight), ...numbers])
        }
      }
    } finally {
      await server.stop()
    }
  }
  rows.push(["disk alone", "4 KiB", "1", whole(syncsPerSecond(directory, tiny ? 50 : 2_000)), "–", "–", "–", "–"])
  return {
    caption: "Durable posts and their delivery",
    columns: ["", "body", "under way per pair", "posts/s", "deliveries/s", "p50 ms", "p99 ms", "count"],
    rows,
  }
}

async function memory(directory: string, { tiny, progress }: BenchOptions): Promise<Table> {
  const rows: string[][] = []
  const counts = tiny ? [20] : [1_000, 5_000]
  const dataDir = join(directory, "memory")
  progress(`signing up ${counts.at(-1)} devices`)
  const devices = await signUpMany(dataDir, counts.at(-1) ?? 0)
  // Started again, so that what signing up left behind is not counted; the sessions are still good.
  const server = await startServerProcess(dataDir)
  try {
    const emptyBytes = await server.residentBytes()
    const sockets: { terminate(): void }[] = []
    for (const count of counts) {
      progress(`${count} idle connections`)
      const more = devices.slice(sockets.length, count)
      sockets.push(...(await inParallel(more.length, 32, (at) => openStream(server, more[at] as (typeof more)[0], () => {}))))
      const fullBytes = await server.residentBytes()
      rows.push([whole(count), mebibytes(emptyBytes), mebibytes(fullBytes), `${((fullBytes - emptyBytes) / count / 1024).toFixed(1)} KiB`])
    }
    for (const socket of sockets) socket.terminate()
  } finally {
    await server.stop()
  }
  return { caption: "Resident memory", columns: ["idle connections", "without", "with", "each"], rows }
}

async function signUpMany(dataDir: string, count: number): Promise<SignedIn[]> {
  const server = await startServerProcess(dataDir)
  const caller = callHttp(server.url)
  try {
    return await inParallel(count, 32, (at) => signUp(caller, server.origin, `device-${at}`))
  } finally {
    caller.close()
    await server.stop()
  }
}

async function crashes(directory: string, { tiny, progress }: BenchOptions): Promise<Table> {
  const kills = tiny ? 2 : 20
  progress(`SIGKILL ${kills} times under load`)
  const figures = await measureCrashes(join(directory, "crash"), {
    kills,
    pairCount: tiny ? 2 : 20,
    lanes: tiny ? 2 : 4,
    loadMs: tiny ? 150 : 800,
  })
  return {
    caption: "SIGKILL under load",
    columns: ["kills", "posts acknowledged", "of them lost", "stored twice or with a gap"],
    rows: [[whole(figures.kills), whole(figures.acknowledged), whole(figures.lost), whole(figures.misplaced)]],
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en")
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / 1024 ** 2).toFixed(1)} MiB`
}
