// Files that are on the disk as a whole, or not at all.

import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs"

/** Replaces the file in one step, and is on the disk when it returns. Only its owner can read it. */
export function writeWhole(path: string, content: Uint8Array): void {
  const file = openSync(`${path}.part`, "w", 0o600)
  try {
    for (let at = 0; at < content.length;) at += writeSync(file, content, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.part`, path)
}
