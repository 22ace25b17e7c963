// Frames and clients that do what they must not, and a store that fails: each gets a code, nothing is lost, and memory stays bounded.

import assert from "node:assert/strict"
import { setImmediate } from "node:timers/promises"
import { test } from "node:test"
import { concat } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import { encodePostingRequest, encodeReadingRequest } from "@nodoor/wire/delivery"
import fc from "fast-check"
import { bodies, bodyOf, commitItem, newSeat, passOf, postItem, postClient, subscribeItem, told } from "../fixtures/delivery-member.ts"
import { deliveryStartMs, deliveryWorld, pairIn } from "../fixtures/delivery-world.ts"
import { random } from "../fixtures/device.ts"
import { openInProcessDeliveryStore } from "./store/sqlite/in-process.ts"

const unknownItem = (sub: number) =>
  ({ type: "subscribe", sub, groupId: random(32), seat: random(16), readSecret: random(32), after: 0 }) as const

test("a frame that is none ends the stream with its code: too many posts, too large, half an item, an unknown item, nothing", async () => {
  const world = await deliveryWorld()
  const { group } = await pairIn(world)
  const post = encodePostingRequest([postItem(group, bodyOf("one"))])
  const frames = {
    "10,000 posts": concat(...Array.from({ length: 10_000 }, () => post)),
    "100 MB": new Uint8Array(100 * 1024 * 1024).fill(2),
    "half an item": post.subarray(0, 60),
    "an item and a half": concat(post, post.subarray(0, 50)),
    "no such item": concat(post, Uint8Array.of(0x7f)),
    "an answer": Uint8Array.of(0x82, ...new Uint8Array(16)),
    "an item for reading": encodeReadingRequest([{ type: "ack", sub: 1, order: 1 }]),
    nothing: new Uint8Array(),
    "no body": encodePostingRequest([postItem(group, bodyOf("one"))]).map((byte, at) => (at >= 78 && at < 82 ? 0 : byte)),
  }
  for (const [what, frame] of Object.entries(frames)) {
    const client = await world.poster()
    client.port.receive(frame)
    assert.deepEqual(told(await client.take()), ["closed bad_request"], what)
    assert.ok(client.line.isClosed)
    client.port.receive(post)
    client.port.closed()
  }
  assert.equal((await world.store.depth({})).bodies, 1, "nothing of these frames was placed")
  const good = await world.poster()
  good.port.receive(concat(...Array.from({ length: limits.frameItems }, () => post)))
  assert.equal((await good.take(limits.frameItems)).length, limits.frameItems)
  const reader = await world.reader()
  reader.port.receive(post)
  assert.deepEqual(told(await reader.take()), ["closed bad_request"])
})

test("nothing is done before a stream is open, and it opens once", async () => {
  const world = await deliveryWorld()
  const { group, bob } = await pairIn(world)
  const stranger = postClient(world.half, random(53))
  assert.deepEqual(told(await stranger.take()), ["closed pass_invalid"])
  const hour = Math.floor(deliveryStartMs / 3_600_000)
  const client = postClient(world.half, await passOf(world.store, "post", hour))
  client.send({ type: "open", with: "pass", data: await passOf(world.store, "post", hour) })
  assert.deepEqual(told(await client.take(2)), ["opened", "closed bad_request"])
  const unopened = await world.reader()
  unopened.port.closed()
  const first = world.half.connectRead(unopened.line, { address: "192.0.2.1" })
  first.receive(encodeReadingRequest([subscribeItem(group, bob)]))
  assert.deepEqual(told(await unopened.take()), ["closed unauthorized"])
  const second = world.half.connectPost(unopened.line, { address: "192.0.2.1" })
  second.receive(encodePostingRequest([postItem(group, bodyOf("x"))]))
  await setImmediate()
  assert.equal((await world.store.depth({})).bodies, 1)
})

