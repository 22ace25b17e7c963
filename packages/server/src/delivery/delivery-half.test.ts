import assert from "node:assert/strict"
import { test } from "node:test"
import { equal } from "@nodoor/bytes"
import { fanoutOf } from "@nodoor/wire/delivery"
import { sha256 } from "../core/crypto.ts"
import { bodyOf, commitItem, createItem, newSeat, postItem, rekeyItem, subscribeItem, told } from "../fixtures/delivery-member.ts"
import { deliveryWorld, pairIn } from "../fixtures/delivery-world.ts"
import { openInProcessDeliveryStore } from "./store/sqlite/in-process.ts"

test("a group is made, a seat added, and both seats read the log from their own beginning on", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster, addsBob } = await pairIn(world)
  const [readsA, readsB] = [await world.reader(), await world.reader()]
  poster.send(addsBob)
  const [committed] = await poster.take()
  assert.ok(committed?.type === "committed" && equal(committed.fanout, fanoutOf(sha256, [alice.seat, bob.seat])))
  readsA.send(subscribeItem(group, alice))
  assert.deepEqual(told(await readsA.take(2)), ["subscribed 1 head 1 acked 0 epoch 1", "commit 1"])
  readsB.send(subscribeItem(group, bob, { sub: 7 }))
  const [, join] = await readsB.take(2)
  assert.ok(join?.type === "join" && join.sub === 7 && join.order === 1 && join.groupInfo.length === 500)
  poster.send(postItem(group, bodyOf("one"), { ref: 1 }), postItem(group, bodyOf("two"), { ref: 2 }))
  assert.deepEqual(told(await poster.take(2)), ["placed 1 2", "placed 2 3"])
  assert.deepEqual(told(await readsA.take(2)), ["post 2", "post 3"])
  const [post] = await readsB.take(2)
  assert.ok(post?.type === "post" && equal(post.body, bodyOf("one")) && post.hour === Math.floor(world.clock.nowMs() / 3_600_000))
})

test("what every seat acknowledged goes from the disk, and what one seat still waits for stays", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const [readsA, readsB] = [await world.reader(), await world.reader()]
  readsA.send(subscribeItem(group, alice))
  readsB.send(subscribeItem(group, bob))
  poster.send(postItem(group, bodyOf("one")), postItem(group, bodyOf("two"), { ref: 2 }))
  await Promise.all([readsA.take(4), readsB.take(4), poster.take(2)])
  readsA.send({ type: "ack", sub: 1, order: 3 })
  await world.half.upkeep()
  assert.equal((await world.store.depth({})).bodies, 3)
  readsB.send({ type: "ack", sub: 1, order: 2 })
  await world.half.upkeep()
  assert.equal((await world.store.depth({})).bodies, 1)
  readsB.send({ type: "ack", sub: 1, order: 3 })
  await world.half.upkeep()
  assert.equal((await world.store.depth({})).bodies, 0)
  const again = await world.reader()
  again.send(subscribeItem(group, bob, { after: 3 }))
  assert.deepEqual(told(await again.take()), ["subscribed 1 head 3 acked 3 epoch 1"])
  assert.deepEqual(told(await readsB.take()), ["unsubscribed 1 seat_taken"])
  const older = await world.reader()
  older.send(subscribeItem(group, alice, { after: 1 }))
  assert.deepEqual(told(await older.take(2)), ["subscribed 1 head 3 acked 3 epoch 1", "gap 3"])
})

test("how far a seat has read is on no disk; after a restart its reader says it anew, and then the body goes", async () => {
  const store = openInProcessDeliveryStore(":memory:")
  const world = await deliveryWorld({ store })
  const { alice, bob, group, poster } = await pairIn(world)
  const [readsA, readsB] = [await world.reader(), await world.reader()]
  readsA.send(subscribeItem(group, alice))
  readsB.send(subscribeItem(group, bob))
  poster.send(postItem(group, bodyOf("one")))
  await Promise.all([readsA.take(3), readsB.take(3), poster.take(1)])
  await world.half.upkeep()
  const { groupId } = group
  const before = await store.loadGroup({ groupId, placedSinceHour: 0 })
  readsA.send({ type: "ack", sub: 1, order: 2 })
  await world.half.upkeep()
  assert.deepEqual(await store.loadGroup({ groupId, placedSinceHour: 0 }), before)
  const restarted = await deliveryWorld({ store })
  const [again, other] = [await restarted.reader(), await restarted.reader()]
  other.send(subscribeItem(group, bob))
  await other.take(3)
  other.send({ type: "ack", sub: 1, order: 2 })
  await restarted.half.upkeep()
  assert.equal((await store.depth({})).bodies, 2, "nobody knows that Alice has them")
  again.send(subscribeItem(group, alice, { after: 2 }))
  assert.deepEqual(told(await again.take()), ["subscribed 1 head 2 acked 0 epoch 1"])
  await restarted.half.upkeep()
  assert.equal((await store.depth({})).bodies, 0)
})

