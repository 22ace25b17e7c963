// A copy of the delivery service's files while it runs: its database as of one moment, the segment files with what came after, and the blobs
// that the database names.

import { constants, copyFileSync, mkdirSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { toHex } from "@nodoor/bytes"
import { replay, segmentPath, segmentsIn } from "../delivery/store/sqlite/segment.ts"
import { ServerError } from "../core/server-error.ts"

export interface DeliveryFiles {
  readonly database: string
  readonly segments: string
  readonly blobs: string
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
      return [
        database,
        ...numbers.map((number) => join(directory, basename(segmentPath("", number)))),
        ...copyBlobs({ database: join(folder, database), blobs: from.blobs }, folder),
      ]
  }
  throw new ServerError(
    "backup_refused",
    "The delivery service writes faster than it can be copied here. Try again, or into a folder on a faster disk.",
  )
}

/** Those of the copied database. What was erased meanwhile is missing, as it would be on the server. */
function copyBlobs({ database, blobs }: Pick<DeliveryFiles, "database" | "blobs">, folder: string): string[] {
  const directory = basename(blobs)
  mkdirSync(join(folder, directory), { recursive: true, mode: 0o700 })
  return blobFilesOf(database).flatMap((name) => {
    try {
      copyFileSync(join(blobs, name), join(folder, directory, name), constants.COPYFILE_FICLONE)
      return [join(directory, name)]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
      throw error
    }
  })
}

function blobFilesOf(database: string): string[] {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    const rows = db.prepare("SELECT file FROM blobs UNION ALL SELECT file FROM uploads").all() as { readonly file: Uint8Array }[]
    return rows.map(({ file }) => toHex(file))
  } finally {
    db.close()
  }
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
