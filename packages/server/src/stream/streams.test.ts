import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { ackMailbox, encodeMessage, limits, post, readMailbox, updateAccount } from "@nodoor/wire"
import {
  addToGroup,
  newDevice,
  newGroup,
  nextState,
  postRequest,
  postTo,
  random,
  type SignedIn,
  signIn,
  signUp,
  takeState,
  type TestGroup,
} from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { connectDelivery, type TestStream } from "../fixtures/stream.ts"
import { type World, type WorldOptions, newWorld } from "../fixtures/world.ts"

async function arranged(options: WorldOptions = {}): Promise<{ world: World; alice: SignedIn; group: TestGroup }> {
  const world = await newWorld(options)
  const alice = await signUp(world.caller, world.origin, "alice")
  return { world, alice, group: await newGroup(world.caller, alice) }
}

async function opened(world: World, { token }: SignedIn, after = 0): Promise<ReturnType<typeof connectDelivery>> {
  const stream = connectDelivery(world.delivery)
  stream.send({ type: "open", token, after })
  await stream.frame("opened")
  return stream
}

const closedWith = async (stream: TestStream): Promise<string> => (await stream.frame("closed")).code

test("a stream begins with what waits, goes on with what comes, and records of one turn share a frame", async () => {
  const { world, alice, group } = await arranged()
  await postTo(world.caller, group, random(9))
  const stream = await opened(world, alice)
  await stream.received(1)
  await Promise.all(Array.from({ length: 10 }, () => postTo(world.caller, group, random(9))))
  const records = await stream.received(11)
  assert.deepEqual(
    records.map(({ seq }) => seq),
    Array.from({ length: 11 }, (_, at) => at + 1),
  )
  assert.ok(stream.frames.filter((frame) => frame.type === "records").length < 11, "frames are fewer than records")
})

test("a commit reaches a connected member, and a Welcome one who was connected before being added", async () => {
  const { world, alice, group } = await arranged()
  const bob = await signUp(world.caller, world.origin, "bob")
  await world.store.uploadKeyPackages({
    deviceId: bob.device.deviceId,
    oneTime: [],
    lastResort: { hash: random(32), keyPackage: random(9) },
    maxOneTime: 9,
  })
  const [a, b] = [await opened(world, alice), await opened(world, bob)]
  await addToGroup(world.caller, group, alice, [bob])
  const [commit] = await a.received(1)
  const [welcome] = await b.received(1)
  assert.ok(commit?.kind === "commit" && welcome?.kind === "welcome")
  assert.deepEqual(commit.fanout, welcome.fanout)
  await postTo(world.caller, group, random(9))
  assert.equal((await b.received(2))[1]?.kind, "post")
})

test("an ack on the stream erases, a cursor that went back is told of the gap, one that is ahead is refused", async () => {
  const { world, alice, group } = await arranged()
  for (let at = 0; at < 3; at++) await postTo(world.caller, group, random(9))
  const stream = await opened(world, alice)
  await stream.received(3)
  stream.send({ type: "ack", seq: 1 })
  stream.send({ type: "ack", seq: 2 })
  stream.send({ type: "ping" })
  await stream.frame("pong")
  await until(async () => (await world.caller.call(readMailbox, { after: 2, max: 9 }, alice.token)).records.length === 1)
  const again = connectDelivery(world.delivery)
  again.send({ type: "open", token: alice.token, after: 0 })
  assert.deepEqual(await again.frame("opened"), { type: "opened", head: 3, acked: 2 })
  assert.deepEqual(
    (await again.received(2)).map(({ kind, seq }) => [kind, seq]),
    [
      ["gap", 2],
      ["post", 3],
    ],
  )
  again.send({ type: "ack", seq: 99 })
  assert.equal(await closedWith(again), "cursor_ahead")
  const ahead = connectDelivery(world.delivery)
  ahead.send({ type: "open", token: alice.token, after: 4 })
  assert.equal(await closedWith(ahead), "cursor_ahead")
  await refuses("cursor_ahead", world.caller.call(ackMailbox, { seq: 4 }, alice.token))
})

test("messages that were not fetched in time are gone with a gap that says so", async () => {
  const { world, alice, group } = await arranged({ delivery: { mailboxDays: 2 } })
  await postTo(world.caller, group, random(9))
  world.clock.timeMs += 2 * 86_400_000 + 1
  await postTo(world.caller, group, random(9))
  await world.delivery.sweep()
  const token = await signIn(world.caller, world.origin, alice.device)
  const stream = await opened(world, { ...alice, token })
  assert.deepEqual(
    (await stream.received(2)).map(({ kind, seq }) => [kind, seq]),
    [
      ["gap", 1],
      ["post", 2],
    ],
  )
})

test("a newer connection of the same device takes over and the older is told", async () => {
  const { world, alice, group } = await arranged()
  const first = await opened(world, alice)
  const second = await opened(world, alice)
  assert.equal(await closedWith(first), "session_replaced")
  await first.ended
  await postTo(world.caller, group, random(9))
  await second.received(1)
  assert.equal(first.records().length, 0)
})

