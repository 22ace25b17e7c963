import assert from "node:assert/strict"
import { test } from "node:test"
import type { Database } from "../core/ports.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { migrate, firstVersion, storeVersion } from "./schema.ts"

async function structure(database: Database): Promise<unknown> {
  return await database.read("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
}

test("A store of every earlier version that can be used is brought to this one and is built like a new one", async () => {
  const fresh = await openMemoryDatabase()
  await migrate(fresh)
  for (let version = firstVersion; version < storeVersion; version++) {
    const database = await openMemoryDatabase()
    await migrate(database, { upTo: version })
    assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], version)
    await migrate(database)
    assert.deepEqual(await structure(database), await structure(fresh), `from ${version}`)
  }
})