test("a stream follows thousands of groups, and is told of each that it may not read", async () => {
  const world = await deliveryWorld({ stateMaxBytes: 400_000 })
  const pairs = []
  for (let count = 0; count < 60; count++) pairs.push(await pairIn(world))
  const reader = await world.reader()
  for (const [sub, { group, bob }] of pairs.entries()) reader.send(subscribeItem(group, bob, { sub }))
  assert.equal((await reader.take(120)).filter(({ type }) => type === "join").length, 60)
  const unknown = Array.from({ length: 5_000 }, (_, at) => unknownItem(1_000 + at))
  for (let at = 0; at < unknown.length; at += 1_000) reader.send(...unknown.slice(at, at + 1_000))
  const refused = told(await reader.take(5_000))
  assert.ok(refused.length === 5_000 && refused.every((line) => line.endsWith("group_not_found")))
  const [{ group, bob, poster }] = pairs as [(typeof pairs)[0]]
  poster.send(postItem(group, bodyOf("still")))
  await poster.take()
  assert.deepEqual(told(await reader.take()), ["post 2"])
  reader.send(subscribeItem(group, bob, { sub: 3 }))
  assert.deepEqual(told(await reader.take()).at(-1), "closed bad_request", "a number of a subscription stands for one")
})

test("a stream has its number of subscriptions and no more", async () => {
  const world = await deliveryWorld()
  // One seat for all of them would be taken over each time; so these wait for a store that does not answer.
  const never = await deliveryWorld({ store: { ...world.store, loadGroup: () => new Promise(() => {}) } })
  const waiting = await never.reader()
  const frame = (from: number, count: number) => Array.from({ length: count }, (_, at) => unknownItem(from + at))
  for (let from = 0; from < limits.subscriptions; from += 1_024) waiting.send(...frame(from, 1_024))
  waiting.send(...frame(limits.subscriptions, 1))
  assert.deepEqual(told(await waiting.take()), [`unsubscribed ${limits.subscriptions} too_large`])
})

test("the same seat twice is read by the newer subscription, and unknown numbers are ignored", async () => {
  const world = await deliveryWorld()
  const { group, bob, poster } = await pairIn(world)
  const reader = await world.reader()
  reader.send(subscribeItem(group, bob, { sub: 1, after: 1 }), subscribeItem(group, bob, { sub: 2, after: 1 }))
  assert.deepEqual(told(await reader.take(3)), [
    "subscribed 1 head 1 acked 0 epoch 1",
    "unsubscribed 1 seat_taken",
    "subscribed 2 head 1 acked 1 epoch 1",
  ])
  reader.send({ type: "ack", sub: 1, order: 1 }, { type: "ack", sub: 99, order: 1 }, { type: "unsubscribe", sub: 98 })
  poster.send(postItem(group, bodyOf("once")))
  assert.deepEqual(told(await reader.take()), ["post 2"])
  reader.send({ type: "unsubscribe", sub: 2 })
  poster.send(postItem(group, bodyOf("more")))
  await poster.take(2)
  reader.send({ type: "ping" })
  assert.deepEqual(told(await reader.take()), ["pong"])
})

test("nobody acknowledges what was not sent, nor reads ahead of the log", async () => {
  const world = await deliveryWorld()
  const { group, bob } = await pairIn(world)
  const reader = await world.reader()
  reader.send(subscribeItem(group, bob, { sub: 1 }))
  await reader.take(2)
  reader.send({ type: "ack", sub: 1, order: 2 })
  assert.deepEqual(told(await reader.take()), ["unsubscribed 1 cursor_ahead"])
  await world.half.upkeep()
  assert.equal((await world.store.depth({})).bodies, 1)
  reader.send(subscribeItem(group, bob, { sub: 2, after: 2 }))
  assert.deepEqual(told(await reader.take()), ["unsubscribed 2 cursor_ahead"])
})

