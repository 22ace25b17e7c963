import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { suite, test } from "node:test"
import { pathToFileURL } from "node:url"
import { ClientError } from "../core/client-error.ts"
import type { Database, Row, Statement } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import { migrate, storeVersion } from "../store/schema.ts"
import { withResultCodes } from "./failing-files.ts"
import { openDatabase, openMemoryDatabase } from "./sqlite-node.ts"
import { type SqliteApi, type SqliteModule, openWasmDatabase } from "./sqlite-wasm.ts"

const key = new Uint8Array(32).fill(7)

interface MemoryFiles {
  readonly name: string
  jWrite(...values: readonly unknown[]): number
  readonly mapNameToFile: ReadonlyMap<string, { readonly data: ArrayBuffer; readonly size: number }>
}

/** The browser's SQLite with its cipher, on a file system in memory: what differs in a browser is only where the bytes go. */
async function wasmFiles(): Promise<{
  open(key: Uint8Array): Promise<Database>
  bytes(): readonly Uint8Array[]
  failWrites(error: Error | "short" | undefined): void
}> {
  const folder = dirname(createRequire(import.meta.url).resolve("@journeyapps/wa-sqlite/package.json"))
  const load = async <T>(path: string): Promise<T> => (await import(pathToFileURL(join(folder, path)).href)) as T
  const wasmBinary = readFileSync(join(folder, "dist/mc-wa-sqlite.wasm"))
  const { default: loadModule } = await load<{ default(options: object): Promise<SqliteModule> }>("dist/mc-wa-sqlite.mjs")
  const module = await loadModule({ wasmBinary })
  const api = (await load<{ Factory(module: unknown): SqliteApi }>("src/sqlite-api.js")).Factory(module)
  const { MemoryVFS: memory } = await load<{ MemoryVFS: { create(name: string, module: unknown): Promise<MemoryFiles> } }>(
    "src/examples/MemoryVFS.js",
  )
  const vfs = await memory.create("memory", module)
  const write = vfs.jWrite.bind(vfs)
  let failure: Error | "short" | undefined
  vfs.jWrite = (...values) => {
    if (failure === "short") return 10
    if (failure) throw failure
    return write(...values)
  }
  withResultCodes(vfs)
  return {
    failWrites: (error) => void (failure = error),
    open: (secret) => openWasmDatabase({ api, module, vfs, path: "store.db", key: secret }),
    bytes: () => [...vfs.mapNameToFile.values()].map((file) => new Uint8Array(file.data, 0, file.size)),
  }
}

async function nodeFiles(): Promise<{ open(key: Uint8Array): Promise<Database>; bytes(): readonly Uint8Array[] }> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-store-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, "store.db")
  return {
    open: async (secret) => {
      const database = await openDatabase({ path, key: secret })
      assert.equal(statSync(path).mode & 0o777, 0o600)
      return database
    },
    bytes: () => readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name)))),
  }
}