test("a reader that does not read is cut with slow_reader, and resumes from its cursor without loss", async () => {
  const { world, alice, group } = await arranged({
    rates: { memberGroup: { burst: 1e6, perSecond: 1e6 }, memberAddress: { burst: 1e6, perSecond: 1e6 } },
  })
  const stream = await opened(world, alice)
  await postTo(world.caller, group, random(9))
  await stream.received(1)
  stream.sink.buffered = limits.streamQueueBytes
  await postTo(world.caller, group, random(9))
  assert.equal(await closedWith(stream), "slow_reader")
  await stream.ended
  const again = await opened(world, alice, 1)
  assert.deepEqual(
    (await again.received(1)).map(({ seq }) => seq),
    [2],
  )
})

test("a reader that catches up slowly is read for at its pace: one batch is under way at a time", async () => {
  const { world, alice, group } = await arranged({
    rates: { memberGroup: { burst: 1e6, perSecond: 1e6 }, memberAddress: { burst: 1e6, perSecond: 1e6 } },
  })
  for (let at = 0; at < 1200; at++)
    await world.store.appendPost({ groupId: group.groupId, epoch: 0, body: random(20), bodyHash: random(32), nowMs: world.clock.timeMs })
  const stream = connectDelivery(world.delivery)
  stream.sink.hold = true
  stream.send({ type: "open", token: alice.token, after: 0 })
  await stream.received(500)
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(stream.records().length, 500)
  stream.sink.hold = false
  for (const sent of stream.sink.held) sent()
  const records = await stream.received(1200)
  assert.deepEqual(records.at(-1)?.seq, 1200)
})

test("an ephemeral post reaches who is connected and is never on the disk", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-ephemeral-"))
  const { world, alice, group } = await arranged({ path: join(directory, "db") })
  const stream = await opened(world, alice)
  const body = random(64)
  const placed = await world.caller.call(post, postRequest(group, body, { ephemeral: true }))
  assert.equal(placed.order, 0)
  const frame = await stream.frame("ephemeral")
  assert.deepEqual(frame.body, body)
  const kept = random(64)
  await postTo(world.caller, group, kept)
  const onDisk = (bytes: Uint8Array): boolean => readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(bytes))
  assert.ok(onDisk(kept), "the search finds what is stored")
  assert.ok(!onDisk(body))
  const old = { ...group, epoch: 5 }
  await refuses("epoch_future", world.caller.call(post, postRequest(old, random(9), { ephemeral: true })))
  await world.store.close()
  rmSync(directory, { recursive: true })
})

test("a revoked device's stream ends at once", async () => {
  const { world, alice } = await arranged()
  const phone = newDevice()
  const added = nextState(alice.account, [alice.device, phone])
  await world.caller.call(updateAccount, { state: added }, alice.token)
  takeState(alice.account, added, [alice.device, phone])
  const stream = await opened(world, { ...alice, token: await signIn(world.caller, world.origin, phone) })
  await world.caller.call(updateAccount, { state: nextState(alice.account, [alice.device]) }, alice.token)
  assert.equal(await closedWith(stream), "unauthorized")
})

test("frames that are none of the protocol end the stream with their code", async () => {
  const { world, alice } = await arranged()
  const bad: (readonly [string, Uint8Array])[] = [
    ["bad_request", new Uint8Array()],
    ["bad_request", random(40)],
    ["too_large", new Uint8Array(limits.streamRequestBytes + 1)],
    ["bad_request", encodeMessage({ type: "open", token: alice.token, after: -1 })],
    ["bad_request", encodeMessage({ type: "open", token: alice.token, after: 0, more: 1 })],
    ["unauthorized", encodeMessage({ type: "ack", seq: 1 })],
    ["unauthorized", encodeMessage({ type: "open", token: random(32), after: 0 })],
  ]
  for (const [code, frame] of bad) {
    const stream = connectDelivery(world.delivery)
    stream.sendBytes(frame)
    assert.equal(await closedWith(stream), code)
  }
  const twice = await opened(world, alice)
  twice.send({ type: "open", token: alice.token, after: 0 })
  assert.equal(await closedWith(twice), "bad_request")
})

test("connections from one address are limited, and a stopping server takes none", async () => {
  const { world, alice } = await arranged({ rates: { stream: { burst: 1, perSecond: 1 } } })
  await opened(world, alice)
  assert.equal(await closedWith(connectDelivery(world.delivery)), "rate_limited")
  const other = connectDelivery(world.delivery, "192.0.2.7")
  world.delivery.close()
  assert.equal(await closedWith(other), "unavailable")
  assert.equal(await closedWith(connectDelivery(world.delivery, "192.0.2.8")), "unavailable")
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let at = 0; at < 200 && !(await holds()); at++) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(await holds())
}
