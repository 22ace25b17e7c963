// One device in a browser's dedicated worker: libsodium, an encrypted SQLite file on the origin-private file system, fetch and WebSocket.

// @ts-expect-error: the sources come without types beside them
import * as Sqlite from "@journeyapps/wa-sqlite/src/sqlite-api.js"
// @ts-expect-error: the VFS examples come without types
import { AccessHandlePoolVFS } from "@journeyapps/wa-sqlite/src/examples/AccessHandlePoolVFS.js"
// @ts-expect-error: the cipher builds come without types
import loadSqlite from "@journeyapps/wa-sqlite/dist/mc-wa-sqlite.mjs"
import { webMediaCrypto } from "@nodoor/media/web-crypto"
import { browserProvider } from "@nodoor/mls/browser"
import type { Database, Ports } from "../core/ports.ts"
import { blindSignatures } from "./blind-signatures.ts"
import { browserFiles } from "./browser-files.ts"
import { httpNetwork } from "./http-network.ts"
import { withResultCodes } from "./failing-files.ts"
import { withGatheredWrites } from "./gathered-writes.ts"
import { type Files, type FilesState, withMirror } from "./mirrored-files.ts"
import { type SqliteApi, type SqliteModule, openWasmDatabase } from "./sqlite-wasm.ts"

export { httpNetwork } from "./http-network.ts"
export type { FilesState } from "./mirrored-files.ts"
export { isOffTheRecord } from "./browser-off-the-record.ts"

/** More than this is not kept in memory beside its file. A store of 10,000 messages is about a tenth of it. */
const mirrorMaxBytes = 64 << 20

/** A store and what becomes of its files. */
export interface BrowserStore {
  readonly database: Database
  /** Looks whether the files are still there, and writes them again from memory if not; now and then, one call at a time. */
  keep(): Promise<FilesState>
}

/**
 * Opens or makes the encrypted store `name` of this origin, in a dedicated worker only. `key`: 32 bytes, kept by the caller. One worker of
 * the origin may have it open at a time (a Web Lock elects it); a second open fails.
 * @throws ClientError `store_unreadable` for another key
 */
export async function openBrowserStore({ name, key }: { readonly name: string; readonly key: Uint8Array }): Promise<BrowserStore> {
  const module = (await loadSqlite()) as SqliteModule
  const openFiles = async (): Promise<Files & { readonly name: string }> =>
    withResultCodes((await AccessHandlePoolVFS.create(folderOf(name), module)) as Files & { readonly name: string })
  const vfs = await openFiles()
  const mirror = withMirror(vfs, {
    isThere: () => hasFiles(name),
    reopen: openFiles,
    // The browser has promised to keep what it holds for this page: no second copy is needed.
    maxBytes: (await navigator.storage.persisted()) ? 0 : mirrorMaxBytes,
  })
  withGatheredWrites(vfs)
  const api = Sqlite.Factory(module) as unknown as SqliteApi
  try {
    const database = await openWasmDatabase({ api, module, vfs, path: `${name}.db`, key })
    const close = async (): Promise<void> => {
      await database.close()
      await mirror.close()
    }
    return { database: { ...database, close }, keep: () => mirror.keep() }
  } catch (error) {
    await mirror.close()
    throw error
  }
}

/** Whether the folder of the store and files in it are there. */
async function hasFiles(name: string): Promise<boolean> {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(folderOf(name))
    for await (const _ of folder.keys()) return true
    return false
  } catch {
    return false
  }
}

/** Erases the store `name` of this origin and its files. It must not be open. */
export async function eraseDatabase(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory()
  for (const folder of [folderOf(name), filesFolderOf(name)])
    try {
      await root.removeEntry(folder, { recursive: true })
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error
    }
}

/** Ports for the store `name` that is open already. Loads libsodium's WebAssembly. */
export async function browserPorts(name: string, database: Database): Promise<Ports> {
  return {
    clock: { nowMs: () => Date.now() },
    timers: {
      after: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      },
    },
    random: (sizeBytes) => crypto.getRandomValues(new Uint8Array(sizeBytes)),
    crypto: await browserProvider(),
    blindSignatures,
    network: httpNetwork,
    database,
    mediaCrypto: webMediaCrypto,
    files: browserFiles(filesFolderOf(name)),
  }
}

function folderOf(name: string): string {
  return `nodoor-${name}`
}

function filesFolderOf(name: string): string {
  return `nodoor-${name}-files`
}
