// Stores of older versions, as their own code wrote them, are opened by this version: what people see in them is what they saw before.

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

const unpacked = (path: string): Buffer => gunzipSync(readFileSync(path))
const versions = readdirSync(import.meta.dirname).flatMap((name) => /^version-(\d+)\.json\.gz$/.exec(name)?.[1] ?? [])

for (const version of versions)
  test(`A store of version ${version} shows the same chats, messages, reactions, receipts and search results after it was migrated`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "nodoor-older-store-"))
    try {
      const path = join(folder, "store.sqlite")
      const kept = join(import.meta.dirname, `version-${version}`)
      writeFileSync(path, unpacked(`${kept}.sqlite.gz`))
      const { words, seen } = JSON.parse(unpacked(`${kept}.json.gz`).toString()) as Kept
      const database = openPlain(path)
      assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], Number(version))
      const device = await openOffline(database)
      assert.equal((await database.read("PRAGMA user_version"))[0]?.["user_version"], storeVersion)
      // Later versions may show more of a thing, not less.
      assert.partialDeepStrictEqual(await seenIn(device, words), seen)
      await device.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
