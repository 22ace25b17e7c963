// What members and strangers send that they must not: each with the closest that is allowed.

import assert from "node:assert/strict"
import { test } from "node:test"
import { limits } from "@nodoor/wire"
import { type CommitItem, fanoutOf, postFlags, postMac } from "@nodoor/wire/delivery"
import { sha256 } from "../core/crypto.ts"
import {
  bodies,
  bodyOf,
  commitItem,
  createItem,
  newKnownGroup,
  newSeat,
  postItem,
  rejoinItem,
  subscribeItem,
  told,
} from "../fixtures/delivery-member.ts"
import { deliveryStartMs, deliveryWorld, pairIn } from "../fixtures/delivery-world.ts"
import { random } from "../fixtures/device.ts"
import { defaultDeliveryRates } from "./log/rate.ts"

const changed = (bytes: Uint8Array, at = 0): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

test("a post is placed only with the MAC of its group, epoch, kind and body", async () => {
  const world = await deliveryWorld()
  const [one, other] = [await pairIn(world), await pairIn(world)]
  const { group, poster } = one
  const post = postItem(group, bodyOf("one"))
  const macOf = (input: Partial<Parameters<typeof postMac>[2]>, key = group.deliveryKey): Uint8Array =>
    postMac(sha256, key, { groupId: group.groupId, epoch: 1, flags: postFlags.post, bodyHash: sha256(post.body), ...input })
  const wrong = [
    changed(post.mac, 31),
    macOf({ groupId: other.group.groupId }),
    macOf({ epoch: 0 }),
    macOf({ flags: postFlags.ephemeral }),
    macOf({ flags: postFlags.commit }),
    macOf({ bodyHash: sha256(bodyOf("two")) }),
    macOf({}, other.group.deliveryKey),
    // Of the epoch before, for the present one.
    macOf({}, one.first.deliveryKey),
  ]
  for (const [ref, mac] of wrong.entries()) poster.send({ ...post, ref, mac })
  assert.deepEqual(
    told(await poster.take(wrong.length)),
    wrong.map((_, ref) => `refused ${ref} invalid_mac`),
  )
  poster.send({ ...post, ref: 1, flags: 1 }, { ...post, ref: 2, groupId: random(32) }, { ...post, ref: 3, epoch: 0 })
  const answers = told(await poster.take(3)).sort()
  assert.deepEqual(answers, ["refused 1 invalid_mac", "refused 2 group_not_found", "refused 3 invalid_mac"])
  poster.send(post)
  assert.deepEqual(told(await poster.take()), ["placed 1 2"])
})

test("the key of the epoch before places posts until a removal ends it, and no commit", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const { item, next } = commitItem(group, { by: alice })
  const late = commitItem(group, { by: alice, ref: 3 }).item
  poster.send(item, postItem(group, bodyOf("late"), { ref: 2 }), late)
  assert.deepEqual(told(await poster.take(3)).sort(), ["committed 1 2", "placed 2 3", "refused 3 epoch_stale"])
  // The MAC of the old key under the new epoch's number is no way round.
  const forged = { ...commitItem({ ...group, epoch: next.epoch }, { by: alice }).item, ref: 4 }
  poster.send(forged)
  assert.deepEqual(told(await poster.take()), ["refused 4 invalid_mac"])
  poster.send(commitItem(next, { by: alice, removes: [bob.seat] }).item, postItem(next, bodyOf("removed"), { ref: 5 }))
  assert.deepEqual(told(await poster.take(2)).sort(), ["committed 1 4", "refused 5 epoch_stale"])
})

