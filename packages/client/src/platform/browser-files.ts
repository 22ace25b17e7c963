// A device's files in a browser: a folder of the origin-private file system, in a dedicated worker only.

import type { Files, StoredFile } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"

/** https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle: workers only. */
interface AccessHandle {
  read(into: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number
  write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number
  getSize(): number
  flush(): void
  close(): void
}

interface Shared {
  readonly handle: Promise<AccessHandle>
  /** How often it is open. The browser lets a file be open once. */
  users: number
}

export function browserFiles(folder: string): Files {
  const open = new Map<string, Shared>()
  const directory = async (): Promise<FileSystemDirectoryHandle> =>
    await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true })
  return {
    open: (name) =>
      stored(async () => {
        const shared = open.get(name) ?? { handle: accessTo(directory, name), users: 0 }
        open.set(name, shared)
        shared.users++
        const leave = async (): Promise<void> => {
          if (--shared.users > 0) return
          open.delete(name)
          ;(await shared.handle).close()
        }
        try {
          return storedFile(await shared.handle, leave)
        } catch (error) {
          if (--shared.users === 0) open.delete(name)
          throw error
        }
      }),
    delete: (name) =>
      stored(async () => {
        try {
          await (await directory()).removeEntry(name)
        } catch (error) {
          if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error
        }
      }),
    list: () => stored(async () => await Array.fromAsync((await directory()).keys())),
  }
}

async function accessTo(directory: () => Promise<FileSystemDirectoryHandle>, name: string): Promise<AccessHandle> {
  const file = (await (await directory()).getFileHandle(name, { create: true })) as FileSystemFileHandle & {
    createSyncAccessHandle(): Promise<AccessHandle>
  }
  return await file.createSyncAccessHandle()
}

function storedFile(handle: AccessHandle, leave: () => Promise<void>): StoredFile {
  let isOpen = true
  return {
    read: (at, sizeBytes) =>
      stored(async () => {
        const bytes = new Uint8Array(sizeBytes)
        return bytes.subarray(0, handle.read(bytes, { at }))
      }),
    write: (at, bytes) =>
      stored(async () => {
        for (let done = 0; done < bytes.length;) {
          const written = handle.write(bytes.subarray(done) as Uint8Array<ArrayBuffer>, { at: at + done })
          if (written === 0) throw new StoreError("store_full")
          done += written
        }
      }),
    sizeBytes: () => stored(async () => handle.getSize()),
    flush: () => stored(async () => handle.flush()),
    close: () =>
      stored(async () => {
        if (!isOpen) return
        isOpen = false
        await leave()
      }),
  }
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StoreError) throw error
    const isFull = error instanceof DOMException && error.name === "QuotaExceededError"
    throw new StoreError(isFull ? "store_full" : "store_failing", { cause: error })
  }
}
