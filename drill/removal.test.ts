// Removal fails closed: whatever the server answers, nothing is sent in a group that somebody is to leave, and it goes on by itself.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { DrillWorld, type Person, texts } from "./drill-world.ts"
import { addPhone } from "./adversary/stolen-phone.ts"

const minuteMs = 60_000
const fanout = new Uint8Array(32)

/** Ids of what a member posted since; ephemeral posts too. */
const posts = (world: DrillWorld): number => world.adversary.heard.filter(({ type }) => type === "post").length
const removalCodes = async ({ device }: Person): Promise<string[]> =>
  (await device.alarms()).filter(({ acknowledgedAtMs }) => acknowledgedAtMs === undefined).map(({ level, code }) => `${level} ${code}`)

test("Until somebody who is to go is gone nothing is sent in the group, whatever the server answers, and then all of it", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
    const chatId = await world.group(alice, bob, mallory)
    await world.say(bob, chatId, "hello")
    const first = (await alice.device.messages(chatId)).messages.at(-1)
    const own = await world.do(alice.device.send(chatId, { text: "to be edited" }))
    const gone = await world.do(alice.device.send(chatId, { text: "to be deleted" }))
    await world.rest(5_000)
    assert.ok(first)
    const answers = [
      "bad_request",
      "invalid_signature",
      "invalid_mac",
      "unauthorized",
      "pass_used_up",
      "seat_unknown",
      "group_not_found",
      "epoch_stale",
      "epoch_future",
      "too_many_seats",
      "rate_limited",
      "unavailable",
      "internal",
      "silence",
      { lie: { type: "committed", ref: 0, order: 99, hour: 0, fanout } },
    ] as const
    await world.do(alice.device.typing(chatId))
    await world.rest(minuteMs)
    const before = posts(world)
    let asked = false
    for (const answer of answers) {
      const withheld = world.adversary.posting.withhold("commit", ({ removes }) => removes.length > 0, answer)
      if (!asked) await world.do(alice.device.removeMember(chatId, toHex(mallory.accountId)))
      asked = true
      await world.do(alice.device.retryRemoval(chatId))
      await world.do(alice.device.send(chatId, { text: `while the answer is ${JSON.stringify(answer)}` }))
      await world.do(alice.device.edit(chatId, own.id, `edited ${JSON.stringify(answer)}`))
      await world.do(alice.device.react(chatId, first.id, "👍", true))
      await world.do(alice.device.markRead(chatId, first.id))
      await world.do(alice.device.setName("Alice Example"))
      await world.do(alice.device.typing(chatId))
      await world.rest(2 * minuteMs)
      assert.ok(withheld.count > 0, `it was tried while the answer is ${JSON.stringify(answer)}`)
      assert.equal(posts(world), before, `nothing was sent while the answer is ${JSON.stringify(answer)}`)
      assert.deepEqual(await removalCodes(alice), ["red removal_outstanding"])
      const { removal, alarm } = await alice.device.chat(chatId)
      assert.deepEqual([removal?.accounts, removal?.outOfHands, alarm?.level], [[toHex(mallory.accountId)], false, "red"])
      assert.match(removal?.text ?? "", /still in this chat.+Nothing is sent here/)
      withheld.stop()
    }
    await world.do(alice.device.deleteForAll(chatId, gone.id))
    await world.rest(20 * minuteMs)
    assert.deepEqual((await bob.device.members(chatId)).map(({ handle }) => handle).toSorted(), ["alice", "bob"])
    const arrived = await texts(bob, chatId)
    assert.equal(arrived.filter((text) => text.startsWith("while the answer")).length, answers.length)
    assert.ok(!arrived.includes("to be deleted") && arrived.some((text) => text.startsWith("edited")))
    assert.deepEqual([await removalCodes(alice), (await alice.device.chat(chatId)).removal], [[], undefined])
  }))