test("a commit is taken only with its seat's signature over everything that the server acts on", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const [carol, mallory] = [newSeat(), newSeat()]
  const { item } = commitItem(group, { by: alice, adds: [carol], removes: [bob.seat] })
  const commit = random(200)
  const wrong: CommitItem[] = [
    { ...item, signature: changed(item.signature) },
    { ...item, seat: bob.seat },
    { ...item, adds: [{ ...carol, publicKey: mallory.publicKey }] },
    { ...item, adds: [{ ...carol, readHash: mallory.readHash }] },
    { ...item, adds: [{ ...carol, seat: mallory.seat }] },
    { ...item, adds: [carol, mallory] },
    { ...item, removes: [] },
    { ...item, removes: [alice.seat] },
    { ...item, nextDeliveryKey: changed(item.nextDeliveryKey) },
    { ...item, groupInfo: random(500) },
    { ...item, commit, mac: postMac(sha256, group.deliveryKey, { groupId: group.groupId, epoch: 1, flags: 2, bodyHash: sha256(commit) }) },
  ]
  for (const [ref, one] of wrong.entries()) poster.send({ ...one, ref })
  assert.deepEqual(
    told(await poster.take(wrong.length)),
    wrong.map((_, ref) => `refused ${ref} invalid_signature`),
  )
  poster.send({ ...item, ref: 50, mac: changed(item.mac) }, commitItem(group, { by: mallory, ref: 51 }).item)
  assert.deepEqual(told(await poster.take(2)), ["refused 50 invalid_mac", "refused 51 seat_unknown"])
  poster.send(item)
  assert.deepEqual(told(await poster.take()), ["committed 1 2"])
})

test("a removed seat commits no more, and of two commits in one epoch the first is taken", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const { item, next } = commitItem(group, { by: alice, removes: [bob.seat], ref: 1 })
  const lost = commitItem(group, { by: bob, ref: 2 }).item
  poster.send(item, lost, commitItem(next, { by: bob, ref: 3 }).item, commitItem({ ...next, epoch: 7 }, { by: alice, ref: 4 }).item)
  const answers = await poster.take(4)
  assert.deepEqual(told(answers).sort(), ["committed 1 2", "refused 2 epoch_stale", "refused 3 seat_unknown", "refused 4 epoch_future"])
})

test("adding a seat that is there changes neither its keys nor what it reads, and removing one that is gone is no error", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const stolen = newSeat(bob.seat)
  const { item, next } = commitItem(group, { by: alice, adds: [stolen], removes: [random(16)] })
  poster.send(item)
  const [committed] = await poster.take()
  assert.ok(committed?.type === "committed")
  assert.deepEqual(committed.fanout, fanoutOf(sha256, [alice.seat, bob.seat]))
  const reader = await world.reader()
  reader.send(subscribeItem(next, stolen, { sub: 1 }), subscribeItem(next, bob, { sub: 2 }))
  assert.deepEqual(told(await reader.take(4)), ["unsubscribed 1 seat_unknown", "subscribed 2 head 2 acked 0 epoch 2", "join 1", "commit 2"])
  poster.send(commitItem(next, { by: stolen, ref: 2 }).item)
  assert.deepEqual(told(await poster.take()), ["refused 2 invalid_signature"])
})

test("lists of a commit that contradict each other, and seats that were removed, are refused; a seat too many is too many", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const carol = newSeat()
  for (const [adds, removes] of [
    [[carol, carol], []],
    [[carol], [carol.seat]],
    [[], [bob.seat, bob.seat]],
  ] as const) {
    poster.send(commitItem(group, { by: alice, adds, removes }).item)
    assert.deepEqual(told(await poster.take()), ["refused 1 bad_request"])
  }
  const { item, next } = commitItem(group, { by: alice, removes: [bob.seat] })
  poster.send(item, commitItem(next, { by: alice, adds: [newSeat(bob.seat)], ref: 2 }).item)
  assert.deepEqual(told(await poster.take(2)).sort(), ["committed 1 2", "refused 2 bad_request"])
  const many = Array.from({ length: limits.devicesPerGroup }, () => ({ seat: random(16), publicKey: random(32), readHash: random(32) }))
  poster.send(commitItem(next, { by: alice, adds: many, ref: 3 }).item)
  assert.deepEqual(told(await poster.take()), ["refused 3 too_many_seats"])
  poster.send(commitItem(next, { by: alice, adds: many.slice(1), ref: 4 }).item)
  assert.deepEqual(told(await poster.take()), ["committed 4 3"])
})

