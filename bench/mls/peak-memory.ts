// Run as a process of its own: peak memory of adding everybody in one commit, and of joining. Prints one line of JSON.

import { nodeProvider } from "@nodoor/mls/node"
import { ours } from "./ours.ts"
import { tsMls } from "./ts-mls.ts"

export interface PeakMemory {
  readonly addMs: number
  /** Peak resident memory in bytes, beyond what the process had before the commit. */
  readonly addBytes: number
}

const [which, sizeText] = process.argv.slice(2)
const size = Number(sizeText)
const timeMs = Date.now()
const adder =
  which === "ts-mls" ? await tsMls(nodeProvider, timeMs) : ours(which ?? "", which === "hybrid" ? 0x004f : 0x0001, nodeProvider, timeMs)

// A small one first, so that the figures are not those of a cold start.
await (
  await adder.prepareAdd(Math.min(16, size))
)()
const run = await adder.prepareAdd(size)
const beforeBytes = process.memoryUsage.rss()
const startMs = performance.now()
await run()
const addMs = performance.now() - startMs
const addBytes = Math.max(0, process.resourceUsage().maxRSS * 1024 - beforeBytes)
process.stdout.write(JSON.stringify({ addMs, addBytes } satisfies PeakMemory))
