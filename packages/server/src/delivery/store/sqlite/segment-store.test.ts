import assert from "node:assert/strict"
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { committed, created, newStoredSeat, nowHour, posted } from "../../../fixtures/delivery-store-input.ts"
import { random } from "../../../fixtures/device.ts"
import { ServerError } from "../../../core/server-error.ts"
import type { Change } from "../delivery-store.ts"
import { BatchWriter } from "./record.ts"
import { SegmentStore } from "./segment-store.ts"

const root = mkdtempSync(join(tmpdir(), "nodoor-segments-"))
after(() => rmSync(root, { recursive: true }))
let folders = 0

/** A data directory, and what a crash at this moment would leave of it. */
class Disk {
  readonly path: string = join(root, String(folders++))
  readonly log: string[] = []

  open(segmentBytes = 1 << 20, onStep: (step: string) => void = () => {}): SegmentStore {
    const log = (event: string): void => void this.log.push(event)
    return new SegmentStore(`${this.path}/delivery.db`, `${this.path}/segments`, { segmentBytes, log, onStep })
  }
  /** `withoutWal`: a power cut, after which nothing is left of transactions that did not wait for the disk. */
  crashed({ withoutWal = false } = {}): Disk {
    const copy = new Disk()
    cpSync(this.path, copy.path, { recursive: true })
    if (withoutWal) for (const file of ["delivery.db-wal", "delivery.db-shm"]) rmSync(join(copy.path, file), { force: true })
    return copy
  }
  get segments(): string[] {
    return readdirSync(`${this.path}/segments`).map((name) => `${this.path}/segments/${name}`)
  }
}

function disk(): Disk {
  const made = new Disk()
  cpSync(mkdtempSync(join(root, "empty-")), made.path, { recursive: true })
  return made
}

function write(store: SegmentStore, ...changes: readonly Change[]): void {
  const batch = new BatchWriter()
  for (const change of changes) batch.add(change)
  store.writeBatch(Buffer.from(batch.memory, 0, batch.size))
}

const orders = (store: SegmentStore, groupId: Uint8Array): number[] =>
  store.readBodies({ groupId, after: 0, through: 1e9, maxRecords: 1e6, maxBytes: 1e9 }).map(({ order }) => order)
const load = (store: SegmentStore, groupId: Uint8Array) => store.loadGroup({ groupId, placedSinceHour: nowHour - 48 })

test("after a crash or a power cut everything is there that was written, once, and nothing that was erased", async () => {
  const place = disk()
  const store = place.open()
  const group = created()
  const { groupId, seat } = group
  const bob = newStoredSeat()
  write(store, group, posted(groupId, 1), posted(groupId, 2))
  write(store, committed(groupId, 3, { adds: [bob], groupInfo: random(99) }), posted(groupId, 4))
  write(store, { kind: "erase", groupId, from: 1, through: 1 })
  write(store, posted(groupId, 5), committed(groupId, 6, { epoch: 2, removes: [seat] }))
  for (const withoutWal of [false, true]) {
    const again = place.crashed({ withoutWal })
    const recovered = again.open()
    assert.deepEqual(orders(recovered, groupId), [2, 3, 4, 5, 6])
    const loaded = load(recovered, groupId)
    assert.deepEqual([loaded?.epoch, loaded?.lastOrder, loaded?.placed.posts.length, loaded?.placed.commits.length], [2, 6, 4 * 28, 2])
    assert.ok(loaded?.seats.some(({ endOrder }) => endOrder === 6))
    assert.equal(again.log.length, 0)
    write(recovered, posted(groupId, 7))
    await recovered.close()
    assert.deepEqual(again.segments, [], "all is in the database")
    const third = again.open()
    assert.deepEqual(orders(third, groupId), [2, 3, 4, 5, 6, 7])
    await third.close()
  }
  await store.close()
})

test("a crash at any moment of taking a segment over loses nothing and brings nothing back", async () => {
  const place = disk()
  const store = place.open(200_000)
  const groups = Array.from({ length: 30 }, () => created())
  write(store, ...groups)
  for (let order = 1; order <= 100; order++) write(store, ...groups.map(({ groupId }) => posted(groupId, order)))
  const [first] = groups
  assert.ok(first !== undefined && store.isSpilling)
  const all = Array.from({ length: 100 }, (_, at) => at + 1)
  const check = async (gone: number): Promise<void> => {
    const recovered = place.crashed().open()
    for (const { groupId } of groups) assert.deepEqual(orders(recovered, groupId), groupId === first.groupId ? all.slice(gone) : all)
    assert.equal(load(recovered, first.groupId)?.placed.posts.length, 100 * 28)
    await recovered.close()
  }
  await check(0)
  let erased = 0
  while (store.spill()) {
    write(store, { kind: "erase", groupId: first.groupId, from: 1, through: ++erased })
    assert.deepEqual(orders(store, first.groupId), all.slice(erased))
    await check(erased)
  }
  assert.ok(erased > 3, "it took several slices")
  await check(erased)
  await store.close()
})

