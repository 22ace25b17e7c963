// What the benchmarks compare with and nothing else needs is installed here when it is asked for, not by `npm ci`: it is 155 MB.
// By hand: `npm ci --prefix bench/peers --ignore-scripts`.

import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { promisify } from "node:util"

const folder = import.meta.dirname

export function peersAreInstalled(): boolean {
  return existsSync(resolve(folder, "node_modules/@signalapp/libsignal-client/package.json"))
}

/** Whether they are there afterwards. Without a network they may not be, and a benchmark goes on without them. */
export async function installPeers(progress: (line: string) => void): Promise<boolean> {
  if (peersAreInstalled()) return true
  progress("installing libsignal, 155 MB, to compare with: npm ci --prefix bench/peers --ignore-scripts")
  try {
    await promisify(execFile)("npm", ["ci", "--prefix", folder, "--ignore-scripts"], { timeout: 600_000 })
  } catch (error) {
    progress(`libsignal could not be installed: ${error instanceof Error ? error.message : String(error)}`)
  }
  return peersAreInstalled()
}
