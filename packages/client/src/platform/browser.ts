// One device in a browser's dedicated worker: libsodium, an encrypted SQLite file on the origin-private file system, fetch and WebSocket.

// @ts-expect-error: the sources come without types beside them
import * as Sqlite from "@journeyapps/wa-sqlite/src/sqlite-api.js"
// @ts-expect-error: the VFS examples come without types
import { AccessHandlePoolVFS } from "@journeyapps/wa-sqlite/src/examples/AccessHandlePoolVFS.js"
// @ts-expect-error: the cipher builds come without types
import loadSqlite from "@journeyapps/wa-sqlite/dist/mc-wa-sqlite.mjs"
import { browserProvider } from "@nodoor/mls/browser"
import type { Database, Ports } from "../ports.ts"
import { httpNetwork } from "./http-network.ts"
import { withResultCodes } from "./failing-files.ts"
import { type SqliteApi, type SqliteModule, openWasmDatabase } from "./sqlite-wasm.ts"

export { httpNetwork } from "./http-network.ts"

/**
 * Opens or makes the encrypted store `name` of this origin, in a dedicated worker only. `key`: 32 bytes, kept by the caller. One worker of
 * the origin may have it open at a time (a Web Lock elects it); a second open fails.
 * @throws ClientError `store_unreadable` for another key
 */
export async function openDatabase({ name, key }: { readonly name: string; readonly key: Uint8Array }): Promise<Database> {
  const module = (await loadSqlite()) as SqliteModule
  const vfs = withResultCodes(
    (await AccessHandlePoolVFS.create(folderOf(name), module)) as { readonly name: string; close(): Promise<void> },
  )
  const api = Sqlite.Factory(module) as unknown as SqliteApi
  try {
    const database = await openWasmDatabase({ api, module, vfs, path: `${name}.db`, key })
    return {
      ...database,
      close: async () => {
        await database.close()
        await vfs.close()
      },
    }
  } catch (error) {
    await vfs.close()
    throw error
  }
}

/** Erases the store `name` of this origin. It must not be open. */
export async function eraseDatabase(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory()
  try {
    await root.removeEntry(folderOf(name), { recursive: true })
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error
  }
}

/** Ports for a store that is open already. Loads libsodium's WebAssembly. */
export async function browserPorts(database: Database): Promise<Ports> {
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
    network: httpNetwork,
    database,
  }
}

/** Ports with the encrypted store `name`. @throws ClientError `store_unreadable` */
export async function openBrowserPorts(store: { readonly name: string; readonly key: Uint8Array }): Promise<Ports> {
  return await browserPorts(await openDatabase(store))
}

function folderOf(name: string): string {
  return `nodoor-${name}`
}
