// Writes that follow one another become one. SQLite writes every page of its log in two calls, and each call of a browser's file system costs
// about as much as writing a megabyte. Nothing counts as written before `jSync` anyway.

import type { Files } from "./mirrored-files.ts"

/** What one file gathers at most. */
const gatheredMaxBytes = 1 << 20

const ok = 0

/**
 * Changes `vfs` to hand on runs of writes as one, at the latest when SQLite wants them on disk or looks at the file. It stands above a mirror, so that
 * only SQLite calls it: a run that cannot be written is kept, and whatever SQLite does next with the file fails, until it can be.
 */
export function withGatheredWrites<Vfs extends Files>(vfs: Vfs): Vfs {
  const runs = new Map<number, Run>()
  const { jClose, jRead, jWrite, jTruncate, jFileSize, jDelete, jSync } = vfs

  const write = (file: number): number => {
    const run = runs.get(file)
    if (!run) return ok
    const code = jWrite.call(vfs, file, run.bytes, run.at)
    if (code === ok) runs.delete(file)
    return code
  }
  const after = (file: number, next: () => number): number => {
    const code = write(file)
    return code === ok ? next() : code
  }

  return Object.assign(vfs, {
    jWrite(file, from, at) {
      const run = runs.get(file)
      if (run?.append(from.subarray(), at) === true) return ok
      return after(file, () => {
        runs.set(file, new Run(from.subarray(), at))
        return ok
      })
    },
    jRead: (file, into, at) => after(file, () => jRead.call(vfs, file, into, at)),
    jTruncate: (file, sizeBytes) => after(file, () => jTruncate.call(vfs, file, sizeBytes)),
    jFileSize: (file, out) => after(file, () => jFileSize.call(vfs, file, out)),
    jSync: (file, flags) => after(file, () => jSync.call(vfs, file, flags)),
    jClose(file) {
      const code = write(file)
      runs.delete(file)
      const closed = jClose.call(vfs, file)
      return code === ok ? closed : code
    },
    jDelete(name, syncDirectory) {
      for (const file of runs.keys()) write(file)
      return jDelete.call(vfs, name, syncDirectory)
    },
  } satisfies Omit<Files, "jOpen" | "close">)
}

/** Bytes from one place of a file on. */
class Run {
  readonly at: number
  #buffer: Uint8Array
  #sizeBytes: number

  constructor(bytes: Uint8Array, at: number) {
    this.at = at
    this.#buffer = bytes.slice()
    this.#sizeBytes = bytes.length
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#sizeBytes)
  }

  /** False when the bytes lie elsewhere, or are too many. */
  append(bytes: Uint8Array, at: number): boolean {
    const endBytes = this.#sizeBytes + bytes.length
    if (at !== this.at + this.#sizeBytes || endBytes > gatheredMaxBytes) return false
    if (endBytes > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(endBytes, Math.min(2 * this.#buffer.length, gatheredMaxBytes)))
      grown.set(this.bytes)
      this.#buffer = grown
    }
    this.#buffer.set(bytes, this.#sizeBytes)
    this.#sizeBytes = endBytes
    return true
  }
}