test("a client that takes nothing holds up nobody, keeps nothing in memory, and catches up when it reads again", async () => {
  const world = await deliveryWorld()
  const { alice, bob, group, poster } = await pairIn(world)
  const [slow, quick] = [await world.reader(), await world.reader()]
  slow.send(subscribeItem(group, alice, { after: 1 }))
  quick.send(subscribeItem(group, bob, { after: 1 }))
  await Promise.all([slow.take(), quick.take()])
  slow.line.stall()
  const count = 200
  for (let ref = 0; ref < count; ref++) {
    poster.send(postItem(group, random(60_000), { ref }))
    await poster.take()
  }
  assert.equal((await quick.take(count)).length, count)
  assert.ok(slow.line.buffered < 4 * 1024 * 1024, `${slow.line.buffered}`)
  slow.line.flow()
  const orders = told(await slow.take(count))
  assert.deepEqual(
    orders,
    Array.from({ length: count }, (_, at) => `post ${at + 2}`),
  )
})

test("a poster that does not read its answers is cut, and what it posted was placed once", async () => {
  const world = await deliveryWorld()
  const { group, poster } = await pairIn(world)
  poster.line.stall()
  const post = postItem(group, bodyOf("again and again"))
  const frame = encodePostingRequest(Array.from({ length: 1_000 }, () => post))
  let frames = 0
  for (; !poster.line.isClosed && frames < 2_000; frames++) {
    poster.port.receive(frame)
    if (frames % 10 === 0) await setImmediate()
  }
  assert.ok(poster.line.isClosed && frames < 1_000, `${frames}`)
  assert.ok(poster.line.buffered < 16 * 1024 * 1024)
  poster.line.flow()
  assert.match(told(await poster.take()).at(-1) ?? "", /closed (?:slow_reader|pass_used_up)/)
  assert.equal((await world.store.depth({})).bodies, 2)
})

test("whatever bytes come, a stream answers with codes of the wire or ends with one, and never throws", async () => {
  const world = await deliveryWorld()
  const { group, alice, bob, first } = await pairIn(world)
  const posting = encodePostingRequest([
    postItem(group, bodyOf("one")),
    commitItem(group, { by: alice, adds: [newSeat()] }).item,
    { type: "ping" },
  ])
  const reading = encodeReadingRequest([
    subscribeItem(group, bob),
    { type: "ack", sub: 1, order: 1 },
    subscribeItem(first, alice, { sub: 2 }),
  ])
  const garbage = fc.record({
    at: fc.nat(),
    bytes: fc.uint8Array({ maxLength: 40 }),
    cut: fc.nat(200),
    whole: fc.uint8Array({ maxLength: 300 }),
  })
  await fc.assert(
    fc.asyncProperty(garbage, fc.constantFrom("changed", "cut", "random"), async ({ at, bytes, cut, whole }, how) => {
      for (const [client, frame] of [
        [await world.poster(), posting],
        [await world.reader(), reading],
      ] as const) {
        const broken = frame.slice()
        if (how === "changed") broken.set(bytes.subarray(0, frame.length - (at % frame.length)), at % frame.length)
        client.port.receive(how === "random" ? whole : how === "cut" ? broken.subarray(0, Math.max(0, frame.length - cut)) : broken)
        await setImmediate()
        const answers = await client.take(0)
        assert.ok(answers.every((answer) => answer.type !== "closed" || answer.code === "bad_request" || answer.code === "rate_limited"))
        client.port.closed()
      }
      world.clock.set(world.clock.nowMs() + 1_000)
    }),
    { numRuns: 300 },
  )
  assert.ok(!world.log.includes("internal"))
  assert.deepEqual(world.half.streams(), { reading: 0, posting: 1 })
})

