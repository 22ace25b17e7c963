import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import { encodeVerifiedAccountState } from "@nodoor/keylog"
import { genesis } from "@nodoor/keylog/fixtures"
import { nodeProvider } from "@nodoor/mls/node"
import { calledInWords, completeContacts, markOf } from "../trust/name/called.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import type { Database } from "../core/ports.ts"
import { findMessages, indexDue } from "./chat/search.ts"
import { Transactions } from "../core/transaction.ts"
import { membersThen } from "./group/membership.ts"
import { findContact } from "./trust/contacts.ts"
import type { Reader } from "./reader.ts"
import { findHandleOf } from "./trust/handles.ts"
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
  await indexDue(new Transactions(database), () => false)
  assert.equal((await findMessages(reader, "grosse", 9)).length, 1)
})

test("Contacts of an older store keep the handles that the log had proven, and no other; they are told apart from then on", async () => {
  const database = await storeBefore("contact_alike")
  const contact = "INSERT INTO contact (account_id, handle, name, accepted, blocked, first_resets, checked_ms) VALUES (?, ?, ?, 0, 0, 0, 0)"
  const proven = "INSERT INTO log_handle (handle, version, binding, account_id) VALUES (?, 0, x'00', ?)"
  const bob = genesis(["bob"], { accountId: bytes<"AccountId">(id(1)) })
  await database.commit([
    { sql: contact, values: [id(1), "bob", "Bob"] },
    // The server said so once; an account with two bindings; somebody who has no name yet.
    { sql: contact, values: [id(2), "bob", "bob"] },
    { sql: contact, values: [id(3), "carol", ""] },
    { sql: proven, values: ["bob", id(1)] },
    { sql: proven, values: ["one", id(4)] },
    { sql: proven, values: ["two", id(4)] },
    { sql: "INSERT INTO account_state (account_id, version, state) VALUES (?, 0, ?)", values: [id(1), encodeVerifiedAccountState(bob)] },
  ])
  await migrate(database)
  await completeContacts(database, nodeProvider)
  const reader: Reader = { read: (sql, ...values) => database.read(sql, values) }
  const names: (string | undefined)[] = []
  for (const n of [1, 2, 3]) names.push(await calledInWords(reader, id(n), "nobody"))
  assert.deepEqual(names, ["Bob (@bob)", "bob (#020202020202)", "#030303030303"])
  assert.deepEqual(await findHandleOf(reader, id(4)), "one")
  assert.equal((await findContact(reader, id(1)))?.mark, markOf(bob))
})
