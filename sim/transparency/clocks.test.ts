// Clocks that are wrong: a log that was dated ahead, a device whose clock is set otherwise, and who is told that it may be theirs. The
// drill shows what an adversary can do with it (`frozen-log` and similar rows).

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { ClientError } from "@nodoor/client"
import { OperatedWorld, type Person } from "./operated-world.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs

async function told(world: OperatedWorld, person: Person): Promise<readonly string[]> {
  return [...(await world.alarms(person)), ...(await world.alarms(person, "warn")), ...(await world.alarms(person, "notice"))]
}

test("a log that has an epoch a day warns nobody, though nobody registers for days; and who comes then is let in", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    for (let days = 0; days < 4; days++) await world.pass(dayMs)
    const bob = await world.person("bob")
    await world.acquainted(alice, bob)
    assert.deepEqual([await told(world, alice), await told(world, bob)], [[], []])
  }))

test("a log whose clock was once a day ahead goes on: newcomers are let in, and people with right clocks are not told that theirs is wrong", () =>
  OperatedWorld.with(async (world) => {
    world.log.aheadMs = dayMs
    const alice = await world.person("alice")
    await world.pass(60_000)
    world.log.aheadMs = 0
    const bob = await world.person("bob")
    await world.acquainted(alice, bob)
    await world.pass(2 * hourMs)
    assert.deepEqual([await told(world, alice), await told(world, bob)], [["log_ahead"], ["log_ahead"]])
    const [alarm] = await alice.device.alarms()
    assert.match(alarm?.text ?? "", /the server's clock was wrong.*This device's clock is not the cause/)
    // Two days later the times are right again, and nobody hears of it any more.
    for (const person of [alice, bob])
      for (const { id } of await person.device.alarms()) await world.run(person.device.acknowledgeAlarm(id))
    for (let days = 0; days < 2; days++) await world.pass(dayMs)
    const later = (await alice.device.alarms()).filter(({ atMs }) => atMs > world.time.nowMs() - 18 * hourMs)
    assert.deepEqual(later, [])
    await world.acquainted(alice, await world.person("carol"))
  }))

test("a log that has not grown for three days lets nobody in, neither whom this person looks for nor whom others add, until it goes on", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const { accountId } = await world.run(bob.device.findContact("alice"))
    const group = await world.run(bob.device.createGroup({ name: "Weekend", accountIds: [accountId] }))
    await world.until("alice is in", async () => (await alice.device.chats()).length === 2)
    const carol = await world.person("carol")
    await world.pass(5_000)
    await world.run(alice.device.findContact("carol"))
    const old = world.fork()
    old.frozen = true
    world.logOf = (address) => (address === alice.address ? old : world.log)
    // Everybody's clock goes on by days, and so does the log that the others are shown.
    const goOnTo = async (ms: number): Promise<void> => {
      world.log.aheadMs = world.serverAheadMs = ms
      for (const { virtual } of [alice, bob, carol]) virtual.clockAheadMs = ms
      await world.log.publish()
      await world.pass(3 * hourMs)
    }
    await goOnTo(2 * dayMs)
    assert.deepEqual(await told(world, alice), ["log_still"])
    await goOnTo(4 * dayMs)
    assert.deepEqual(new Set(await told(world, alice)), new Set(["log_still", "log_closed"]))
    assert.deepEqual(await told(world, bob), [])
    const closed = (error: unknown): boolean => error instanceof ClientError && error.code === "log_unavailable"
    await assert.rejects(world.run(alice.device.findContact("carol")), closed)
    const carolId = (await world.run(bob.device.findContact("carol"))).accountId
    await world.run(bob.device.addMembers(group.id, [carolId]))
    await world.until("carol is in", async () => (await carol.device.chats()).length === 1)
    const isIn = async (): Promise<boolean> => (await alice.device.members(group.id)).some((member) => member.accountId === carolId)
    await world.pass(hourMs)
    assert.equal(await isIn(), false)
    // Conversations go on.
    await world.run(alice.device.send(chatId, { text: "all well here" }))
    await world.until("bob has it", async () => (await bob.device.messages(chatId)).messages.length === 3)
    world.logOf = () => world.log
    await world.pass(2 * hourMs)
    assert.equal(await isIn(), true)
    await world.run(alice.device.findContact("carol"))
  }))

for (const [words, clockAheadMs] of [
  ["two hours ahead", 2 * hourMs],
  ["two days ahead", 2 * dayMs],
] as const)
  test(`somebody whose clock is ${words} is told that one of two clocks is wrong, is let in and lets others in, and nobody else is told anything`, () =>
    OperatedWorld.with(async (world) => {
      const alice = await world.person("alice")
      const bob = await world.person("bob", { clockAheadMs })
      const carol = await world.person("carol")
      await world.acquainted(alice, bob)
      await world.acquainted(bob, carol)
      await world.pass(30 * hourMs)
      assert.deepEqual([...new Set(await told(world, bob))], ["clock_differs"])
      assert.deepEqual([await told(world, alice), await told(world, carol)], [[], []])
      const [alarm] = await bob.device.alarms()
      assert.match(alarm?.text ?? "", /one of them is wrong/)
    }))

