// What every implementation of the delivery store must do with blobs. Their bytes are not in it.

import assert from "node:assert/strict"
import { random } from "../../../fixtures/device.ts"
import type { DeliveryStore, StoredUpload } from "../delivery-store.ts"

type WithStore = (title: string, run: (store: DeliveryStore) => Promise<void>) => void

const day = 21_000
const plenty = { maxBytes: 1e12 }

function newUpload(more: Partial<StoredUpload> = {}): StoredUpload {
  return {
    idHash: random(32),
    secretHash: random(32),
    file: random(16),
    size: 1_000,
    untilDay: day + 30,
    received: 0,
    begunDay: day,
    ...more,
  }
}

async function stored(store: DeliveryStore, more: Partial<StoredUpload> = {}): Promise<StoredUpload> {
  const upload = newUpload(more)
  assert.equal(await store.beginUpload({ upload, ...plenty }), true)
  await store.finishUpload({ idHash: upload.idHash })
  return upload
}

export function blobContract(withStore: WithStore): void {
  withStore("an upload is found as it stands, becomes a blob, and replaces the one with its id only then", async (store) => {
    const first = newUpload()
    const { idHash } = first
    assert.deepEqual(await store.findBlob({ idHash }), { blob: undefined, upload: undefined })
    assert.equal(await store.beginUpload({ upload: first, ...plenty }), true)
    await store.noteReceived({ idHash, received: 400 })
    assert.deepEqual(await store.findBlob({ idHash }), { blob: undefined, upload: { ...first, received: 400 } })
    assert.equal(await store.finishUpload({ idHash }), true)
    const { received: _, begunDay: __, ...blob } = first
    assert.deepEqual(await store.findBlob({ idHash }), { blob, upload: undefined })
    const second = newUpload({ idHash, secretHash: first.secretHash, size: 2_000, untilDay: day + 90 })
    await store.beginUpload({ upload: second, ...plenty })
    assert.deepEqual(await store.findBlob({ idHash }), { blob, upload: second })
    await store.finishUpload({ idHash })
    const { received: ___, begunDay: ____, ...newer } = second
    assert.deepEqual(await store.findBlob({ idHash }), { blob: newer, upload: undefined })
    assert.equal(await store.finishUpload({ idHash }), false, "there is nothing to finish")
  })

  withStore("there is room for so many bytes and no more, and an upload that begins again gives its room back first", async (store) => {
    const upload = newUpload({ size: 600 })
    await stored(store, { size: 300 })
    assert.equal(await store.beginUpload({ upload, maxBytes: 899 }), false)
    assert.deepEqual(await store.findBlob(upload), { blob: undefined, upload: undefined })
    assert.equal(await store.beginUpload({ upload, maxBytes: 900 }), true)
    assert.equal(await store.beginUpload({ upload: { ...upload, file: random(16) }, maxBytes: 900 }), true)
    assert.deepEqual(await store.blobDepth({}), { blobs: 2, bytes: 900 })
  })

  withStore("a blob is kept for longer and never for less, and what is past its time goes", async (store) => {
    const [one, two] = [await stored(store, { untilDay: day + 1 }), await stored(store, { untilDay: day + 1 })]
    const left = newUpload({ begunDay: day - 5 })
    await store.beginUpload({ upload: left, ...plenty })
    const fresh = newUpload({ begunDay: day })
    await store.beginUpload({ upload: fresh, ...plenty })
    await store.extendBlob({ idHash: one.idHash, untilDay: day + 50 })
    await store.extendBlob({ idHash: one.idHash, untilDay: day + 3 })
    assert.equal((await store.findBlob(one)).blob?.untilDay, day + 50)
    assert.deepEqual(await store.expireBlobs({ day: day + 1, unfinishedBeforeDay: day - 5 }), [])
    const gone = await store.expireBlobs({ day: day + 2, unfinishedBeforeDay: day - 2 })
    assert.deepEqual(gone.toSorted(Buffer.compare), [two.file, left.file].toSorted(Buffer.compare))
    assert.deepEqual(await store.findBlob(two), { blob: undefined, upload: undefined })
    assert.deepEqual((await store.blobDepth({})).blobs, 2)
  })

  withStore("deleting takes the upload, or the blob with it", async (store) => {
    const blob = await stored(store)
    const { idHash } = blob
    await store.beginUpload({ upload: newUpload({ idHash }), ...plenty })
    await store.deleteBlob({ idHash, what: "upload" })
    const found = await store.findBlob({ idHash })
    assert.deepEqual([found.blob?.file, found.upload], [blob.file, undefined])
    await store.deleteBlob({ idHash, what: "both" })
    assert.deepEqual(await store.findBlob({ idHash }), { blob: undefined, upload: undefined })
  })

  withStore("all files are listed with the bytes that they must have, some at a time", async (store) => {
    const all = new Map<string, number>()
    for (let n = 0; n < 5; n++) {
      const { idHash, file, size } = await stored(store, { size: 100 + n })
      all.set(Buffer.from(file).toString("hex"), size)
      const upload = newUpload({ idHash, received: 0 })
      await store.beginUpload({ upload, ...plenty })
      await store.noteReceived({ idHash, received: n })
      all.set(Buffer.from(upload.file).toString("hex"), n)
    }
    const listed = new Map<string, number>()
    let from: Uint8Array | undefined
    do {
      const some = await store.listBlobs({ from, max: 2 })
      assert.ok(some.length <= 4)
      for (const { file, bytes } of some) listed.set(Buffer.from(file).toString("hex"), bytes)
      from = some.at(-1)?.idHash
    } while (from !== undefined)
    assert.deepEqual(listed, all)
  })
}
