// What a person decided about the other side of a chat, or has not decided yet, holds for what is queued as well.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { post } from "@nodoor/wire"
import { DrillWorld, type Person, texts } from "./drill-world.ts"

const minuteMs = 60_000

/** Bodies of members that the server heard so far. */
const heard = (world: DrillWorld, kind: "post" | "commit"): number => world.operator.heard.filter((one) => one.kind === kind).length

async function messageOf({ device }: Person, chatId: string, text: string): Promise<string> {
  const { messages } = await device.messages(chatId, { limit: 100 })
  return JSON.stringify(messages.find(({ content }) => content.type === "text" && content.markdown === text))
}

test("What was written before somebody was blocked does not reach them afterwards, says so, and can be sent again", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    const withheld = world.operator.withhold(post, () => true, "unavailable")
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
    const withheld = world.operator.withhold(post, () => true, "unavailable")
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
    const withheld = world.operator.withhold(post, () => true, "unavailable")
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
