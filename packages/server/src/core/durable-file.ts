// What it takes for a file to be there, or to be gone, after a power cut.

import { closeSync, fsyncSync, openSync } from "node:fs"
import { open, unlink } from "node:fs/promises"

const zeros = Buffer.alloc(1 << 20)

/** A new file is only there after a power cut when its directory is on the disk. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r")
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Writes zeros over everything, to the disk, then removes the file. Runs beside everything else. */
export async function overwriteAndRemove(path: string): Promise<void> {
  const file = await open(path, "r+")
  try {
    const { size } = await file.stat()
    for (let at = 0; at < size; at += zeros.length) await file.write(zeros, 0, Math.min(zeros.length, size - at), at)
    await file.datasync()
  } finally {
    await file.close()
  }
  await unlink(path)
}
