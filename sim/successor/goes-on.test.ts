// A commit that no honest device makes breaks a group, and its chat goes on without the device that made it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { texts } from "../../drill/drill-world.ts"
import { alarms } from "../hostile-member/hostile-member.ts"
import { accounts, assertTogether, groupOf, soonMs, withWrecker, wreck } from "./successor-scene.ts"

test("The chat goes on without the wrecker in one group for all, with its history, its settings and its roles, though it ended everybody's place", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    await world.say(alice, chatId, "before")
    await world.do(alice.device.setRole(chatId, toHex(bob.accountId), "admin"))
    await world.do(bob.device.setChatOptions(chatId, { pinned: true, muted: true, draft: "half a" }))
    await world.rest(5_000)
    const old = await groupOf(alice, chatId)
    await wreck(mallory, alice, bob, carol)
    for (const person of [alice, bob, carol]) {
      assert.deepEqual(alarms(world, person), ["commit_refused_removes"])
      assert.equal((await person.device.chat(chatId)).state, "active")
    }
    await world.rest(soonMs)
    await assertTogether(world, chatId, [alice, bob, carol])
    assert.notEqual(await groupOf(alice, chatId), old)
    assert.ok((await texts(carol, chatId)).includes("before"))
    const { pinned, muted, draft, title } = await bob.device.chat(chatId)
    assert.deepEqual({ pinned, muted, draft, title }, { pinned: true, muted: true, draft: "", title: "Weekend" })
    const admins = (await carol.device.members(chatId)).filter(({ role }) => role === "admin").map(({ accountId }) => accountId)
    assert.deepEqual(admins.toSorted(), accounts(alice, bob))
    const { messages } = await carol.device.messages(chatId, { limit: 100 })
    const told = messages.flatMap(({ content }) =>
      content.type === "event" && content.event.kind === "refused_commit" ? [content.event] : [],
    )
    assert.deepEqual(told, [{ kind: "refused_commit", by: toHex(mallory.accountId), code: "removes", goesOn: true }])
    // Nothing else was told to anybody, and nobody was asked for anything.
    for (const person of [alice, bob, carol]) {
      assert.deepEqual(alarms(world, person), ["commit_refused_removes"])
      const [alarm] = await person.device.alarms()
      assert.match(alarm?.text ?? "", /The chat goes on without that device/)
      assert.equal((await person.device.chats()).length, 1)
    }
  }))

test("What waited to be sent arrives once, keeps its id, and can be answered", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    bob.virtual.reachable = false
    const { id: queued } = await world.do(bob.device.send(chatId, { text: "while away" }))
    await wreck(mallory, carol)
    bob.virtual.reachable = true
    await world.rest(soonMs + 20_000)
    for (const person of [alice, bob, carol]) {
      const { messages } = await person.device.messages(chatId, { limit: 100 })
      assert.deepEqual(
        messages.filter(({ content }) => content.type === "text" && content.markdown === "while away").map(({ id }) => id),
        [queued],
        person.handle,
      )
    }
    await world.do(alice.device.react(chatId, queued, "👍", true))
    await world.do(bob.device.edit(chatId, queued, "while I was away"))
    await world.rest(10_000)
    for (const person of [alice, bob, carol]) {
      const message = (await person.device.messages(chatId, { limit: 100 })).messages.find(({ id }) => id === queued)
      assert.deepEqual([message?.content.type === "text" && message.content.markdown, message?.reactions.length], ["while I was away", 1])
    }
    const mine = (await bob.device.messages(chatId, { limit: 100 })).messages.find(({ id }) => id === queued)
    assert.equal(mine?.status, "delivered")
  }))

test("Who was away for long comes to the same group, with what was said there, and makes no other one", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    alice.virtual.reachable = false
    carol.virtual.reachable = false
    await wreck(mallory)
    await world.rest(120_000)
    await world.say(bob, chatId, "only me so far")
    const group = await groupOf(bob, chatId)
    await world.rest(4 * 3_600_000)
    await world.do(alice.device.send(chatId, { text: "written before I know" }))
    alice.virtual.reachable = true
    carol.virtual.reachable = true
    await world.rest(180_000)
    for (const person of [alice, bob, carol]) {
      assert.equal(await groupOf(person, chatId), group, person.handle)
      assert.ok((await texts(person, chatId)).includes("only me so far"), person.handle)
      assert.equal((await texts(person, chatId)).filter((text) => text === "written before I know").length, 1, person.handle)
    }
    await assertTogether(world, chatId, [alice, bob, carol])
  }))

test("A crash in the middle of it leaves nothing behind: the device goes on where it was", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    await mallory.commit([], { removes: [mallory.group().own.seat] })
    // Before it makes the next group, while it does, and afterwards.
    for (const pauseMs of [0, 3_200, 500, 1_000]) {
      await world.rest(pauseMs)
      alice.virtual.crash("after")
      await world.until("alice is there again", () => alice.virtual.device !== undefined)
    }
    alice.virtual.crash(undefined)
    await world.rest(soonMs * 2)
    const again = { ...alice, device: alice.virtual.device ?? alice.device }
    await assertTogether(world, chatId, [again, bob, carol])
  }))
