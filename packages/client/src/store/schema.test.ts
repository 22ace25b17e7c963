import assert from "node:assert/strict"
import { test } from "node:test"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import type { Database } from "../ports.ts"
import { findMessages, indexDue } from "../search.ts"
import { Turns } from "../turn.ts"
import { membersThen } from "./membership.ts"
import type { Reader } from "./rows.ts"
import { migrate, storeVersion } from "./schema.ts"

const id = (n: number): Uint8Array => new Uint8Array(16).fill(n)

async function structure(database: Database): Promise<unknown> {
  return await database.read("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
}

/** A store of the version before the one that first has this table. */
async function storeBefore(table: string): Promise<Database> {
  for (let version = 1; ; version++) {
    const later = await openMemoryDatabase()
    await migrate(later, { upTo: version + 1 })
    if ((await later.read("SELECT 1 AS one FROM sqlite_schema WHERE name = ?", [table])).length === 0) continue
    const database = await openMemoryDatabase()
    await migrate(database, { upTo: version })
    return database
  }
}

test("A store of every earlier version is brought to this one and is built like a new one", async () => {
  const fresh = await openMemoryDatabase()
  await migrate(fresh)
  for (let version = 1; version < storeVersion; version++) {
    const database = await openMemoryDatabase()
    await migrate(database, { upTo: version })
    assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], version)
    await migrate(database)
    assert.deepEqual(await structure(database), await structure(fresh), `from ${version}`)
  }
})

test("Messages of an older store are for those who are in the group now, and not for who comes later", async () => {
  const database = await storeBefore("membership")
  const member = "INSERT INTO member (group_id, leaf_index, account_id, device_id) VALUES (?, ?, ?, ?)"
  await database.commit([1, 2, 2].map((account, leaf) => ({ sql: member, values: [id(9), leaf, id(account), id(leaf)] })))
  await migrate(database)
  await database.commit([{ sql: "INSERT INTO membership VALUES (?, ?, 7, NULL)", values: [id(9), id(3)] }])
  const reader: Reader = { read: (sql, ...values) => database.read(sql, values) }
  const then = async (epoch: number | undefined, order: number): Promise<(number | undefined)[]> =>
    (await membersThen(reader, { groupId: id(9), epoch, order })).map((account) => account[0])
  assert.deepEqual(await then(undefined, 4), [1, 2])
  assert.deepEqual(await then(7, 5), [1, 2, 3])
})

test("Messages of an older store are found by their words as they are compared now", async () => {
  const database = await storeBefore("search_due")
  const message =
    "INSERT INTO message (chat_id, group_id, message_id, position, time_ms, account_id, kind, text) VALUES (?, ?, ?, ?, ?, ?, 'text', ?)"
  await database.commit([
    { sql: message, values: [id(9), id(9), id(1), 1, 1, id(1), "**Größe**"] },
    { sql: "INSERT INTO message_search (rowid, text) VALUES (1, '**Größe**')", values: [] },
  ])
  await migrate(database)
  const reader: Reader = { read: (sql, ...values) => database.read(sql, values) }
  assert.equal((await findMessages(reader, "grosse", 9)).length, 0)
  await indexDue(new Turns(database, () => {}), () => false)
  assert.equal((await findMessages(reader, "grosse", 9)).length, 1)
})