test("a group is made only by its creator's seat, and a group that everybody left takes nothing more and goes", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const create = createItem(newKnownGroup(), newSeat(), 1)
  assert.ok(create.type === "create")
  poster.send({ ...create, readHash: random(32) }, { ...create, ref: 2, deliveryKey: random(32) })
  assert.deepEqual(told(await poster.take(2)), ["refused 1 invalid_signature", "refused 2 invalid_signature"])
  const { item, next } = commitItem(group, { by: alice, removes: [alice.seat, bob.seat] })
  poster.send(item, postItem(next, bodyOf("nobody"), { ref: 2 }))
  assert.deepEqual(told(await poster.take(2)).sort(), ["committed 1 2", "refused 2 group_not_found"])
  const reader = await world.reader()
  reader.send(subscribeItem(next, alice, { sub: 1 }), subscribeItem(next, bob, { sub: 2 }))
  assert.deepEqual(told(await reader.take(5)).sort(), [
    "commit 1",
    "commit 2",
    "commit 2",
    "join 1",
    "subscribed 1 head 2 acked 0 epoch 2",
    "subscribed 2 head 2 acked 0 epoch 2",
  ])
  reader.send({ type: "ack", sub: 1, order: 2 }, { type: "ack", sub: 2, order: 2 })
  await world.half.upkeep()
  await world.half.sweep()
  assert.deepEqual(await world.store.depth({}), { groups: 0, bodies: 0, bytes: 0, oldestHour: undefined })
})

test("the log of a group holds so much and no more: the oldest goes, a commit is never refused, and readers learn of the gap", async () => {
  const world = await deliveryWorld({ groupMaxBytes: 20_000 })
  const { alice, bob, group, poster } = await pairIn(world)
  poster.send(postItem(group, random(20_001), { ref: 1 }))
  assert.deepEqual(told(await poster.take()), ["refused 1 log_full"])
  for (let ref = 0; ref < 50; ref++) poster.send(postItem(group, random(1_000), { ref }))
  await poster.take(50)
  const { bytes, bodies: count } = await world.store.depth({})
  assert.ok(bytes <= 20_000 && count >= 18, `${bytes}`)
  const reader = await world.reader()
  reader.send(subscribeItem(group, bob))
  const read = told(await reader.take(2 + count))
  assert.deepEqual(read.slice(0, 3), ["subscribed 1 head 51 acked 0 epoch 1", `gap ${51 - count}`, `post ${52 - count}`])
  poster.send(commitItem(group, { by: alice, commit: random(60_000) }).item)
  assert.deepEqual(told(await poster.take()), ["committed 1 52"])
  assert.deepEqual(told(await reader.take()).at(-1), "commit 52")
  assert.equal((await world.store.depth({})).bodies, 1, "the commit alone is larger than the log may be")
})

test("posts are bounded by address and by group, and a refusal says when to come back and places nothing", async () => {
  const rates = { ...defaultDeliveryRates, address: { burst: 40, perSecond: 10 }, group: { burst: 20, perSecond: 1 } }
  const world = await deliveryWorld({ rates })
  const { group, poster } = await pairIn(world)
  for (const [ref, body] of bodies(30).entries()) poster.send(postItem(group, body, { ref }))
  const answers = await poster.take(30)
  const limited = answers.filter((answer) => answer.type === "refused")
  assert.ok(limited.length >= 5 && limited.every(({ code, retryAfterMs }) => code === "rate_limited" && retryAfterMs > 0))
  assert.ok(answers.filter(({ type }) => type === "placed").length >= 18)
  const elsewhere = await world.poster("198.51.100.7")
  elsewhere.send(postItem(group, bodyOf("again"), { ref: 77 }))
  assert.deepEqual(told(await elsewhere.take()), ["refused 77 rate_limited"], "the group's own")
  world.clock.set(deliveryStartMs + 1_000)
  elsewhere.send(postItem(group, bodyOf("again"), { ref: 78 }))
  assert.match(told(await elsewhere.take())[0] ?? "", /^placed 78/)
})

