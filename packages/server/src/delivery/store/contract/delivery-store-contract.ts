// What every implementation of the delivery store must do, as tests. Run it on each: `deliveryStoreContract("SQLite", open)`.

import assert from "node:assert/strict"
import { test } from "node:test"
import { concat } from "@nodoor/bytes"
import { committed, created, newStoredSeat, nowHour, posted, readAll, withPosts } from "../../../fixtures/delivery-store-input.ts"
import { random } from "../../../fixtures/device.ts"
import { blobContract } from "./blob-contract.ts"
import { type DeliveryStore, placedEntryBytes } from "../delivery-store.ts"

const dayOfHour = (hour: number): number => Math.floor(hour / 24)
const since = { placedSinceHour: nowHour - 48 }

/** `open` gives an empty store; each test closes its own. */
export function deliveryStoreContract(name: string, open: () => Promise<DeliveryStore>): void {
  const withStore = (title: string, run: (store: DeliveryStore) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const store = await open()
      try {
        await run(store)
      } finally {
        await store.close()
      }
    })
  }

  withStore("a group is loaded as it was written, with its seats, places and waiting bodies", async (store) => {
    const group = created()
    const { groupId } = group
    const bob = newStoredSeat()
    const post = posted(groupId, 1)
    const commit = committed(groupId, 2, { adds: [bob], groupInfo: random(70), previousKey: group.deliveryKey, hour: nowHour + 1 })
    await store.write({ changes: [group, post, commit] })
    await store.write({
      changes: [{ kind: "rekey", groupId, seat: bob.seat, publicKey: commit.fanout, readHash: group.createHash, rekeyed: 7 }],
    })
    const loaded = await store.loadGroup({ groupId, ...since })
    assert.ok(loaded !== undefined)
    const { seats, placed, waiting, lastHour, ...rest } = loaded
    // Of the hours beside a group only four weeks are kept for certain.
    assert.ok(lastHour <= nowHour + 1 && lastHour > nowHour - 28 * 24)
    assert.deepEqual(rest, {
      epoch: 1,
      deliveryKey: commit.deliveryKey,
      previousKey: group.deliveryKey,
      lastOrder: 2,
      createHash: group.createHash,
    })
    const byFrom = [...seats].sort((a, b) => a.fromOrder - b.fromOrder)
    const { seat, publicKey, readHash } = group
    assert.deepEqual(byFrom, [
      { seat, publicKey, readHash, rekeyed: 0, fromOrder: 0, endOrder: undefined },
      { seat: bob.seat, publicKey: commit.fanout, readHash: group.createHash, rekeyed: 7, fromOrder: 2, endOrder: undefined },
    ])
    assert.equal(placed.posts.length, placedEntryBytes)
    assert.deepEqual(placed.posts.subarray(0, 16), post.hash)
    const [{ hour, ...place } = { hour: 0 }] = placed.commits
    assert.deepEqual(place, { hash: commit.hash, order: 2, fanout: commit.fanout })
    assert.ok(hour >= nowHour + 1 && dayOfHour(hour) === dayOfHour(nowHour + 1), "no sooner than it was")
    assert.deepEqual([...waiting], [1, 40, 2, 370])
    assert.equal(await store.loadGroup({ groupId: random(32), ...since }), undefined)
  })

  withStore("bodies are read in order, from a cursor on, as many as asked for, and of this group only", async (store) => {
    const bodies = [random(10), random(20), random(30), random(40)]
    const { groupId } = await withPosts(store, bodies)
    await withPosts(store, [random(50)])
    const all = await readAll(store, groupId)
    assert.deepEqual(
      all.map(({ order, body, kind, hour, groupInfo }) => ({ order, body, kind, hour, groupInfo })),
      bodies.map((body, at) => ({ order: at + 1, body, kind: "post", hour: nowHour, groupInfo: undefined })),
    )
    const orders = async (input: { after: number; through: number; maxRecords: number; maxBytes: number }) =>
      (await store.readBodies({ groupId, ...input })).map(({ order }) => order)
    assert.deepEqual(await orders({ after: 1, through: 3, maxRecords: 9, maxBytes: 999 }), [2, 3])
    assert.deepEqual(await orders({ after: 0, through: 9, maxRecords: 3, maxBytes: 999 }), [1, 2, 3])
    assert.deepEqual(await orders({ after: 0, through: 9, maxRecords: 9, maxBytes: 1 }), [1], "one at least")
    assert.deepEqual(await orders({ after: 0, through: 9, maxRecords: 9, maxBytes: 30 }), [1, 2])
  })

  withStore("what is erased is gone, and everything else stays; a removed seat ends and goes", async (store) => {
    const { groupId, seat } = await withPosts(store, [random(10), random(10), random(10), random(10)])
    const commit = committed(groupId, 5, { removes: [seat], adds: [newStoredSeat()], groupInfo: random(5) })
    await store.write({ changes: [{ kind: "erase", groupId, from: 2, through: 3 }, commit] })
    assert.deepEqual(
      (await readAll(store, groupId)).map(({ order }) => order),
      [1, 4, 5],
    )
    assert.ok((await store.loadGroup({ groupId, ...since }))?.seats.some((one) => one.endOrder === 5))
    await store.write({
      changes: [
        { kind: "erase", groupId, from: 1, through: 1 },
        { kind: "seatGone", groupId, seat },
      ],
    })
    const loaded = await store.loadGroup({ groupId, ...since })
    assert.deepEqual([...(loaded?.waiting ?? [])], [4, 10, 5, 305])
    assert.equal(loaded?.seats.length, 1)
    assert.equal(loaded?.placed.posts.length, 4 * placedEntryBytes, "erased bodies are still known as placed")
  })

  withStore("a token is spent once, and a setting stays as it was first set", async (store) => {
    const [token, other] = [random(32), random(32)]
    assert.equal(await store.spendToken({ tokenHash: token, keyEpoch: 10 }), true)
    assert.equal(await store.spendToken({ tokenHash: token, keyEpoch: 10 }), false)
    assert.equal(await store.spendToken({ tokenHash: other, keyEpoch: 11 }), true)
    const cutoffs = { from: undefined, bodiesBeforeHour: 0, placedBeforeHour: 0, unusedBeforeHour: 0, max: 10 }
    await store.sweep({ ...cutoffs, spentBeforeKeyEpoch: 11 })
    assert.equal(await store.spendToken({ tokenHash: token, keyEpoch: 10 }), true, "its key is over, so nobody accepts it")
    assert.equal(await store.spendToken({ tokenHash: other, keyEpoch: 11 }), false)
    assert.deepEqual(await store.setting({ name: "one", value: token }), token)
    assert.deepEqual(await store.setting({ name: "one", value: other }), token)
  })

  withStore("what is past its time goes: bodies, the seats that ended with them, places, and groups without seats", async (store) => {
    const group = created()
    const { groupId, seat } = group
    const old = nowHour - 800
    const bob = newStoredSeat()
    await store.write({
      changes: [
        group,
        posted(groupId, 1, { hour: old }),
        committed(groupId, 2, { hour: old, adds: [bob], removes: [seat], groupInfo: random(5) }),
        posted(groupId, 3, { hour: nowHour - 60 }),
        posted(groupId, 4),
      ],
    })
    const empty = created()
    await store.write({ changes: [empty, { kind: "seatGone", groupId: empty.groupId, seat: empty.seat }] })
    const expired: { readonly groupId: Uint8Array; readonly through: number }[] = []
    let from: Uint8Array | undefined
    do {
      const cutoffs = {
        bodiesBeforeHour: nowHour - 720,
        placedBeforeHour: nowHour - 48,
        unusedBeforeHour: 0,
        spentBeforeKeyEpoch: 0,
        max: 1,
      }
      const swept = await store.sweep({ from, ...cutoffs })
      expired.push(...swept.expired)
      from = swept.next
    } while (from !== undefined)
    assert.deepEqual(expired, [{ groupId, through: 2 }])
    const loaded = await store.loadGroup({ groupId, ...since })
    assert.deepEqual(
      (await readAll(store, groupId)).map(({ order }) => order),
      [3, 4],
    )
    assert.deepEqual(
      loaded?.seats.map((one) => one.seat),
      [bob.seat],
    )
    assert.equal(loaded?.lastOrder, 4)
    assert.equal(await store.loadGroup({ groupId: empty.groupId, ...since }), undefined)
  })

  withStore("a group to which nothing came since a day ends, and one that got something that day does not", async (store) => {
    const [unused, used] = [created({ hour: nowHour - 24 * 120 }), created({ hour: nowHour - 24 * 120 })]
    await store.write({ changes: [unused, used, posted(used.groupId, 1)] })
    const cutoffs = { from: undefined, bodiesBeforeHour: 0, placedBeforeHour: 0, spentBeforeKeyEpoch: 0, max: 9 }
    await store.sweep({ ...cutoffs, unusedBeforeHour: nowHour - 24 * 121 })
    assert.ok((await store.loadGroup({ groupId: unused.groupId, ...since })) !== undefined)
    const { expired } = await store.sweep({ ...cutoffs, unusedBeforeHour: nowHour })
    assert.deepEqual(
      expired.map(({ groupId }) => groupId),
      [unused.groupId],
    )
    assert.equal(await store.loadGroup({ groupId: unused.groupId, ...since }), undefined)
    assert.equal((await store.loadGroup({ groupId: used.groupId, ...since }))?.seats.length, 1)
  })

  withStore("a batch that cannot be written is not written at all", async (store) => {
    const { groupId } = await withPosts(store, [random(10)])
    const twice = [created()].flatMap((group) => [group, group])
    await assert.rejects(store.write({ changes: [posted(groupId, 2), ...twice] }))
    assert.equal((await store.loadGroup({ groupId, ...since }))?.lastOrder, 1)
    await store.write({ changes: [posted(groupId, 2)] })
    assert.equal((await readAll(store, groupId)).length, 2)
  })

  withStore("what waits is counted, and the database is in order", async (store) => {
    const bodies = [random(100), random(200)]
    await withPosts(store, bodies)
    const counted = await store.depth({})
    assert.deepEqual(counted, { groups: 1, bodies: 2, bytes: concat(...bodies).length, oldestHour: nowHour - (nowHour % 24) })
    assert.equal(await store.integrity({}), "ok")
    await store.eraseTraces({ nowMs: nowHour * 3_600_000 })
  })

  blobContract(withStore)
}
