// Files in memory, for devices whose store is there too.

import type { Files, StoredFile } from "../core/ports.ts"

export function memoryFiles(): Files {
  const files = new Map<string, Uint8Array>()
  return {
    open: async (name) => {
      if (!files.has(name)) files.set(name, new Uint8Array())
      const bytes = (): Uint8Array => files.get(name) ?? new Uint8Array()
      return {
        read: async (at, sizeBytes) => bytes().slice(at, at + sizeBytes),
        write: async (at, written) => {
          const before = bytes()
          const after = new Uint8Array(Math.max(before.length, at + written.length))
          after.set(before)
          after.set(written, at)
          files.set(name, after)
        },
        sizeBytes: async () => bytes().length,
        flush: async () => undefined,
        close: async () => undefined,
      } satisfies StoredFile
    },
    delete: async (name) => void files.delete(name),
    list: async () => [...files.keys()],
  }
}
