// Run as a process of its own: time and peak memory of adding everybody in one commit. Prints one line of JSON.

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { nodeProvider } from "@nodoor/mls/node"
import { ours } from "./ours.ts"
import { tsMls } from "./ts-mls.ts"

export interface PeakMemory {
  readonly addMs: number
  /** Peak resident memory in bytes, beyond what the process had before the commit. Left out where there is no Linux to ask. */
  readonly addBytes?: number
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
const isLinux = existsSync("/proc/self/clear_refs")
// The peak so far is that of the preparation, and Linux keeps even the parent's across exec (`ru_maxrss`): it is cleared, proc(5).
if (isLinux) writeFileSync("/proc/self/clear_refs", "5")
const beforeBytes = isLinux ? peakBytes() : 0
const startMs = performance.now()
await run()
const addMs = performance.now() - startMs
const result: PeakMemory = { addMs, ...(isLinux && { addBytes: peakBytes() - beforeBytes }) }
process.stdout.write(JSON.stringify(result))

/** Peak resident memory since it was last cleared. */
function peakBytes(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
  if (kib === undefined) throw new TypeError("/proc/self/status has no VmHWM")
  return Number(kib) * 1024
}