for (const [name, files] of [
  ["better-sqlite3", nodeFiles],
  ["wa-sqlite", wasmFiles],
] as const) {
  suite(`The store on ${name}`, () => {
    test("Every kind of value comes back as it was, the empty ones and the largest included", async () => {
      const database = await (await files()).open(key)
      await database.commit([{ sql: "CREATE TABLE value (i INTEGER, t TEXT, b BLOB, n BLOB)", values: [] }])
      const numbers = [0, -1, 2 ** 31, 2 ** 52 + 3, Number.MAX_SAFE_INTEGER]
      await database.commit(
        numbers.map((i) => ({ sql: "INSERT INTO value VALUES (?, ?, ?, ?)", values: [i, "ä 🙂", new Uint8Array([0, 255, 1]), null] })),
      )
      await database.commit([{ sql: "INSERT INTO value VALUES (?, ?, ?, ?)", values: [7, "", new Uint8Array(), null] }])
      const rows = await database.read("SELECT * FROM value ORDER BY rowid")
      assert.deepEqual(
        rows.map((row) => row["i"]),
        [...numbers, 7],
      )
      const [first, last] = [rows[0] ?? {}, rows.at(-1) ?? {}]
      assert.equal(first["t"], "ä 🙂")
      assert.deepEqual([...(first["b"] as Uint8Array)], [0, 255, 1])
      assert.equal(first["n"], null)
      assert.equal((last["b"] as Uint8Array).length, 0)
      await database.close()
    })

    test("A transaction that fails anywhere has written nothing, and reads meanwhile see all or nothing of one", async () => {
      const database = await (await files()).open(key)
      await database.commit([{ sql: "CREATE TABLE pair (a INTEGER PRIMARY KEY, b INTEGER NOT NULL)", values: [] }])
      await assert.rejects(
        database.commit([
          { sql: "INSERT INTO pair VALUES (?, ?)", values: [1, 1] },
          { sql: "INSERT INTO pair VALUES (?, ?)", values: [2, null] },
        ]),
      )
      assert.deepEqual(await database.read("SELECT * FROM pair"), [])
      const writes = Array.from({ length: 20 }, (_, i) =>
        database.commit([
          { sql: "INSERT INTO pair VALUES (?, ?)", values: [2 * i, i] },
          { sql: "INSERT INTO pair VALUES (?, ?)", values: [2 * i + 1, i] },
        ]),
      )
      const reads = Array.from({ length: 20 }, async () => Number((await database.read("SELECT COUNT(*) AS n FROM pair"))[0]?.["n"]))
      for (const count of await Promise.all(reads)) assert.equal(count % 2, 0)
      await Promise.all(writes)
      assert.equal((await database.read("SELECT COUNT(*) AS n FROM pair"))[0]?.["n"], 40)
      await database.close()
    })

    test("A transaction reads what it is about to write, nobody else does, and whoever reads in between keeps nothing back", async () => {
      const database = await (await files()).open(key)
      await database.commit([{ sql: "CREATE TABLE note (i INTEGER PRIMARY KEY, t TEXT)", values: [] }])
      const all = "SELECT i FROM note ORDER BY i"
      const ids = (rows: readonly Row[]): readonly unknown[] => rows.map((row) => row["i"])
      const insert = (i: number): Statement => ({ sql: "INSERT INTO note VALUES (?, 'x')", values: [i] })
      const mine = [insert(1)]
      assert.deepEqual(ids(await database.readAfter(mine, all)), [1])
      mine.push(insert(2))
      assert.deepEqual(ids(await database.readAfter(mine, all)), [1, 2])
      const [outside, inside, later] = await Promise.all([
        database.read(all),
        database.readAfter(mine, "SELECT i FROM note WHERE i > ?", [1]),
        database.read(all),
      ])
      assert.deepEqual([outside, inside, later].map(ids), [[], [2], []])
      // Another transaction in between, on the same rows.
      await database.commit([{ sql: "INSERT INTO note VALUES (0, 'other')", values: [] }])
      assert.deepEqual(ids(await database.readAfter(mine, all)), [0, 1, 2])
      mine.push(insert(3))
      await database.commit(mine)
      assert.deepEqual(ids(await database.read(all)), [0, 1, 2, 3])
      // One that is given up, and one that a crash of its owner left behind.
      await database.readAfter([insert(4)], all)
      await database.rollback()
      await database.rollback()
      assert.deepEqual(ids(await database.read(all)), [0, 1, 2, 3])
      await database.readAfter([insert(5)], all)
      await database.commit([insert(6)])
      assert.deepEqual(ids(await database.read(all)), [0, 1, 2, 3, 6])
      await database.readAfter([insert(7)], all)
      await database.close()
    })

    test("A transaction that fails at any of its steps has written nothing, and the next one finds the store as it was", async () => {
      const database = await (await files()).open(key)
      await database.commit([{ sql: "CREATE TABLE pair (a INTEGER PRIMARY KEY, b INTEGER NOT NULL)", values: [] }])
      const good = (a: number): Statement => ({ sql: "INSERT INTO pair VALUES (?, 1)", values: [a] })
      const bad: Statement = { sql: "INSERT INTO pair VALUES (9, ?)", values: [null] }
      const count = async (): Promise<unknown> => (await database.read("SELECT COUNT(*) AS n FROM pair"))[0]?.["n"]
      const look = "SELECT 1 AS one FROM pair"
      const steps: readonly ((mine: Statement[]) => Promise<unknown>)[] = [
        (mine) => database.readAfter(mine, "SELECT nothing FROM nowhere"),
        (mine) => database.readAfter([...mine, bad], look),
        async (mine) => {
          await database.readAfter(mine, look)
          mine.push(bad)
          await database.readAfter(mine, look)
        },
        async (mine) => {
          await database.readAfter(mine, look)
          mine.push(good(2), bad)
          await database.commit(mine)
        },
        (mine) => database.commit([...mine, bad]),
      ]
      for (const [at, step] of steps.entries()) {
        const mine = [good(1)]
        await assert.rejects(step(mine), `step ${at}`)
        assert.equal(await count(), 0, `step ${at}`)
        await database.commit([good(3), { sql: "DELETE FROM pair", values: [] }])
      }
      await database.close()
    })

    test("What was committed is there after opening again, encrypted at rest, and another key opens nothing", async () => {
      const place = await files()
      const database = await place.open(key)
      await migrate(database)
      await database.commit([{ sql: "INSERT INTO message_search (rowid, text) VALUES (1, ?)", values: ["unmistakable words"] }])
      assert.equal((await database.read("SELECT rowid FROM message_search WHERE message_search MATCH ?", ['"takable wo"'])).length, 1)
      await database.close()
      for (const bytes of place.bytes()) {
        const text = Buffer.from(bytes).toString("latin1")
        assert.ok(!text.includes("unmistakable") && !text.includes("SQLite format 3"))
      }
      await assert.rejects(
        place.open(new Uint8Array(32).fill(8)),
        (error) => error instanceof ClientError && error.code === "store_unreadable",
      )
      const again = await place.open(key)
      await migrate(again)
      assert.equal((await again.read("SELECT text FROM message_search"))[0]?.["text"], "unmistakable words")
      await again.close()
    })

    test("A store without room rejects with store_full, has written nothing, and takes the same in once there is room", async () => {
      const database = await (await files()).open(key)
      await database.commit([{ sql: "CREATE TABLE kept (i INTEGER, b BLOB)", values: [] }])
      const pages = Number(Object.values((await database.read("PRAGMA page_count"))[0] ?? {})[0])
      await database.read(`PRAGMA max_page_count = ${pages + 2}`)
      const long = [1, 2].map((i) => ({ sql: "INSERT INTO kept VALUES (?, zeroblob(20000))", values: [i] }))
      await assert.rejects(database.commit(long), (error) => error instanceof StoreError && error.code === "store_full" && error.passes)
      const isFull = (error: unknown): boolean => error instanceof StoreError && error.code === "store_full"
      await assert.rejects(database.readAfter(long, "SELECT i FROM kept"), isFull)
      assert.deepEqual(await database.read("SELECT i FROM kept"), [])
      const grown = long.slice(0, 0)
      assert.deepEqual(await database.readAfter(grown, "SELECT i FROM kept"), [])
      grown.push(...long)
      await assert.rejects(database.commit(grown), isFull)
      assert.deepEqual(await database.read("SELECT i FROM kept"), [])
      await database.commit([{ sql: "INSERT INTO kept VALUES (0, NULL)", values: [] }])
      await database.read("PRAGMA max_page_count = 1000000")
      await database.commit(long)
      assert.deepEqual(
        (await database.read("SELECT i FROM kept ORDER BY i")).map((row) => row["i"]),
        [0, 1, 2],
      )
      await database.close()
    })

    test("A store of a newer version is refused with store_newer and left as it is", async () => {
      const database = await (await files()).open(key)
      await migrate(database)
      assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], storeVersion)
      await database.commit([{ sql: `PRAGMA user_version = ${storeVersion + 1}`, values: [] }])
      await assert.rejects(migrate(database), (error) => error instanceof ClientError && error.code === "store_newer")
      assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], storeVersion + 1)
      await database.close()
    })
  })
}

