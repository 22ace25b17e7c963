// A chat of two in which one side's device breaks the group.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { DrillWorld, texts } from "../../drill/drill-world.ts"
import { addPhone } from "../../drill/adversary/stolen-phone.ts"
import { HostileMember, alarms } from "../hostile-member/hostile-member.ts"
import { laterMs, wreck } from "./successor-scene.ts"

test("If the wrecker was the other person's only device the chat has ended, which is told plainly, and can be opened anew by hand", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    await world.say(bob, chatId, "hello yourself")
    await wreck(await HostileMember.seize(world, bob, chatId))
    await world.rest(laterMs)
    const chat = await alice.device.chat(chatId)
    assert.equal(chat.state, "halted")
    const [alarm] = await alice.device.alarms()
    assert.deepEqual([alarm?.level, alarm?.accountId, alarm?.evidence], ["red", toHex(bob.accountId), true])
    assert.match(alarm?.text ?? "", /Nobody is left here to go on with, so this chat has ended/)
    assert.equal(await world.attempt(alice, alice.device.send(chatId, { text: "?" })), undefined)
    assert.ok((await texts(alice, chatId)).includes("hello yourself"))
  }))

test("If the other person has another device there, the chat goes on with it", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const phone = await addPhone(world, bob)
    const chatId = await world.chat(alice, bob)
    await world.say(bob, chatId, "hello yourself")
    await wreck(await HostileMember.seize(world, bob, chatId))
    await world.rest(laterMs)
    assert.equal((await alice.device.chat(chatId)).state, "active")
    const rows = await alice.virtual.disk.read(
      "SELECT m.device_id FROM member m JOIN chat c ON c.group_id = m.group_id WHERE c.chat_id = ?",
      [Buffer.from(chatId, "hex")],
    )
    assert.deepEqual(
      rows.map((row) => toHex(row["device_id"] as Uint8Array)).toSorted(),
      [alice.deviceId, phone.deviceId].map(toHex).toSorted(),
    )
    assert.deepEqual(alarms(world, alice), ["commit_refused_removes"])
  }))
