// Where tests and the drill put their temporary files. Most write databases and wait for the disk at each commit. In memory there is
// nothing to wait for.

import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const memory = "/dev/shm"
const neededBytes = 2 * 2 ** 30

/** A new folder: in memory where Linux offers room for it and lets programs be run from it, else beside all temporary files. */
export function makeTestFolder(): { readonly path: string; remove(): void } {
  const isThereAlready = tmpdir().startsWith(`${memory}/`)
  const path = mkdtempSync(join(!isThereAlready && isUsable() ? memory : tmpdir(), "nodoor-tests-"))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

function isUsable(): boolean {
  if (!existsSync(memory) || !existsSync("/proc/mounts")) return false
  const { bavail, bsize } = statfsSync(memory)
  const [, type, options = ""] = new RegExp(`^\\S+ ${memory} (\\S+) (\\S+)`, "m").exec(readFileSync("/proc/mounts", "utf8")) ?? []
  return type === "tmpfs" && /^rw\b/.test(options) && !/\bnoexec\b/.test(options) && bavail * bsize >= neededBytes
}