test("A browser's quota is a full disk, and another failure of its files one that passes: the engine goes on with both", async () => {
  const files = await wasmFiles()
  const database = await files.open(key)
  await database.commit([{ sql: "CREATE TABLE kept (i INTEGER)", values: [] }])
  const insert = (i: number): Promise<void> => database.commit([{ sql: "INSERT INTO kept VALUES (?)", values: [i] }])
  for (const [name, code] of [
    ["QuotaExceededError", "store_full"],
    ["short", "store_full"],
    ["InvalidStateError", "store_failing"],
  ] as const) {
    files.failWrites(name === "short" ? name : Object.assign(new Error("thrown by the file"), { name }))
    await assert.rejects(insert(9), (error) => error instanceof StoreError && error.code === code && error.passes)
    assert.deepEqual(await database.read("SELECT i FROM kept WHERE i = 9"), [])
    files.failWrites(undefined)
    await insert(1)
  }
  assert.equal((await database.read("SELECT COUNT(*) AS n FROM kept"))[0]?.["n"], 3)
  await database.close()
})

test("A file that was overwritten is damage, which does not pass", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-store-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, "store.db")
  const database = await openDatabase({ path, key })
  await database.commit([{ sql: "CREATE TABLE kept (b BLOB)", values: [] }])
  for (let i = 0; i < 20; i++) await database.commit([{ sql: "INSERT INTO kept VALUES (zeroblob(9000))", values: [] }])
  await database.close()
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(7, 8192, bytes.length - 4096))
  const again = await openDatabase({ path, key })
  await assert.rejects(
    again.read("SELECT length(b), b FROM kept"),
    (error) => error instanceof StoreError && error.code === "store_damaged" && !error.passes,
  )
  await again.close()
})

test("A store in memory takes the whole schema", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  assert.ok((await database.read("SELECT name FROM sqlite_schema")).length > 20)
  await database.close()
})
