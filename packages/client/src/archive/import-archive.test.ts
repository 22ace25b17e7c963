import assert from "node:assert/strict"
import { test } from "node:test"
import { collected, emptyStore, filledStore, idOf, shownIn, sourceOf, type StoreParts } from "./fixtures/archived-store.ts"
import { importArchive } from "./import-archive.ts"
import { noSync, writeArchive } from "./write-archive.ts"

const key = { kind: "recovery", seed: idOf("recovery") } as const

async function archiveOf(store: StoreParts): Promise<Uint8Array> {
  const { bytes } = await writeArchive({ ...store, sync: noSync }, { for: "backup", recoverySeed: key.seed })
  return await collected(bytes)
}

test("A device that takes an archive in shows what the device showed that wrote it", async () => {
  const old = await filledStore()
  const archive = await archiveOf(old)
  const fresh = await emptyStore()
  const result = await importArchive({ ...fresh, sync: async () => undefined }, { source: sourceOf(archive), key })
  assert.equal(result.status, "done")
  assert.deepEqual(await shownIn(fresh.reader), await shownIn(old.reader))
})
