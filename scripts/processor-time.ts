// How much work something was, which a busy machine changes less than how long it took.

import { existsSync, readFileSync } from "node:fs"

const stat = "/proc/self/stat"
/** Linux counts in hundredths of a second, whatever its own clock. */
const tickMs = 10

/** Milliseconds of this process and of what it started and saw end. Elsewhere than on Linux, of this process alone. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  const own = (user + system) / 1_000
  if (!existsSync(stat)) return own
  // proc(5): behind the name in brackets come the state, as the third field, and the times of ended children, as the 16th and 17th.
  const fields = readFileSync(stat, "utf8").split(") ").at(-1)?.split(" ") ?? []
  return own + (Number(fields[13]) + Number(fields[14])) * tickMs
}
