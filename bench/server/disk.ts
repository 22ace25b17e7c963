// What the disk does without any server.

import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"

/** Writes of 4 KiB with fdatasync, one after the other. */
export function syncsPerSecond(directory: string, count: number): number {
  const file = openSync(join(directory, "sync"), "w")
  const page = new Uint8Array(4096)
  const startMs = performance.now()
  for (let at = 0; at < count; at++) {
    writeSync(file, page)
    fdatasyncSync(file)
  }
  const perSecond = (count / (performance.now() - startMs)) * 1000
  closeSync(file)
  return perSecond
}
