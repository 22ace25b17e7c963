// Files of blobs in memory: for simulations and tests. What was not synced is gone after `lose`.

import { concat } from "@nodoor/bytes"
import type { BlobFiles } from "./blob-files.ts"

export interface MemoryFiles extends BlobFiles {
  /** The power goes: only what was synced is still there. */
  lose(): void
}

interface File {
  bytes: Uint8Array
  syncedBytes: number
}

export function memoryFiles(): MemoryFiles {
  const files = new Map<string, File>()
  const missing = (): Error => Object.assign(new Error("no such file"), { code: "ENOENT" })
  return {
    write: async (name, keptBytes) => {
      const file = files.get(name) ?? { bytes: new Uint8Array(), syncedBytes: 0 }
      if (file.bytes.length < keptBytes) throw missing()
      file.bytes = file.bytes.slice(0, keptBytes)
      files.set(name, file)
      return {
        append: async (bytes) => {
          file.bytes = concat(file.bytes, bytes)
        },
        sync: async () => {
          file.syncedBytes = file.bytes.length
        },
        close: async () => {},
      }
    },
    read: async (name, from, to) => {
      const file = files.get(name)
      if (file === undefined) throw missing()
      return {
        async *[Symbol.asyncIterator]() {
          yield file.bytes.slice(from, to)
        },
        close: async () => {},
      }
    },
    remove: async (name) => void files.delete(name),
    list: async () => [...files].map(([name, { bytes }]) => ({ name, size: bytes.length })),
    levelTimes: async () => {},
    lose: () => {
      for (const file of files.values()) file.bytes = file.bytes.slice(0, file.syncedBytes)
    },
  }
}
