import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { pathToFileURL } from "node:url"
import type { Database } from "../core/ports.ts"
import { withGatheredWrites } from "./gathered-writes.ts"
import { type Files, type MirroredFiles, withMirror } from "./mirrored-files.ts"
import { type SqliteApi, type SqliteModule, openWasmDatabase } from "./sqlite-wasm.ts"

const key = new Uint8Array(32).fill(7)
interface MemoryFiles extends Files {
  readonly name: string
  close: () => unknown
  readonly mapNameToFile: Map<string, { size: number }>
}

let made = 0

/** The browser's SQLite on files in memory that can be taken away under it. */
async function newWorld(maxBytes: number): Promise<{
  readonly vfs: Files
  readonly database: Database
  readonly mirror: MirroredFiles
  readonly current: () => MemoryFiles
  takeAway(): void
  /** The files stay, and their handles answer as Chromium's do off the record after some idle minutes. */
  killHandles(): void
  /** What a later page finds in the files. */
  reopened(): Promise<Database>
}> {
  const folder = dirname(createRequire(import.meta.url).resolve("@journeyapps/wa-sqlite/package.json"))
  const load = async <T>(path: string): Promise<T> => (await import(pathToFileURL(join(folder, path)).href)) as T
  const { default: loadModule } = await load<{ default(options: object): Promise<SqliteModule> }>("dist/mc-wa-sqlite.mjs")
  const module = await loadModule({ wasmBinary: readFileSync(join(folder, "dist/mc-wa-sqlite.wasm")) })
  const api = (await load<{ Factory(module: unknown): SqliteApi }>("src/sqlite-api.js")).Factory(module)
  const { MemoryVFS } = await load<{ MemoryVFS: { create(name: string, module: unknown): Promise<MemoryFiles> } }>(
    "src/examples/MemoryVFS.js",
  )
  const dead = new Set<MemoryFiles>()
  const openFiles = async (): Promise<MemoryFiles> => {
    const files = await MemoryVFS.create(`memory ${made++}`, module)
    const { jFileSize, jRead, jWrite } = files
    return Object.assign(files, {
      jFileSize: ((file, out) => {
        if (!dead.has(files)) return jFileSize.call(files, file, out)
        out.setBigInt64(0, -4n, true)
        return 0
      }) satisfies Files["jFileSize"],
      jRead: ((file, into, at) => (dead.has(files) ? 0 : jRead.call(files, file, into, at))) satisfies Files["jRead"],
      jWrite: ((file, from, at) => (dead.has(files) ? 778 : jWrite.call(files, file, from, at))) satisfies Files["jWrite"],
      // The browser's file system lets go of its handles here, and closes nothing for SQLite.
      close: () => {},
    })
  }
  const vfs = await openFiles()
  let current = vfs
  let gone = false
  const mirror = withMirror(vfs, {
    maxBytes,
    isThere: async () => !gone,
    async reopen() {
      const next = await openFiles()
      if (!gone) for (const [name, file] of current.mapNameToFile) next.mapNameToFile.set(name, file)
      current = next
      gone = false
      return current
    },
  })
  withGatheredWrites(vfs)
  const database = await openWasmDatabase({ api, module, vfs, path: "store.db", key })
  return {
    vfs,
    database,
    mirror,
    current: () => current,
    takeAway() {
      gone = true
      for (const file of current.mapNameToFile.values()) file.size = 0
    },
    killHandles: () => void dead.add(current),
    async reopened() {
      const later = await MemoryVFS.create("later", module)
      for (const [name, file] of current.mapNameToFile) later.mapNameToFile.set(name, { ...file })
      return await openWasmDatabase({ api, module, vfs: later, path: "store.db", key })
    },
  }
}

const fill = async (database: Database, from: number, to: number): Promise<void> => {
  for (let id = from; id < to; id++)
    await database.commit([{ sql: "INSERT INTO t (id, text) VALUES (?, ?)", values: [id, "x".repeat(30_000)] }])
}
const count = async (database: Database): Promise<number> =>
  Number((await database.read("SELECT COUNT(*) AS n, SUM(LENGTH(text)) AS l FROM t"))[0]?.["n"])

test("files that are taken away under an open store are read from memory, written again, and go on", async () => {
  const world = await newWorld(64 << 20)
  await world.database.commit([{ sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", values: [] }])
  await fill(world.database, 0, 300)
  assert.equal(await world.mirror.keep(), "there")
  world.takeAway()
  assert.equal(await count(world.database), 300)
  const before = world.current()
  assert.equal(await world.mirror.keep(), "written_again")
  assert.notEqual(world.current(), before)
  assert.equal(await count(await world.reopened()), 300)
  await fill(world.database, 300, 400)
  assert.equal(await count(world.database), 400)
  assert.equal(await count(await world.reopened()), 400)
  world.takeAway()
  assert.equal(await world.mirror.keep(), "written_again", "and once more")
  assert.equal(await count(await world.reopened()), 400)
  await world.database.read("PRAGMA wal_checkpoint(TRUNCATE)")
  world.takeAway()
  assert.equal(await world.mirror.keep(), "written_again")
  assert.equal(world.current().mapNameToFile.get("/store.db-wal")?.size, 0, "a file that was cut short stays so")
})

test("what was written after the files went and before anybody looked is not lost either", async () => {
  const world = await newWorld(64 << 20)
  await world.database.commit([{ sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", values: [] }])
  await fill(world.database, 0, 10)
  world.takeAway()
  await fill(world.database, 10, 20)
  assert.equal(await world.mirror.keep(), "written_again")
  assert.equal(await count(await world.reopened()), 20)
})

test("a store too large for memory is not copied: its files are gone when they are gone, and that is said", async () => {
  const world = await newWorld(100_000)
  await world.database.commit([{ sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", values: [] }])
  await fill(world.database, 0, 20)
  assert.equal(await count(world.database), 20)
  world.takeAway()
  assert.equal(await world.mirror.keep(), "gone")
})

test("a file that was deleted is empty when it is made again", async () => {
  const { vfs } = await newWorld(64 << 20)
  const out = new DataView(new ArrayBuffer(8))
  const open = (): number => vfs.jOpen("file:///note", 900, 6, out)
  assert.deepEqual(
    [open(), vfs.jWrite(900, Uint8Array.of(1, 2, 3), 0), vfs.jClose(900), vfs.jDelete("file:///note", 0), open()],
    [0, 0, 0, 0, 0],
  )
  vfs.jFileSize(900, out)
  assert.equal(out.getBigInt64(0, true), 0n)
})

for (const [size, maxBytes] of [
  ["in memory", 64 << 20],
  ["too large for memory", 100_000],
] as const)
  test(`handles that died under a store ${size} are opened anew, and what could not be written meanwhile can be`, async () => {
    const world = await newWorld(maxBytes)
    await world.database.commit([{ sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", values: [] }])
    await fill(world.database, 0, 20)
    world.killHandles()
    await assert.rejects(fill(world.database, 20, 21))
    assert.equal(await world.mirror.keep(), "there")
    await fill(world.database, 20, 30)
    assert.equal(await count(world.database), 30)
    assert.equal(await world.mirror.keep(), "there")
    assert.equal(await count(await world.reopened()), 30)
  })
