// A device's files in a folder of the disk, readable by their owner only.

import { constants } from "node:fs"
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Files, StoredFile } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"

/** The folder is made with the first file. */
export function nodeFiles(folder: string): Files {
  return {
    open: (name) =>
      stored(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        return storedFile(await open(join(folder, name), constants.O_RDWR | constants.O_CREAT, 0o600))
      }),
    delete: (name) => stored(() => rm(join(folder, name), { force: true })),
    list: () =>
      stored(async () => {
        try {
          return await readdir(folder)
        } catch (error) {
          if (codeOf(error) === "ENOENT") return []
          throw error
        }
      }),
  }
}

function storedFile(handle: FileHandle): StoredFile {
  return {
    read: (at, sizeBytes) =>
      stored(async () => {
        const bytes = new Uint8Array(sizeBytes)
        const { bytesRead } = await handle.read(bytes, 0, sizeBytes, at)
        return bytes.subarray(0, bytesRead)
      }),
    write: (at, bytes) =>
      stored(async () => {
        for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten
      }),
    sizeBytes: () => stored(async () => (await handle.stat()).size),
    flush: () => stored(() => handle.sync()),
    close: () => stored(() => handle.close()),
  }
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new StoreError(full.includes(codeOf(error)) ? "store_full" : "store_failing", { cause: error })
  }
}

const full: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"]

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : ""
}