test("who knows no key cannot use up a group's rate", async () => {
  const world = await deliveryWorld({ rates: { ...defaultDeliveryRates, group: { burst: 10, perSecond: 0.001 } } })
  const { group, poster } = await pairIn(world)
  const forged = { ...postItem(group, bodyOf("x")), mac: random(32) }
  for (let ref = 0; ref < 100; ref++) poster.send({ ...forged, ref })
  assert.equal((await poster.take(100)).length, 100)
  poster.send(postItem(group, bodyOf("member")))
  assert.deepEqual(told(await poster.take()), ["placed 1 2"])
})

test("hours of a log never go back, whatever the clock does", async () => {
  const world = await deliveryWorld()
  const { group, poster } = await pairIn(world)
  const hours: number[] = []
  for (const [ref, offset] of [0, 7_200_000, -86_400_000, 3_600_000, 10_800_000].entries()) {
    world.clock.set(deliveryStartMs + offset)
    poster.send(postItem(group, bodyOf(String(ref)), { ref }))
    const [placed] = await poster.take()
    assert.ok(placed?.type === "placed")
    hours.push(placed.hour - Math.floor(deliveryStartMs / 3_600_000))
  }
  assert.deepEqual(hours, [0, 2, 2, 2, 3])
})

test("a request to be let in again is taken only with the signature of its seat over group, seat, epoch and contents", async () => {
  const world = await deliveryWorld()
  const [one, other] = [await pairIn(world), await pairIn(world)]
  const { alice, bob, group, poster } = one
  const item = rejoinItem(group, bob)
  const wrong = [
    { ...item, signature: changed(item.signature) },
    { ...item, seat: alice.seat },
    { ...item, groupId: other.group.groupId, seat: other.bob.seat },
    { ...item, epoch: 0 },
    { ...item, sealed: changed(item.sealed, 8_000) },
    rejoinItem(group, { ...newSeat(), seat: bob.seat }),
  ]
  for (const [ref, each] of wrong.entries()) poster.send({ ...each, ref })
  assert.deepEqual(
    told(await poster.take(wrong.length)),
    wrong.map((_, ref) => `refused ${ref} invalid_signature`),
  )
  poster.send(
    rejoinItem(group, newSeat(), { ref: 1 }),
    rejoinItem({ ...group, epoch: 9 }, bob, { ref: 2 }),
    rejoinItem(newKnownGroup(), bob, { ref: 3 }),
  )
  assert.deepEqual(told(await poster.take(3)).sort(), ["refused 1 seat_unknown", "refused 2 epoch_future", "refused 3 group_not_found"])
  poster.send(item)
  assert.deepEqual(told(await poster.take()), ["done 1"])
})

test("a seat asks once an hour, the same request is answered alike, and what it asked goes with the seat", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const item = rejoinItem(group, bob)
  poster.send(item, item, rejoinItem(group, bob, { ref: 2 }))
  assert.deepEqual(told(await poster.take(3)).sort(), ["done 1", "done 1", "refused 2 rate_limited"])
  world.clock.set(deliveryStartMs + limits.rejoinMs)
  const newer = rejoinItem(group, bob, { ref: 3 })
  poster.send(newer)
  assert.deepEqual(told(await poster.take()), ["done 3"])
  // What stands there is the newest, also for who comes later.
  const reader = await world.reader()
  reader.send(subscribeItem(group, alice))
  const [, asked] = await reader.take(3)
  assert.deepEqual(asked?.type === "rejoin" && [asked.sub, asked.seat, asked.epoch, asked.sealed], [1, bob.seat, 1, newer.sealed])
  poster.send(commitItem(group, { by: alice, removes: [bob.seat] }).item, { ...rejoinItem(group, bob), ref: 4 })
  assert.deepEqual(told(await poster.take(2)).sort(), ["committed 1 2", "refused 4 seat_unknown"])
  const later = await world.reader()
  later.send(subscribeItem(group, alice, { after: 1 }))
  assert.deepEqual(told(await later.take(2)), ["subscribed 1 head 2 acked 0 epoch 2", "commit 2"])
})

