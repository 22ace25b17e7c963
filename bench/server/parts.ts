// Where the server's time goes for one post: a profile of the process under the load of pairs with 16 posts under way.

import { once } from "node:events"
import { mkdirSync, readFileSync, readdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { toBase64 } from "@nodoor/bytes"
import type { Table } from "../section.ts"
import { startGenerator } from "./peers/contest.ts"
import type { Figures } from "./load/work.ts"
import { passesFor } from "./peers/nodoor.ts"
import { running, serverCore, spawnPinned } from "./peers/peer.ts"

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly startTime: number
  readonly endTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The first that fits takes the sample. */
const parts: readonly { readonly name: string; readonly functions?: RegExp; readonly urls?: RegExp }[] = [
  { name: "waiting for something to do", functions: /^\(idle\)$/ },
  { name: "garbage collection", functions: /^\(garbage collector\)$/ },
  { name: "store thread: fdatasync, waiting included", functions: /^fdatasync/ },
  { name: "hash of the body and MAC", functions: /^(hash|oneShotDigest|normalizeAlgorithm|timingSafeEqual)$/, urls: /mac-key/ },
  {
    name: "writing to sockets",
    functions: /^(writeBuffer|writev|shutdown)$/,
    urls: /stream_base_commons|streams\/writable|node:net|delivery-sockets/,
  },
  { name: "reading frames from sockets", urls: /ws\/lib|streams\/readable|node:events/ },
  { name: "to the store's thread and back", functions: /^postMessage$/, urls: /sqlite\/(record|thread|worker)|worker\/io/ },
  { name: "same bytes posted before?", urls: /log\/places/ },
  { name: "other rules, streams and batches", urls: /server\/src\/delivery/ },
  { name: "everything else" },
]

export async function measureParts(
  folder: string,
  { measureMs, pairs }: { readonly measureMs: number; readonly pairs: number },
): Promise<Table> {
  const profiles = join(folder, "profiles")
  mkdirSync(profiles, { recursive: true })
  const flags = ["--expose-gc", "--cpu-prof", "--cpu-prof-interval=500", `--cpu-prof-dir=${profiles}`]
  const script = resolve(import.meta.dirname, "process.ts")
  const child = spawnPinned(serverCore, process.execPath, [...flags, script, join(folder, "data")], { ipc: true })
  const [{ url, origin }] = (await once(child, "message")) as [{ readonly url: string; readonly origin: string }]
  const port = Number(new URL(url).port)
  const { read, post } = await passesFor(url, origin, port)
  const server = running(child, { protocol: "streams", port, read: toBase64(read), post: toBase64(post) })
  const generator = startGenerator()
  const options = { lanes: pairs, inFlight: 16, warmMs: measureMs / 4, measureMs }
  const { result } = await generator.ask<Figures>({ kind: "pairs", spoken: server.spoken, options }, server)
  const overMs = performance.now()
  generator.end()
  child.disconnect()
  await once(child, "exit")
  const window = { beforeEndMs: performance.now() - overMs, lengthMs: measureMs }
  const usOf = new Map<string, number>()
  for (const file of readdirSync(profiles)) addTo(usOf, JSON.parse(readFileSync(join(profiles, file), "utf8")) as Profile, window)
  const rows = parts
    .filter(({ name }) => name !== "waiting for something to do")
    .map(({ name }) => [name, ((usOf.get(name) ?? 0) / result.count).toFixed(2)])
  return {
    caption: `Where the time of one post goes, at ${Math.round(result.perSecond).toLocaleString("en")} posts/s under the profiler`,
    columns: ["", "µs per post"],
    rows,
  }
}

/** Adds the samples of the measured time, which ended so long before the process did. */
function addTo(
  usOf: Map<string, number>,
  profile: Profile,
  { beforeEndMs, lengthMs }: { readonly beforeEndMs: number; readonly lengthMs: number },
): void {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const end = profile.endTime - beforeEndMs * 1_000
  let atUs = profile.startTime
  for (const [nth, id] of profile.samples.entries()) {
    const tookUs = profile.timeDeltas[nth] ?? 0
    atUs += tookUs
    const frame = frames.get(id)
    if (frame === undefined || atUs < end - lengthMs * 1_000 || atUs > end) continue
    const part = parts.find(
      ({ functions, urls }) =>
        (functions === undefined && urls === undefined) || functions?.test(frame.functionName) === true || urls?.test(frame.url) === true,
    )
    if (part !== undefined) usOf.set(part.name, (usOf.get(part.name) ?? 0) + tookUs)
  }
}