test("A removal survives a restart, and a leaf that is known to be revoked is found again whatever became of the outbox", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const phone = await addPhone(world, bob)
    const chatId = await world.group(alice, bob)
    const withheld = world.adversary.posting.withhold("commit", ({ removes }) => removes.length > 0, "bad_request")
    await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
    await world.rest(minuteMs)
    assert.deepEqual((await bob.device.chat(chatId)).removal?.accounts, [toHex(bob.accountId)])
    const groupId = await world.groupIdOf(bob, chatId)
    const before = posts(world)
    // As a version left it that gave removals up.
    await bob.virtual.disk.commit([{ sql: "DELETE FROM outbox WHERE group_id = ?", values: [groupId] }])
    await world.do(bob.device.send(chatId, { text: "not for the phone" }))
    await world.rest(minuteMs)
    assert.equal(posts(world), before)
    // The other one is of the group of bob's own devices, which the phone is to leave too.
    assert.deepEqual(await removalCodes(bob), ["red removal_outstanding", "red removal_outstanding"])
    const outstanding = (await bob.device.alarms()).filter(({ code }) => code === "removal_outstanding")
    assert.deepEqual(new Set(outstanding.map((alarm) => alarm.chatId)), new Set([undefined, chatId]))
    assert.match(outstanding.find((alarm) => alarm.chatId === undefined)?.text ?? "", /what your devices tell each other/)
    bob.virtual.kill()
    await world.rest(2 * minuteMs)
    assert.equal(posts(world), before)
    withheld.stop()
    await world.rest(30 * minuteMs)
    assert.ok((await texts(alice, chatId)).includes("not for the phone"))
    phone.tryAll(world.adversary.heard)
    assert.equal(phone.holds("not for the phone"), false)
    const leaves = await bob.virtual.disk.read("SELECT 1 FROM member WHERE device_id = ?", [phone.deviceId])
    const alarms = await bob.virtual.disk.read("SELECT 1 FROM alarm WHERE code = 'removal_outstanding' AND acknowledged_ms IS NULL", [])
    assert.deepEqual([leaves.length, alarms.length], [0, 0])
  }))

test("What was encrypted and not placed when somebody went is encrypted anew, so that they cannot read it", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
    const chatId = await world.group(alice, bob, mallory)
    const insider = await world.seize(mallory)
    const state = await insider.group(await world.groupIdOf(alice, chatId))
    const withheld = world.adversary.posting.withhold("post", () => true, "unavailable")
    await world.do(bob.device.send(chatId, { text: "ready for the old epoch" }))
    await world.rest(1_000)
    assert.ok(withheld.count > 0)
    await world.do(alice.device.removeMember(chatId, toHex(mallory.accountId)))
    await world.rest(5_000)
    const already = world.adversary.heard.length
    withheld.stop()
    await world.rest(2 * minuteMs)
    assert.ok((await texts(alice, chatId)).includes("ready for the old epoch"))
    const bodies = world.adversary.heard.slice(already).flatMap((heard) => (heard.type === "post" ? [heard.body] : []))
    assert.ok(bodies.length > 0)
    assert.deepEqual(
      insider.read(state, bodies).map((plaintext) => Buffer.from(plaintext).includes("ready for the old epoch")),
      [],
    )
  }))

test("Who may not remove any more either leaves or lets the person stay; before, a removal is not taken back", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    const chatId = await world.group(alice, bob, carol)
    await world.do(alice.device.setRole(chatId, toHex(bob.accountId), "admin"))
    await world.rest(5_000)
    const withheld = world.adversary.posting.withhold("commit", ({ removes }) => removes.length > 0, "bad_request")
    await world.do(alice.device.removeMember(chatId, toHex(carol.accountId)))
    await world.do(alice.device.send(chatId, { text: "without carol" }))
    await world.rest(minuteMs)
    await assert.rejects(world.do(alice.device.withdrawRemoval(chatId, toHex(carol.accountId))), /cannot be withdrawn/)
    await world.do(bob.device.setRole(chatId, toHex(alice.accountId), "member"))
    await world.rest(minuteMs)
    withheld.stop()
    await world.rest(20 * minuteMs)
    assert.equal((await alice.device.chat(chatId)).removal?.outOfHands, true)
    assert.ok(!(await texts(carol, chatId)).includes("without carol"))
    await world.do(alice.device.withdrawRemoval(chatId, toHex(carol.accountId)))
    await world.rest(minuteMs)
    assert.ok((await texts(carol, chatId)).includes("without carol"))
    assert.deepEqual([await removalCodes(alice), (await alice.device.chat(chatId)).removal], [[], undefined])
  }))

test("What stops everything else, an account that is not believed, keeps no removal back", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
    const chatId = await world.group(alice, bob, mallory)
    await alice.virtual.disk.commit([
      {
        sql: "INSERT INTO distrust (account_id, code, alarm_id) VALUES (?, 'identity_value_changed', ?)",
        values: [mallory.accountId, new Uint8Array(16)],
      },
    ])
    const before = posts(world)
    await assert.rejects(world.do(alice.device.send(chatId, { text: "no" })))
    await world.do(alice.device.removeMember(chatId, toHex(mallory.accountId)))
    await world.rest(10_000)
    assert.equal(posts(world), before)
    assert.equal((await bob.device.members(chatId)).length, 2)
    await world.say(alice, chatId, "without mallory")
    assert.ok((await texts(bob, chatId)).includes("without mallory"))
  }))