test("the same post, commit and group again get the same answer and are not placed twice", async () => {
  const world = await deliveryWorld()
  const { alice, group, poster, first, addsBob } = await pairIn(world)
  const post = postItem(group, bodyOf("one"))
  poster.send(post, post, { ...post, ref: 3 })
  assert.deepEqual(told(await poster.take(3)), ["placed 1 2", "placed 1 2", "placed 3 2"])
  poster.send({ ...addsBob, ref: 8 }, createItem(first, alice, 9), createItem(first, newSeat(), 10))
  assert.deepEqual(told(await poster.take(3)), ["committed 8 1", "done 9", "refused 10 group_exists"])
})

test("a removed seat gets its removing commit and nothing after it, and goes when that is acknowledged", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const readsB = await world.reader()
  readsB.send(subscribeItem(group, bob, { after: 1 }))
  const { item, next } = commitItem(group, { by: alice, removes: [bob.seat] })
  poster.send(item, postItem(group, bodyOf("old key"), { ref: 2 }), postItem(next, bodyOf("new"), { ref: 3 }))
  assert.deepEqual(told(await poster.take(3)), ["refused 2 epoch_stale", "committed 1 2", "placed 3 3"])
  assert.deepEqual(told(await readsB.take(2)), ["subscribed 1 head 1 acked 0 epoch 1", "commit 2"])
  readsB.send({ type: "ack", sub: 1, order: 2 })
  await world.half.upkeep()
  assert.deepEqual(told(await readsB.take()), ["unsubscribed 1 seat_unknown"])
  readsB.send(subscribeItem(group, bob, { sub: 2 }))
  assert.deepEqual(told(await readsB.take()), ["unsubscribed 2 seat_unknown"])
})

test("a post of the epoch before is taken, one of an earlier or a later epoch is told the group's", async () => {
  const world = await deliveryWorld()
  const { alice, group, poster } = await pairIn(world)
  const { item, next } = commitItem(group, { by: alice })
  poster.send(item, postItem(group, bodyOf("late"), { ref: 2 }))
  assert.deepEqual(told(await poster.take(2)), ["committed 1 2", "placed 2 3"])
  const { item: second, next: third } = commitItem(next, { by: alice })
  poster.send(second, postItem(group, bodyOf("too late"), { ref: 2 }), postItem({ ...third, epoch: 9 }, bodyOf("ahead"), { ref: 3 }))
  const answers = await poster.take(3)
  assert.deepEqual(told(answers).sort(), ["committed 1 4", "refused 2 epoch_stale", "refused 3 epoch_future"])
  assert.ok(answers.every((answer) => answer.type !== "refused" || answer.epoch === 3))
  poster.send(postItem(group, bodyOf("late"), { ref: 4 }))
  assert.deepEqual(told(await poster.take()), ["placed 4 3"], "placed before its epoch ended")
})

test("a seat is handed to a new key by its old one, and nothing of the old secret works afterwards", async () => {
  const world = await deliveryWorld()
  const { bob, group, poster } = await pairIn(world)
  const [next, mallory] = [newSeat(bob.seat), newSeat(bob.seat)]
  const reader = await world.reader()
  reader.send(subscribeItem(group, bob))
  await reader.take(2)
  poster.send(rekeyItem(group, mallory, mallory, 5, 1), rekeyItem(group, bob, next, 1, 2))
  assert.deepEqual(told(await poster.take(2)), ["refused 1 invalid_signature", "done 2"])
  assert.deepEqual(told(await reader.take()), ["unsubscribed 1 seat_rekeyed"])
  poster.send(rekeyItem(group, bob, next, 1, 3), rekeyItem(group, bob, mallory, 2, 4), rekeyItem(group, next, mallory, 1, 5))
  assert.deepEqual(told(await poster.take(3)), ["done 3", "refused 4 invalid_signature", "refused 5 rekey_stale"])
  reader.send(subscribeItem(group, bob, { sub: 2 }), subscribeItem(group, next, { sub: 3 }))
  assert.deepEqual(told(await reader.take(3)), ["unsubscribed 2 seat_unknown", "subscribed 3 head 1 acked 0 epoch 1", "join 1"])
  // The key that it has already: whoever reads there goes on.
  poster.send(rekeyItem(group, next, next, 2, 6), postItem(group, bodyOf("for who reads there"), { ref: 7 }))
  assert.deepEqual(told(await poster.take(2)), ["done 6", "placed 7 2"])
  assert.deepEqual(told(await reader.take()), ["post 2"])
})

test("an ephemeral post reaches who is connected and never the disk", async () => {
  const world = await deliveryWorld()
  const { bob, group, poster } = await pairIn(world)
  const reader = await world.reader()
  reader.send(subscribeItem(group, bob, { after: 1 }))
  await reader.take(1)
  poster.send(postItem(group, Uint8Array.of(1, 2), { flags: 1 }))
  assert.deepEqual(told(await poster.take()), ["placed 1 0"])
  assert.deepEqual(told(await reader.take()), ["ephemeral 0102"])
  assert.equal((await world.store.depth({})).bodies, 1)
})
