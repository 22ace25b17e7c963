// The sizes of the files in the data directory, under names that identify nobody.

import { readdirSync, statSync, statfsSync } from "node:fs"
import { join } from "node:path"
import type { OperatorOverview } from "@nodoor/wire/operator"

/** Files, each with its write-ahead log; and folders, of which only the sum is shown. */
const shown = ["accounts.db", "delivery.db", "delivery", "log/log.sqlite", "desk/desk.sqlite", "desk/documents", "desk/archives", "outbox"]

export function storageOf(dataDir: string): OperatorOverview["storage"] {
  const { bavail, bsize } = statfsSync(dataDir)
  const files = shown.flatMap((name) => {
    const bytes = sizeOf(join(dataDir, name))
    return bytes === undefined ? [] : [{ name, bytes: bytes + (sizeOf(join(dataDir, `${name}-wal`)) ?? 0) }]
  })
  return { files, freeBytes: bavail * bsize }
}

/** In bytes; undefined if there is nothing of that name. */
function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory()) return found?.size
  return readdirSync(path).reduce((sum, name) => sum + (statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
