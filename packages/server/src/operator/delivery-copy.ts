// A copy of the delivery service's files while it runs: its database as of one moment, and the segment files with what came after.

import { copyFileSync, mkdirSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { replay, segmentPath, segmentsIn } from "../delivery/store/sqlite/segment.ts"
import { ServerError } from "../core/server-error.ts"

export interface DeliveryFiles {
  readonly database: string
  readonly segments: string
}

/** Each time, the service has taken a segment over while it was copied: some minutes of messages are in each. */
const triesMax = 10

/**
 * Copies into a folder; answers the paths below it. A segment that is taken over into the database during the copy would be missing in both,
 * so it is all done again then. @throws ServerError `backup_refused`
 */
export function copyDelivery(from: DeliveryFiles, folder: string, snapshot: (from: string, to: string) => void): string[] {
  const database = basename(from.database)
  const directory = basename(from.segments)
  for (let tries = 0; tries < triesMax; tries++) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(join(folder, directory), { recursive: true, mode: 0o700 })
    const before = segmentsIn(from.segments)
    snapshot(from.database, join(folder, database))
    const numbers = copySegments(from.segments, join(folder, directory))
    if (numbers !== undefined && (before[0] === undefined || before[0] === numbers[0]))
      return [database, ...numbers.map((number) => join(directory, basename(segmentPath("", number))))]
  }
  throw new ServerError(
    "backup_refused",
    "The delivery service writes faster than it can be copied here. Try again, or into a folder on a faster disk.",
  )
}

/** Undefined: one of them was overwritten meanwhile. Only of the newest the end may be missing. */
function copySegments(from: string, to: string): number[] | undefined {
  const numbers = segmentsIn(from)
  try {
    for (const number of numbers) {
      copyFileSync(segmentPath(from, number), segmentPath(to, number))
      const { batches, end } = replay(segmentPath(to, number))
      const isNewest = number === numbers.at(-1)
      if (end === "damaged" || (!isNewest && (end === "torn" || batches.length === 0))) return undefined
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
  return segmentsIn(from)[0] === numbers[0] ? numbers : undefined
}
