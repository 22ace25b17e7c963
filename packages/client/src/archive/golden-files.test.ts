// Archives that earlier programs wrote. They are never changed: people have archives of their versions, and each must open for ever.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { collected, crypto, emptyStore, idOf, shownIn, sourceOf } from "./fixtures/archived-store.ts"
import { archiveVersion } from "./format/header.ts"
import { importArchive } from "./import-archive.ts"
import { verifyArchive } from "./preview-archive.ts"
import { writeArchive } from "./write-archive.ts"

const key = { kind: "recovery", seed: idOf("recovery") } as const
const versions = [
  {
    version: 1,
    sha256: "cae83234b1f3dd786c03327daf29a0abb9edf9f5199cbe18d286e9455200781e",
    holds: { accountHandle: "ann", messages: 60, chats: ["Group 3:15", "Person 2:15", "Group 1:15", "Person 0:15"] },
  },
] as const

test("An archive of every version that was ever written opens, and gives what it was made of", async () => {
  assert.deepEqual(
    versions.map(({ version }) => version),
    Array.from({ length: archiveVersion }, (_, n) => n + 1),
  )
  for (const { version, sha256, holds } of versions) {
    const file = new Uint8Array(readFileSync(new URL(`fixtures/version-${version}.nodoor-archive`, import.meta.url)))
    assert.equal(Buffer.from(crypto.sha256(file)).toString("hex"), sha256, "the file itself")
    const verified = await verifyArchive(crypto, sourceOf(file), key)
    const chats = verified.chats.map(({ title, messages }) => `${title}:${messages}`)
    assert.deepEqual(
      { version: verified.version, accountHandle: verified.accountHandle, messages: verified.messages, chats },
      { version, ...holds },
    )
    const store = await emptyStore()
    const { messages } = await importArchive({ ...store, sync: async () => undefined }, { source: sourceOf(file), key })
    assert.equal(messages, 62)
    // What this program writes of it, another one takes in alike.
    const again = await emptyStore({ device: "again" })
    const { bytes } = await writeArchive(store, { for: "backup", recoverySeed: key.seed })
    await importArchive({ ...again, sync: async () => undefined }, { source: sourceOf(await collected(bytes)), key })
    assert.deepEqual(await shownIn(again.reader), await shownIn(store.reader))
  }
})
