// The delivery service's files, copied while messages come in and segments are taken over.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, test } from "node:test"
import type { Change } from "../delivery/store/delivery-store.ts"
import { BatchWriter } from "../delivery/store/sqlite/record.ts"
import { segmentPath, segmentsIn } from "../delivery/store/sqlite/segment.ts"
import { SegmentStore } from "../delivery/store/sqlite/segment-store.ts"
import { created, posted } from "../fixtures/delivery-store-input.ts"
import { refusedWith } from "../fixtures/refuses.ts"
import { type DeliveryFiles, copyDelivery } from "./delivery-copy.ts"

const root = mkdtempSync(join(tmpdir(), "nodoor-delivery-copy-"))
after(() => rmSync(root, { recursive: true }))
let folders = 0

function place(): DeliveryFiles & { open(): SegmentStore } {
  const folder = mkdtempSync(join(root, `${folders++}-`))
  const files = { database: join(folder, "delivery.db"), segments: join(folder, "delivery"), blobs: join(folder, "blobs") }
  return { ...files, open: () => new SegmentStore(files.database, files.segments, { segmentBytes: 4_000 }) }
}

function write(store: SegmentStore, ...changes: readonly Change[]): void {
  const batch = new BatchWriter()
  for (const change of changes) batch.add(change)
  store.writeBatch(Buffer.from(batch.memory, 0, batch.size))
}

function snapshot(from: string, to: string): void {
  const db = new DatabaseSync(from)
  db.prepare("VACUUM INTO ?").run(to)
  db.close()
}

/** Everything but the newest segment goes into the database, and its file at once, as another process sees it. */
function takeOver(store: SegmentStore, { segments }: DeliveryFiles): void {
  if (!store.isSpilling) store.rotate()
  while (store.spill());
  for (const number of segmentsIn(segments).slice(0, -1)) rmSync(segmentPath(segments, number))
}

/** The orders that a service on the copy would have. */
async function ordersIn(folder: string, groupId: Uint8Array): Promise<number[]> {
  const copy = new SegmentStore(join(folder, "delivery.db"), join(folder, "delivery"))
  const found = copy.readBodies({ groupId, after: 0, through: 1e9, maxRecords: 1e6, maxBytes: 1e9 }).map(({ order }) => order)
  await copy.close()
  return found
}

test("a copy has everything that was written before it, also when segments are taken over while it is made", async () => {
  const from = place()
  const store = from.open()
  const group = created()
  let last = 0
  const postSome = (count: number): void => {
    for (let at = 0; at < count; at++) write(store, posted(group.groupId, ++last))
  }
  write(store, group)
  postSome(250)
  const before = last
  const folder = join(root, "copy")
  let meanwhile = 0
  const paths = copyDelivery(from, folder, (database, to) => {
    snapshot(database, to)
    // The first two times a segment goes into the database after the snapshot, and its file with it.
    if (meanwhile++ >= 2) return
    postSome(60)
    takeOver(store, from)
  })
  assert.ok(meanwhile > 1, "it was begun anew")
  assert.ok(paths.includes("delivery.db") && paths.length > 1)
  const orders = await ordersIn(folder, group.groupId)
  assert.deepEqual(
    orders,
    Array.from({ length: orders.length }, (_, at) => at + 1),
    "without a gap",
  )
  assert.ok(orders.length >= before)
  await store.close()
})

test("a copy that never catches up is refused, with its code", async () => {
  const from = place()
  const store = from.open()
  const group = created()
  write(store, group)
  let last = 0
  const grow = (): void => {
    for (let at = 0; at < 60; at++) write(store, posted(group.groupId, ++last))
    takeOver(store, from)
  }
  grow()
  assert.throws(
    () =>
      copyDelivery(from, join(root, "never"), (database, to) => {
        snapshot(database, to)
        grow()
      }),
    refusedWith("backup_refused", /writes faster/),
  )
  await store.close()
})