test("a request to be let in again reaches the other seats that are connected, and neither its own nor one that has left", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const carol = newSeat()
  const { item, next } = commitItem(group, { by: alice, adds: [carol] })
  poster.send(item)
  await poster.take()
  const reader = await world.reader()
  for (const [at, seat] of [alice, bob, carol].entries()) reader.send(subscribeItem(next, seat, { sub: at + 1, after: 2 }))
  await reader.take(3)
  const removal = commitItem(next, { by: alice, removes: [carol.seat] })
  poster.send(removal.item)
  await poster.take()
  await reader.take(3)
  const asks = rejoinItem(removal.next, bob)
  poster.send(asks)
  assert.deepEqual(told(await poster.take()), ["done 1"])
  const got = await reader.take(1)
  assert.deepEqual(
    got.flatMap((answer) => (answer.type === "rejoin" ? [[answer.sub, answer.sealed]] : [])),
    [[1, asks.sealed]],
  )
})

test("a request to be let in again is on no disk: a service that was started anew has none, and takes it again at once", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const item = rejoinItem(group, bob)
  poster.send(item)
  assert.deepEqual(told(await poster.take()), ["done 1"])
  const again = await deliveryWorld({ store: world.store })
  const [reader, posting] = [await again.reader(), await again.poster()]
  reader.send(subscribeItem(group, alice, { after: 1 }))
  assert.deepEqual(told(await reader.take()), ["subscribed 1 head 1 acked 0 epoch 1"])
  posting.send(item)
  assert.deepEqual(told(await posting.take()), ["done 1"])
  const [asked] = await reader.take()
  assert.deepEqual(asked?.type === "rejoin" && [asked.seat, asked.sealed], [bob.seat, item.sealed])
  // Nobody answers for as long as a message waits: the device has to ask anew.
  again.clock.set(deliveryStartMs + 30 * 86_400_000 + 1)
  await again.half.sweep()
  const later = await again.reader()
  later.send(subscribeItem(group, alice, { after: 1 }))
  assert.deepEqual(told(await later.take()), ["subscribed 1 head 1 acked 1 epoch 1"])
})

test("what asks together with the commit that adds it is shown once that is on disk", async () => {
  const world = await deliveryWorld()
  const { alice, group, poster } = await pairIn(world)
  const reader = await world.reader()
  reader.send(subscribeItem(group, alice, { after: 1 }))
  await reader.take(1)
  const carol = newSeat()
  const { item, next } = commitItem(group, { by: alice, adds: [carol] })
  const asks = rejoinItem(next, carol, { ref: 2 })
  poster.send(item, asks)
  assert.deepEqual(told(await poster.take(2)), ["committed 1 2", "done 2"])
  assert.deepEqual(
    (await reader.take(2)).map(({ type }) => type),
    ["commit", "rejoin"],
  )
})

test("no more requests to be let in again wait in a group than it holds, and one that is there can still be renewed", async () => {
  const world = await deliveryWorld()
  const { alice, group, poster } = await pairIn(world)
  const seats = Array.from({ length: limits.rejoinsPerGroup + 1 }, () => newSeat())
  const { item, next } = commitItem(group, { by: alice, adds: seats })
  poster.send(item)
  await poster.take()
  for (const [ref, seat] of seats.entries()) poster.send(rejoinItem(next, seat, { ref }))
  const answers = told(await poster.take(seats.length))
  assert.deepEqual(
    answers.filter((each) => !each.startsWith("done")),
    [`refused ${limits.rejoinsPerGroup} rate_limited`],
  )
  world.clock.set(deliveryStartMs + limits.rejoinMs)
  poster.send(rejoinItem(next, seats[0] ?? newSeat(), { ref: 9 }))
  assert.deepEqual(told(await poster.take()), ["done 9"])
})
