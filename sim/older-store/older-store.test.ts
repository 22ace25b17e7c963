// Stores of older versions, as their own code wrote them, opened by this version. Those of groups without seats are refused.

import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { gunzipSync } from "node:zlib"
import { storeVersion } from "@nodoor/client"
import { openOffline, openPlain } from "./plain-store.ts"
import { seenIn } from "./seen.ts"

interface Kept {
  readonly words: readonly string[]
  readonly seen: object
}

/** The first version whose groups have seats. */
const firstUsable = 103
const unpacked = (path: string): Buffer => gunzipSync(readFileSync(path))
const versions = readdirSync(import.meta.dirname).flatMap((name) => /^version-(\d+)\.sqlite\.gz$/.exec(name)?.[1] ?? [])

async function withStore(version: string, run: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-older-store-"))
  try {
    const path = join(folder, "store.sqlite")
    writeFileSync(path, unpacked(join(import.meta.dirname, `version-${version}.sqlite.gz`)))
    await run(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

for (const version of versions.filter((one) => Number(one) >= firstUsable))
  test(`A store of version ${version} shows the same chats, messages, reactions, receipts and search results after it was migrated`, () =>
    withStore(version, async (path) => {
      const { words, seen } = JSON.parse(unpacked(join(import.meta.dirname, `version-${version}.json.gz`)).toString()) as Kept
      const database = openPlain(path)
      assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], Number(version))
      const device = await openOffline(database)
      assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], storeVersion)
      // Later versions may show more of a thing, not less.
      assert.partialDeepStrictEqual(await seenIn(device, words), seen)
      await device.close()
    }))

for (const version of versions.filter((one) => Number(one) < firstUsable))
  test(`A store of version ${version}, whose groups have no seats, is refused with a sentence that says what to do, and nothing in it is changed`, () =>
    withStore(version, async (path) => {
      const before = readFileSync(path)
      const refused = { name: "ClientError", code: "store_older", message: /cannot be used any more.+new account in another store/ }
      await assert.rejects(openOffline(openPlain(path)), refused)
      assert.deepEqual(readFileSync(path), before)
    }))