for (const [words, clockAheadMs] of [
  ["three days ahead", 3 * dayMs],
  ["four days behind", -4 * dayMs],
] as const)
  test(`somebody whose clock is ${words} has no keys for tokens, is told of the clock, and gets everything once it is right`, () =>
    OperatedWorld.with(async (world) => {
      const alice = await world.person("alice")
      const bob = await world.person("bob", { clockAheadMs, online: false })
      await world.pass(60_000)
      const { accountId } = await world.run(alice.device.findContact("bob"))
      const chat = await world.run(alice.device.openChat(accountId))
      await world.run(alice.device.send(chat.id, { text: "patience" }))
      await world.pass(2 * hourMs)
      assert.deepEqual([(await bob.device.chats()).length, await told(world, alice)], [0, []])
      assert.deepEqual([...new Set(await told(world, bob))], ["clock_differs"])
      bob.virtual.clockAheadMs = 0
      await world.until("it arrives", async () => (await bob.device.chats())[0]?.state === "request")
    }))

test("what is written to somebody whose keys are not valid by this device's clock is kept and arrives, and the server is not blamed", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const bob = await world.person("bob", { clockAheadMs: 32 * dayMs, online: false })
    await world.pass(60_000)
    const { accountId } = await world.run(alice.device.findContact("bob"))
    const chat = await world.run(alice.device.openChat(accountId))
    await world.run(alice.device.send(chat.id, { text: "patience" }))
    await world.pass(10_000)
    assert.deepEqual(
      [await told(world, alice), (await alice.device.messages(chat.id)).messages[0]?.status],
      [["chat_waits_for_clock"], "queued"],
    )
    const [alarm] = await alice.device.alarms()
    assert.deepEqual([/two clocks/.test(alarm?.text ?? ""), /server/.test(alarm?.text ?? "")], [true, false])
    assert.deepEqual(await told(world, bob), ["clock_differs"])
    // Once the time has come that Bob's clock showed, his keys are good. His device reads when its clock is right.
    await world.pass(dayMs + 2 * hourMs)
    bob.virtual.clockAheadMs = 0
    await world.until("it arrives", async () => (await bob.device.chats()).length > 0)
    assert.equal((await alice.device.messages(chat.id)).messages[0]?.status, "sent")
  }))

test("a clock that is set forward by days makes no old log of a fresh one", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice", { clockAheadMs: -5 * dayMs, online: false })
    await world.pass(3 * hourMs)
    alice.virtual.clockAheadMs = 0
    await world.pass(2 * hourMs)
    assert.deepEqual([...new Set(await told(world, alice))], ["clock_differs"])
    const bob = await world.person("bob")
    assert.equal((await world.run(alice.device.findContact("bob"))).accountId, toHex(bob.accountId))
  }))

test("the chat where something happened last is on top, and days do not go backwards, whichever clock was ahead", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice", { clockAheadMs: 2 * dayMs })
    const [bob, carol] = [await world.person("bob"), await world.person("carol")]
    const withBob = await world.acquainted(alice, bob)
    const withCarol = await world.acquainted(carol, alice)
    const order = async (): Promise<readonly string[]> => (await alice.device.chats()).map(({ id }) => id)
    assert.deepEqual(await order(), [withCarol, withBob])
    // What is queued is dated as the server will date it, so that nothing changes its day when it is sent.
    alice.virtual.reachable = false
    const queued = await world.run(alice.device.send(withBob, { text: "later" }))
    assert.deepEqual(await order(), [withBob, withCarol])
    assert.ok(Math.abs(queued.timeMs - world.time.nowMs()) < hourMs, `${queued.timeMs - world.time.nowMs()}`)
    alice.virtual.reachable = true
    await world.pass(hourMs)
    await world.run(carol.device.send(withCarol, { text: "newest" }))
    await world.pass(10_000)
    assert.deepEqual(await order(), [withCarol, withBob])
    // The server's clock is ahead for one message: nothing of it lasts.
    world.serverAheadMs = 2 * dayMs
    await world.run(bob.device.send(withBob, { text: "from the day after tomorrow" }))
    await world.pass(10_000)
    world.serverAheadMs = 0
    assert.deepEqual(await order(), [withBob, withCarol])
    await world.run(carol.device.send(withCarol, { text: "today" }))
    await world.pass(10_000)
    assert.deepEqual(await order(), [withCarol, withBob])
    const [first] = await alice.device.chats()
    assert.ok(Math.abs((first?.activityMs ?? 0) - world.time.nowMs()) < hourMs)
  }))
