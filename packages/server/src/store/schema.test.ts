import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { ServerError, type ServerErrorCode } from "../core/server-error.ts"
import { commitOf, mailboxIn, newGroup, post } from "../fixtures/store-input.ts"
import { openDatabase, schemaUrl, schemaVersion } from "../sqlite/database.ts"
import { openInProcessStore } from "./sqlite/in-process.ts"

const schema = readFileSync(schemaUrl, "utf8")

test("every column of every table says who can read it and when it goes, and every table what it is for", () => {
  const raw = new DatabaseSync(":memory:")
  raw.exec(schema)
  const tables = raw.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as {
    name: string
    sql: string
  }[]
  assert.ok(tables.length > 10)
  for (const { name, sql } of tables) {
    assert.match(sql.split("\n")[0] ?? "", /^CREATE TABLE \w+ \( -- \S/, name)
    const columns = raw.prepare("SELECT name FROM pragma_table_info(?)").all(name) as { name: string }[]
    for (const column of columns) {
      const line = sql.split("\n").find((text) => text.trim().startsWith(`${column.name} `)) ?? ""
      const said = line.split("-- ")[1] ?? ""
      assert.match(said, /operator|public|anyone|device|member|receiver/i, `${name}.${column.name}: who can read it`)
      assert.match(said, /until|stays|while|retention|hour|epoch$/i, `${name}.${column.name}: when it goes`)
    }
  }
  raw.close()
})

test("deleted rows are overwritten, and commits wait for the disk", () => {
  withPath((path) => {
    const db = openDatabase(path)
    assert.equal(db.get<{ secure_delete: number }>("PRAGMA secure_delete")?.secure_delete, 1)
    assert.equal(db.get<{ synchronous: number }>("PRAGMA synchronous")?.synchronous, 2)
    assert.equal(db.get<{ journal_mode: string }>("PRAGMA journal_mode")?.journal_mode, "wal")
    db.close()
  })
})

test("a body that every mailbox has acknowledged is nowhere in the file, nor in the write-ahead log after its checkpoint", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-erase-"))
  const path = join(directory, "db")
  const store = openInProcessStore(path)
  const [alice, bob] = [await mailboxIn(store, "alice"), await mailboxIn(store, "bob")]
  const group = newGroup(alice.mailbox)
  await store.createGroup(group)
  await store.commitGroup(commitOf(group, 0, { adds: [bob.mailbox] }))
  const marker = Buffer.from("a body that is to be erased, long enough to be found".repeat(20))
  await store.appendPost(post(group, new Uint8Array(marker), { epoch: 1 }))
  await store.checkpoint({})
  const held = (): boolean => [path, `${path}-wal`].some((file) => readFileSync(file).includes(marker.subarray(0, 40)))
  assert.ok(held(), "the search finds it while it waits")
  await store.ack({ mailbox: alice.mailbox, seq: 2 })
  await store.checkpoint({})
  assert.ok(held(), "one mailbox still has it")
  await store.ack({ mailbox: bob.mailbox, seq: 2 })
  await store.checkpoint({})
  assert.ok(!held())
  await store.close()
  rmSync(directory, { recursive: true })
})

test("a database of schema 1 comes to know who was erased", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-upgrade-"))
  const path = join(directory, "db")
  const raw = new DatabaseSync(path)
  raw.exec(readFileSync(new URL("../fixtures/schemas/nodoor-1.sql", import.meta.url), "utf8"))
  raw.exec("PRAGMA application_id = 0x6e646f72; PRAGMA user_version = 1")
  const [alice, bob] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)]
  for (const [id, handle, name] of [
    [alice, "alice", ""],
    [bob, "bob", "Bob Holder"],
  ] as const)
    raw.prepare("INSERT INTO accounts VALUES (?, ?, ?, NULL, 1, '2026-01-01', x'00', x'00')").run(id, handle, name)
  raw.prepare("INSERT INTO devices VALUES (?, ?, x'00')").run(bob, bob)
  raw.prepare("INSERT INTO mailboxes VALUES (?, 4)").run(bob)
  const body = raw.prepare("INSERT INTO bodies VALUES (?, 1, ?, x'00', 1, 1, NULL, ?, ?)")
  for (const [id, kind, info, sizeBytes] of [
    [1, "group_info", null, 500],
    [2, "welcome", 1, 100],
    [3, "post", null, 70],
  ] as const)
    body.run(id, kind, info, new Uint8Array(sizeBytes))
  for (const [seq, id] of [
    [5, 2],
    [6, 3],
  ] as const)
    raw.prepare("INSERT INTO waiting VALUES (?, ?, ?)").run(bob, seq, id)
  raw.close()
  const store = openInProcessStore(path)
  const { accounts } = await store.accountsPage({ after: undefined, prefix: undefined, max: 9 })
  assert.deepEqual(
    accounts.map(({ handle, state }) => [handle, state]),
    [
      ["alice", "erased"],
      ["bob", "active"],
    ],
  )
  await store.close()
  rmSync(directory, { recursive: true })
})

test("a database of a newer version, of another program, damaged, or that is none is refused with its code and left as it was", () => {
  withPath((path) => {
    openDatabase(path).close()
    const raw = new DatabaseSync(path)
    raw.exec(`PRAGMA user_version = ${schemaVersion + 1}`)
    raw.close()
    opens(path, "database_newer")
  })
  withPath((path) => {
    const raw = new DatabaseSync(path)
    raw.exec("CREATE TABLE theirs (x)")
    raw.close()
    opens(path, "database_foreign")
  })
  withPath((path) => {
    writeFileSync(path, "this is a text file, and it is long enough to be one".repeat(100))
    opens(path, "database_foreign")
  })
  withPath((path) => {
    openDatabase(path).close()
    // The first page's tree begins at byte 100.
    writeFileSync(path, readFileSync(path).fill(0xff, 100, 4096))
    opens(path, "database_damaged")
  })
  opens("/nonexistent/directory/db", "data_dir_unusable")
})

function opens(path: string, code: ServerErrorCode): void {
  assert.throws(
    () => openDatabase(path),
    (error: unknown) => error instanceof ServerError && error.code === code,
  )
}

function withPath(run: (path: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-schema-"))
  try {
    run(join(directory, "db"))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