test("while the store cannot write, items are refused and nothing is told as placed; afterwards all goes on in one order", async () => {
  const real = openInProcessDeliveryStore(":memory:")
  let mode: "works" | "fails" | "writes and says nothing" = "works"
  const store = {
    ...real,
    write: async (input: Parameters<typeof real.write>[0]) => {
      if (mode === "fails") throw new RangeError("disk")
      await real.write(input)
      if (mode !== "works") throw new RangeError("disk")
    },
  }
  const world = await deliveryWorld({ store })
  const { group, alice, bob, poster } = await pairIn(world)
  const reader = await world.reader()
  reader.send(subscribeItem(group, bob, { after: 1 }))
  await reader.take()
  mode = "fails"
  const [one, two, three] = bodies(3).map((body, ref) => postItem(group, body, { ref }))
  assert.ok(one !== undefined && two !== undefined && three !== undefined)
  poster.send(one, commitItem(group, { by: alice, ref: 9 }).item)
  assert.deepEqual(told(await poster.take(2)).sort(), ["refused 0 unavailable", "refused 9 unavailable"])
  assert.deepEqual(told(await reader.take()), ["unsubscribed 1 unavailable"])
  mode = "writes and says nothing"
  poster.send(two)
  assert.deepEqual(told(await poster.take()), ["refused 1 unavailable"])
  mode = "works"
  reader.send(subscribeItem(group, bob, { after: 1 }))
  assert.deepEqual(told(await reader.take(2)), ["subscribed 1 head 2 acked 0 epoch 1", "post 2"])
  poster.send(two, one, three)
  assert.deepEqual(told(await poster.take(3)).sort(), ["placed 0 3", "placed 1 2", "placed 2 4"])
  assert.deepEqual(told(await reader.take(2)), ["post 3", "post 4"])
})

test("after a restart everything goes on: orders, places, keys and cursors", async () => {
  const store = openInProcessDeliveryStore(":memory:")
  const world = await deliveryWorld({ store })
  const { group, alice, bob, poster } = await pairIn(world)
  const post = postItem(group, bodyOf("before"))
  const { item, next } = commitItem(group, { by: alice, ref: 2 })
  poster.send(post, item)
  await poster.take(2)
  const reader = await world.reader()
  reader.send(subscribeItem(group, bob))
  await reader.take(4)
  reader.send({ type: "ack", sub: 1, order: 2 })
  await world.half.settled()
  world.half.close()
  assert.deepEqual(told(await reader.take()), ["closed unavailable"])
  const again = await deliveryWorld({ store })
  const [posts, reads] = [await again.poster(), await again.reader()]
  posts.send(post, item, postItem(group, bodyOf("old key"), { ref: 3 }), postItem(next, bodyOf("new key"), { ref: 4 }))
  assert.deepEqual(told(await posts.take(4)), ["placed 1 2", "committed 2 3", "placed 3 4", "placed 4 5"])
  reads.send(subscribeItem(next, bob, { after: 2 }))
  assert.deepEqual(told(await reads.take(4)), ["subscribed 1 head 5 acked 0 epoch 2", "commit 3", "post 4", "post 5"])
})

test("retention ends what waits when its whole day is past it, and a reader from before learns of the gap", async () => {
  const world = await deliveryWorld({ messageDays: 2 })
  const { group, bob, poster } = await pairIn(world)
  poster.send(postItem(group, bodyOf("old")))
  await poster.take()
  const sees = async (count: number) => {
    const reader = await world.reader()
    reader.send(subscribeItem(group, bob))
    return told(await reader.take(count))
  }
  // Half past twelve and two days, and half an hour before and after the midnight that follows.
  world.clock.set(deliveryStartMs + 59 * 3_600_000)
  const later = await world.poster()
  later.send(postItem(group, bodyOf("new")))
  assert.deepEqual(told(await later.take()), ["placed 1 3"])
  await world.half.sweep()
  assert.deepEqual(await sees(4), ["subscribed 1 head 3 acked 0 epoch 1", "join 1", "post 2", "post 3"])
  world.clock.set(deliveryStartMs + 60 * 3_600_000)
  await world.half.sweep()
  assert.deepEqual(await sees(3), ["subscribed 1 head 3 acked 0 epoch 1", "gap 2", "post 3"])
})
