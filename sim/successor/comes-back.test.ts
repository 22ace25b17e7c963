// A wrecker that comes back: by what it posts and commits in the old group, by somebody who adds it, by a group of its own. And a second one.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { texts } from "../../drill/drill-world.ts"
import { protect } from "@nodoor/mls"
import { forgeContent, markdown } from "../hostile-member/forged-content.ts"
import { HostileMember, alarms } from "../hostile-member/hostile-member.ts"
import {
  accounts,
  assertTogether,
  groupOf,
  inside,
  lastCommit,
  laterMs,
  pretendToFollow,
  soonMs,
  withWrecker,
  wreck,
} from "./successor-scene.ts"

test("What the wrecker says and commits in the old group reaches nobody, and nobody is told twice", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    const before = mallory.group()
    // With nobody's place ended, the server still takes messages of the last good epoch.
    await mallory.commit([], { given: (commit) => commit.with(-1, (commit.at(-1) ?? 0) ^ 1) })
    const { insider, accountId, groupId } = mallory
    const { plaintext } = forgeContent({ part: markdown("in the last good epoch of the old group"), accountId, groupId })
    const { message } = protect(insider.env, before.state, { plaintext, signer: insider.signer })
    assert.equal((await insider.post(before, message)).type, "placed")
    await mallory.say(markdown("in the old group")).catch(() => undefined)
    for (const group of [before, mallory.group()]) await mallory.insider.commit(group, []).catch(() => undefined)
    await world.rest(soonMs)
    await mallory.say(markdown("still in the old group")).catch(() => undefined)
    await mallory.commit([]).catch(() => undefined)
    await assertTogether(world, chatId, [alice, bob, carol])
    for (const person of [alice, bob, carol]) {
      assert.deepEqual(
        (await texts(person, chatId)).filter((text) => text.includes("old group")),
        [],
        person.handle,
      )
      assert.deepEqual(alarms(world, person), ["commit_refused_decryption_failed"])
      const { messages } = await person.device.messages(chatId, { limit: 100 })
      assert.ok(!messages.some(({ content }) => content.type === "waiting"))
    }
  }))

test("Nobody adds the wrecker again by mistake, and whoever does it with changed code loses its own place", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    await wreck(mallory)
    await world.rest(soonMs)
    await world.do(alice.device.addMembers(chatId, [toHex(mallory.accountId)]))
    await world.rest(10_000)
    assert.deepEqual(await inside(bob, chatId), accounts(alice, bob, carol))
    assert.ok((await alice.device.alarms()).some(({ code }) => code === "change_failed_not_allowed"))
    await world.do(alice.device.setRole(chatId, toHex(bob.accountId), "admin"))
    await world.rest(5_000)
    const accomplice = await HostileMember.seize(world, bob, chatId)
    await accomplice.add(mallory.person)
    await world.rest(laterMs)
    for (const person of [alice, carol]) {
      assert.ok(alarms(world, person).includes("commit_refused_P17"), person.handle)
      assert.deepEqual(await inside(person, chatId), accounts(alice, carol))
    }
    await assertTogether(world, chatId, [alice, carol])
  }))

test("A group that only says that it follows is refused and told, and everybody stays where they are", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    const group = await groupOf(alice, chatId)
    await pretendToFollow(world, mallory, { claimed: lastCommit(world, bob), admins: [mallory.person], people: [alice, carol] })
    await world.rest(3 * 3_600_000)
    for (const person of [alice, carol]) {
      assert.deepEqual(alarms(world, person), ["invitation_refused_false_successor"], person.handle)
      assert.equal(await groupOf(person, chatId), group)
      assert.equal((await person.device.chats()).length, 1)
    }
    await world.say(bob, chatId, "all is well")
    assert.ok((await texts(alice, chatId)).includes("all is well"))
  }))

test("Of a broken group the wrecker's own successor, with itself as the admin, is refused, and the true one is made", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    await wreck(mallory)
    const people = [alice, bob, carol]
    // Its own place is gone from there, so it has to leave it out of the list, or name somebody else.
    await pretendToFollow(world, mallory, { claimed: lastCommit(world, bob), admins: [mallory.person], people })
    await pretendToFollow(world, mallory, { claimed: lastCommit(world, mallory.person), admins: [alice], people })
    await world.rest(laterMs)
    for (const person of [alice, bob, carol])
      assert.ok(
        alarms(world, person).some((code) => code.startsWith("invitation_refused_")),
        person.handle,
      )
    await assertTogether(world, chatId, [alice, bob, carol])
  }))

test("Two wreckers, one after the other, are both left behind, and what was written in between is there", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    await wreck(mallory)
    await world.rest(soonMs)
    await world.say(alice, chatId, "in between")
    await world.say(bob, chatId, "indeed")
    carol.virtual.reachable = false
    const second = await HostileMember.seize(world, bob, chatId)
    await wreck(second, bob)
    await world.rest(soonMs)
    await world.do(carol.device.send(chatId, { text: "written in the second of three" }))
    carol.virtual.reachable = true
    await world.rest(laterMs)
    await assertTogether(world, chatId, [alice, carol])
    for (const person of [alice, carol])
      for (const said of ["in between", "written in the second of three"])
        assert.equal((await texts(person, chatId)).filter((text) => text === said).length, 1, `${person.handle}: ${said}`)
  }))