test("the batch under way when the power went is dropped, wherever it was cut, and everything before it is there", async () => {
  const place = disk()
  const store = place.open()
  const group = created()
  const { groupId } = group
  write(store, group, posted(groupId, 1))
  const [path] = place.segments
  const before = readFileSync(path ?? "").length
  write(store, posted(groupId, 2), posted(groupId, 3))
  const whole = readFileSync(path ?? "").length
  const cuts = [before + 1, before + 15, before + 16, before + 40, whole - 1]
  for (const cut of cuts) {
    const torn = place.crashed()
    truncateSync(torn.segments[0] ?? "", cut)
    const recovered = torn.open()
    assert.deepEqual([orders(recovered, groupId), torn.log], [[1], ["delivery_segment_torn"]], String(cut))
    await recovered.close()
  }
  for (const at of [before, before + 5, before + 13, before + 60, whole - 1]) {
    const garbled = place.crashed()
    const file = readFileSync(garbled.segments[0] ?? "")
    file[at] = (file[at] ?? 0) ^ 0x40
    writeFileSync(garbled.segments[0] ?? "", file)
    const recovered = garbled.open()
    assert.deepEqual(orders(recovered, groupId), [1], String(at))
    await recovered.close()
  }
  await store.close()
})

test("a segment in which whole batches follow a garbled one is refused: they were answered", async () => {
  const place = disk()
  const store = place.open()
  const group = created()
  write(store, group)
  const at = readFileSync(place.segments[0] ?? "").length
  write(store, posted(group.groupId, 1))
  write(store, posted(group.groupId, 2))
  for (const garbled of [at, at + 2, at + 30]) {
    const broken = place.crashed()
    const file = readFileSync(broken.segments[0] ?? "")
    file[garbled] = (file[garbled] ?? 0) ^ 1
    writeFileSync(broken.segments[0] ?? "", file)
    assert.throws(() => broken.open(), isDamaged)
  }
  await store.close()
})

const isDamaged = (error: unknown): boolean => error instanceof ServerError && error.code === "database_damaged"

test("a segment that is garbled and not the last is refused, because what came after it was answered", async () => {
  const place = disk()
  const store = place.open(150)
  const group = created()
  write(store, group)
  write(store, posted(group.groupId, 1))
  const broken = place.crashed()
  assert.equal(broken.segments.length, 2)
  const path = broken.segments.sort()[0] ?? ""
  truncateSync(path, readFileSync(path).length - 1)
  assert.throws(() => broken.open(), isDamaged)
  await store.close()
})

test("what was acknowledged before its segment was taken over never comes into the database, and the segment is overwritten", async () => {
  const place = disk()
  const store = place.open()
  const group = created()
  const { groupId } = group
  const marker = Buffer.from("a body that everybody has, long enough to be found".repeat(9))
  write(store, group, posted(groupId, 1, { body: new Uint8Array(marker) }))
  const held = (): boolean =>
    [
      ...place.segments,
      ...readdirSync(place.path).flatMap((name) => (name.startsWith("delivery.db") ? [join(place.path, name)] : [])),
    ].some((file) => readFileSync(file).includes(marker.subarray(0, 40)))
  assert.ok(held(), "the search finds it")
  write(store, { kind: "erase", groupId, from: 1, through: 1 })
  store.rotate()
  while (store.spill());
  await store.close()
  assert.ok(!held())
})

test("a batch fails whole at every step, nothing of it comes back, and the next one is written", async () => {
  for (const broken of ["append", "sync", "synced", "statement", "commit", "committed"]) {
    let fails = false
    const place = disk()
    const store = place.open(1 << 20, (step) => {
      if (fails && step === broken) throw new RangeError(`the disk fails: ${step}`)
    })
    const group = created()
    const { groupId, seat } = group
    write(store, group, posted(groupId, 1))
    fails = true
    const both = () => write(store, committed(groupId, 2, { adds: [newStoredSeat()], groupInfo: random(5) }), posted(groupId, 3))
    if (broken === "committed") both()
    else assert.throws(both, broken)
    fails = false
    const check = (recovered: SegmentStore, expected: readonly number[], epoch: number): void =>
      assert.deepEqual([orders(recovered, groupId), load(recovered, groupId)?.epoch], [expected, epoch], broken)
    if (broken === "committed") check(store, [1, 2, 3], 1)
    else {
      check(store, [1], 0)
      write(store, posted(groupId, 2))
      write(store, committed(groupId, 3, { removes: [seat] }))
    }
    for (const withoutWal of [false, true]) {
      const recovered = place.crashed({ withoutWal }).open()
      check(recovered, [1, 2, 3], 1)
      assert.equal(load(recovered, groupId)?.placed.posts.length, 2 * 28, "nothing of the failed batch is known as placed")
      await recovered.close()
    }
    await store.close()
  }
})

test("a segment that is being overwritten is no segment any more: a crash in the middle of it harms nothing, and it is finished", async () => {
  const place = disk()
  const store = place.open()
  const group = created()
  const { groupId } = group
  write(store, group, posted(groupId, 1))
  const [first = ""] = place.segments
  const content = readFileSync(first)
  store.rotate()
  while (store.spill());
  assert.ok(!place.segments.includes(first), "its name is gone before its bytes are")
  write(store, posted(groupId, 2), { kind: "erase", groupId, from: 1, through: 1 })
  const crashed = place.crashed()
  writeFileSync(`${crashed.path}/segments/00000001.gone`, content.fill(0, 0, 20))
  const recovered = crashed.open()
  assert.deepEqual(orders(recovered, groupId), [2])
  await recovered.close()
  assert.deepEqual(crashed.segments, [])
  await store.close()
  assert.deepEqual(place.segments, [])
})
