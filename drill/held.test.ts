// What a person decided about the other side of a chat, or has not decided yet, holds for what is queued as well.

import assert from "node:assert/strict"
import { test } from "node:test"
import { equal, toHex } from "@nodoor/bytes"
import { DrillWorld, type Person, texts } from "./drill-world.ts"
import { addPhone } from "./adversary/stolen-phone.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Bodies of members that the server heard so far. */
const heard = (world: DrillWorld, kind: "post" | "commit"): number => world.adversary.heard.filter((one) => one.type === kind).length

/** Commits in one group that the server heard so far. What the devices of one account do among themselves is in another one. */
const commitsIn = (world: DrillWorld, groupId: Uint8Array): number =>
  world.adversary.heard.filter((one) => one.type === "commit" && equal(one.groupId, groupId)).length

async function messageOf({ device }: Person, chatId: string, text: string): Promise<string> {
  const { messages } = await device.messages(chatId, { limit: 100 })
  return JSON.stringify(messages.find(({ content }) => content.type === "text" && content.markdown === text))
}

test("What was written before somebody was blocked does not reach them afterwards, says so, and can be sent again", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    const withheld = world.adversary.posting.withhold("post", () => true, "unavailable")
    await world.do(alice.device.send(chatId, { text: "prepared" }))
    await world.rest(1_000)
    await world.do(alice.device.send(chatId, { text: "queued" }))
    await world.do(alice.device.setName("Alice Example"))
    assert.ok(withheld.count > 0)
    await world.do(alice.device.setBlocked(toHex(bob.accountId), true))
    await world.rest(10_000)
    const before = heard(world, "post")
    withheld.stop()
    await world.do(alice.device.typing(chatId))
    await world.rest(5 * minuteMs)
    assert.equal(heard(world, "post"), before)
    assert.deepEqual(await texts(bob, chatId), ["hello"])
    for (const text of ["prepared", "queued"])
      assert.match(await messageOf(alice, chatId, text), /You blocked this contact before this message was sent/)
    await world.do(alice.device.setBlocked(toHex(bob.accountId), false))
    const queued = (await alice.device.messages(chatId, { limit: 100 })).messages.at(-1)
    assert.ok(queued)
    await world.do(alice.device.retry(chatId, queued.id))
    await world.rest(minuteMs)
    assert.deepEqual(await texts(bob, chatId), ["hello", "queued"])
  }))

test("What was written before a verified identity changed waits until its person has dealt with it", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    await world.do(alice.device.setVerified(toHex(bob.accountId), true))
    const withheld = world.adversary.posting.withhold("post", () => true, "unavailable")
    await world.do(alice.device.send(chatId, { text: "before the change" }))
    await world.rest(1_000)
    const before = heard(world, "post")
    await alice.virtual.disk.commit([{ sql: "UPDATE contact SET change_ms = 1, change_kind = 'changed'", values: [] }])
    withheld.stop()
    await world.rest(5 * minuteMs)
    assert.equal(heard(world, "post"), before)
    assert.match(await messageOf(alice, chatId, "before the change"), /"queued"/)
    await world.do(alice.device.setVerified(toHex(bob.accountId), true))
    await world.rest(minuteMs)
    assert.deepEqual(await texts(bob, chatId), ["hello", "before the change"])
  }))

test("What was written in a chat that was deleted is not sent from it; a deletion for everybody still is", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    const sent = await world.do(alice.device.send(chatId, { text: "to be taken back" }))
    await world.rest(5_000)
    const withheld = world.adversary.posting.withhold("post", () => true, "unavailable")
    await world.do(alice.device.send(chatId, { text: "prepared" }))
    await world.rest(1_000)
    await world.do(alice.device.send(chatId, { text: "queued" }))
    await world.do(alice.device.deleteForAll(chatId, sent.id))
    await world.do(alice.device.deleteChat(chatId))
    await world.rest(10_000)
    withheld.stop()
    await world.rest(5 * minuteMs)
    assert.deepEqual(await texts(bob, chatId), ["hello"])
  }))

