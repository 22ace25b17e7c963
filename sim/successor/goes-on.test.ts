// A commit that no honest device makes breaks a group, and its chat goes on without the device that made it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { texts } from "../../drill/drill-world.ts"
import { seatOf } from "../../drill/adversary/hand-made-group.ts"
import { alarms, withHostileMember } from "../hostile-member/hostile-member.ts"

test("After a wrecking commit the chat goes on without the wrecker, with nothing lost and nobody doing anything", async () => {
  await withHostileMember(async ({ world, alice, bob, mallory, chatId }) => {
    await world.say(alice, chatId, "before")
    await mallory.commit([], { removes: [seatOf(mallory.group(), bob.deviceId)?.seat ?? new Uint8Array()] })
    assert.deepEqual(alarms(world, alice), ["commit_refused_removes"])
    assert.equal((await alice.device.chat(chatId)).state, "active")
    await world.rest(60_000)
    await world.say(bob, chatId, "after")
    await world.say(alice, chatId, "indeed")
    await world.rest(10_000)
    for (const person of [alice, bob]) {
      assert.deepEqual(
        (await texts(person, chatId)).filter((text) => ["before", "after", "indeed"].includes(text)),
        ["before", "after", "indeed"],
      )
      assert.deepEqual(
        (await person.device.members(chatId)).map(({ accountId }) => accountId).toSorted(),
        [alice, bob].map(({ accountId }) => toHex(accountId)).toSorted(),
      )
    }
    assert.deepEqual([alarms(world, alice), alarms(world, bob)], [["commit_refused_removes"], ["commit_refused_removes"]])
  })
})
