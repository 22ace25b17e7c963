// Files of blobs in a directory. Their times are those of a day, and reading leaves no trace in them where the system can do that.

import { mkdirSync } from "node:fs"
import { constants, type FileHandle, open, readdir, rename, stat, utimes } from "node:fs/promises"
import { join } from "node:path"
import { overwriteAndRemove, syncDirectory } from "../../core/durable-file.ts"
import type { Clock } from "../../core/ports.ts"
import type { BlobFiles, BlobReader, BlobWriter } from "./blob-files.ts"

const dayMs = 86_400_000
const readBytes = 256 * 1024
const nameForm = /^[0-9a-f]{32}$/
/** The end of the name of a file that is being overwritten. */
const goneEnd = ".gone"

/** Makes the directory, and ends removals that were interrupted. */
export async function directoryFiles(directory: string, clock: Clock): Promise<BlobFiles> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  for (const name of await readdir(directory)) if (name.endsWith(goneEnd)) await overwriteAndRemove(join(directory, name))
  const day = (): Date => new Date(Math.floor(clock.nowMs() / dayMs) * dayMs)
  const pathOf = (name: string): string => join(directory, name)
  const names = async (): Promise<string[]> => (await readdir(directory)).filter((name) => nameForm.test(name))
  return {
    write: async (name, keptBytes) => {
      const file = await openToWrite(pathOf(name), keptBytes)
      try {
        if ((await file.stat()).size < keptBytes) throw tooShort()
        await file.truncate(keptBytes)
        // The entry of a new file.
        if (keptBytes === 0) syncDirectory(directory)
      } catch (error) {
        await file.close()
        throw error
      }
      return writerOf(file, keptBytes, day)
    },
    read: async (name, from, to) => readerOf(await openToRead(pathOf(name)), from, to),
    remove: async (name) => {
      try {
        await rename(pathOf(name), pathOf(name) + goneEnd)
        await overwriteAndRemove(pathOf(name) + goneEnd)
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    },
    list: async () => {
      const found = await Promise.all((await names()).map(async (name) => ({ name, size: (await stat(pathOf(name))).size })))
      return found
    },
    levelTimes: async () => {
      for (const name of await names())
        try {
          await utimes(pathOf(name), day(), day())
        } catch (error) {
          if (!isMissing(error)) throw error
        }
    },
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT"
}

/** As the system says it of a file that cannot be read. */
function tooShort(): Error {
  return Object.assign(new Error("a file is too short"), { code: "EIO", syscall: "read" })
}

function openToWrite(path: string, keptBytes: number): Promise<FileHandle> {
  return open(path, constants.O_RDWR | (keptBytes === 0 ? constants.O_CREAT : 0), 0o600)
}

/** Without noting the time, which only the file's owner may ask for, and which not every system knows. */
async function openToRead(path: string): Promise<FileHandle> {
  const unnoted = (constants as { readonly O_NOATIME?: number }).O_NOATIME ?? 0
  try {
    return await open(path, constants.O_RDONLY | unnoted)
  } catch (error) {
    if (unnoted === 0 || (error as NodeJS.ErrnoException).code !== "EPERM") throw error
    return await open(path, constants.O_RDONLY)
  }
}

function writerOf(file: FileHandle, from: number, day: () => Date): BlobWriter {
  let at = from
  return {
    append: async (bytes) => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at)
        done += bytesWritten
        at += bytesWritten
      }
    },
    sync: () => file.datasync(),
    close: async () => {
      try {
        await file.utimes(day(), day())
      } finally {
        await file.close()
      }
    },
  }
}

function readerOf(file: FileHandle, from: number, to: number): BlobReader {
  return {
    async *[Symbol.asyncIterator]() {
      for (let at = from; at < to;) {
        const buffer = new Uint8Array(Math.min(readBytes, to - at))
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
        if (bytesRead === 0) throw tooShort()
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
    close: () => file.close(),
  }
}