test("A stranger's request makes the device commit nothing, whoever leaves or is revoked; once it is accepted that is done", () =>
  DrillWorld.with(async (world) => {
    const [alice, dave, mallory] = [await world.person("alice"), await world.person("dave"), await world.person("mallory")]
    const erin = await world.person("erin")
    const phone = await addPhone(world, erin)
    const accountIds: string[] = []
    for (const { handle } of [alice, dave, erin]) accountIds.push((await world.do(mallory.device.findContact(handle))).accountId)
    const { id: chatId } = await world.do(mallory.device.createGroup({ name: "Weekend", accountIds }))
    for (const { device } of [alice, dave, erin])
      await world.until("the request is there", async () => (await device.chats()).some(({ id }) => id === chatId))
    await world.do(dave.device.acceptRequest(chatId))
    await world.rest(minuteMs)
    await mallory.device.close()
    world.adversary.posting.refuse("commit", erin.address)
    const groupId = await world.groupIdOf(alice, chatId)
    const before = commitsIn(world, groupId)
    await world.do(dave.device.leave(chatId))
    await world.do(erin.device.removeOwnDevice(toHex(phone.deviceId)))
    await world.rest(30 * hourMs)
    assert.equal(commitsIn(world, groupId), before)
    const { state, removal } = await alice.device.chat(chatId)
    assert.deepEqual([state, removal, await alice.device.alarms()], ["request", undefined, []])
    await world.do(alice.device.acceptRequest(chatId))
    await world.rest(10 * minuteMs)
    assert.ok(commitsIn(world, groupId) > before)
    const left = await alice.virtual.disk.read("SELECT 1 FROM member WHERE account_id = ? OR device_id = ?", [
      dave.accountId,
      phone.deviceId,
    ])
    assert.equal(left.length, 0)
  }))

test("Nothing is committed, and nobody let back in, in a chat with somebody who is blocked, until they are not", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const phone = await addPhone(world, bob)
    const chatId = await world.chat(alice, bob)
    await world.do(alice.device.setBlocked(toHex(bob.accountId), true))
    world.adversary.posting.refuse("commit", bob.address)
    const [seat] = await alice.virtual.disk.read("SELECT seat FROM own_seat")
    const committed = (): number =>
      world.adversary.heard.filter((one) => one.type === "commit" && equal(one.seat, seat?.["seat"] as Uint8Array)).length
    const before = committed()
    await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
    await world.rest(30 * hourMs)
    assert.deepEqual([committed(), (await alice.device.chat(chatId)).removal], [before, undefined])
    const leaves = async (): Promise<number> =>
      (await alice.virtual.disk.read("SELECT 1 FROM member WHERE device_id = ?", [phone.deviceId])).length
    assert.equal(await leaves(), 1)
    await world.do(alice.device.setBlocked(toHex(bob.accountId), false))
    await world.rest(10 * minuteMs)
    assert.equal(await leaves(), 0)
  }))

test("Nobody who is blocked is let back into a chat of two from which their last device went", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    await world.chat(alice, bob)
    await world.do(alice.device.setBlocked(toHex(bob.accountId), true))
    await alice.virtual.disk.commit([{ sql: "DELETE FROM member WHERE account_id = ?", values: [bob.accountId] }])
    await world.rest(3 * hourMs)
    assert.deepEqual(await alice.virtual.disk.read("SELECT id FROM outbox WHERE kind = 'commit'"), [])
  }))

test("A group's new name is not told to a leaf that is known to be revoked, whatever became of the outbox", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const phone = await addPhone(world, bob)
    // An account adds its own devices with what they left each other; the ghost left nothing. Others take what the server has.
    const chatId = await world.group(alice, bob)
    await world.do(alice.device.setRole(chatId, toHex(bob.accountId), "admin"))
    await world.rest(minuteMs)
    const groupId = await world.groupIdOf(bob, chatId)
    const leaves = async (): Promise<number> =>
      (await bob.virtual.disk.read("SELECT 1 FROM member WHERE group_id = ? AND device_id = ?", [groupId, phone.deviceId])).length
    assert.equal(await leaves(), 1)
    const withheld = world.adversary.posting.withhold("commit", ({ removes }) => removes.length > 0, "bad_request")
    await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
    await world.rest(minuteMs)
    await bob.virtual.disk.commit([{ sql: "DELETE FROM outbox", values: [] }])
    const others = (): number => world.adversary.heard.filter((one) => one.type === "commit" && one.removes.length === 0).length
    const before = others()
    await world.do(bob.device.rename(chatId, "Without the phone"))
    await world.rest(5 * minuteMs)
    assert.deepEqual([others(), await leaves()], [before, 1])
    withheld.stop()
    await world.rest(30 * minuteMs)
    assert.deepEqual([await leaves(), (await alice.device.chat(chatId)).title], [0, "Without the phone"])
  }))
