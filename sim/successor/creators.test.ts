// Who makes the group in which a broken one goes on, and what happens if nobody or two do.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { takeIntroductions } from "@nodoor/wire"
import { texts } from "../../drill/drill-world.ts"
import { accounts, assertTogether, groupOf, inside, laterMs, soonMs, withWrecker, wreck } from "./successor-scene.ts"

test("If the admin is away the next member makes the group after a while, admin or not, and the admin stays the admin", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    alice.virtual.reachable = false
    await wreck(mallory)
    await world.rest(laterMs)
    assert.equal(await groupOf(bob, chatId), await groupOf(carol, chatId))
    const admins = (await carol.device.members(chatId)).filter(({ role }) => role === "admin").map(({ accountId }) => accountId)
    assert.deepEqual(admins, accounts(alice))
    alice.virtual.reachable = true
    await world.rest(laterMs)
    await assertTogether(world, chatId, [alice, bob, carol])
  }))

test("If the wrecker was the only admin, the account of the lowest remaining leaf is one", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    await world.do(alice.device.setRole(chatId, toHex(mallory.accountId), "admin"))
    await world.rest(5_000)
    await world.do(alice.device.setRole(chatId, toHex(alice.accountId), "member"))
    await world.rest(5_000)
    await wreck(mallory)
    await world.rest(soonMs)
    const admins = (await bob.device.members(chatId)).filter(({ role }) => role === "admin").map(({ accountId }) => accountId)
    assert.deepEqual(admins, accounts(alice))
    await assertTogether(world, chatId, [alice, bob, carol])
  }))

test("Of two that were made at once all come to the one of the first admin, and what was written in the other arrives", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    // Alice hears of nothing that others introduce her to, until both groups are there.
    let deaf = true
    world.adversary.on(takeIntroductions, async ({ address }, honest) =>
      deaf && address === alice.address ? { introductions: [] } : await honest(),
    )
    alice.virtual.reachable = false
    await wreck(mallory)
    await world.rest(60_000)
    await world.say(bob, chatId, "in the second one")
    const second = await groupOf(bob, chatId)
    assert.equal(await groupOf(carol, chatId), second)
    alice.virtual.reachable = true
    await world.rest(60_000)
    const first = await groupOf(alice, chatId)
    assert.notEqual(first, second)
    deaf = false
    await world.rest(120_000)
    for (const person of [alice, bob, carol]) {
      assert.equal(await groupOf(person, chatId), first, person.handle)
      assert.equal((await texts(person, chatId)).filter((text) => text === "in the second one").length, 1, person.handle)
    }
    await assertTogether(world, chatId, [alice, bob, carol])
  }))

test("One of the day before stays, whoever makes a later one", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    let deaf = true
    world.adversary.on(takeIntroductions, async ({ address }, honest) =>
      deaf && address === alice.address ? { introductions: [] } : await honest(),
    )
    alice.virtual.reachable = false
    await wreck(mallory)
    await world.rest(25 * 3_600_000)
    const second = await groupOf(bob, chatId)
    alice.virtual.reachable = true
    await world.rest(120_000)
    assert.notEqual(await groupOf(alice, chatId), second)
    await world.say(alice, chatId, "from the later one")
    deaf = false
    await world.rest(120_000)
    await assertTogether(world, chatId, [alice, bob, carol])
    assert.equal(await groupOf(alice, chatId), second)
    for (const person of [bob, carol]) assert.ok((await texts(person, chatId)).includes("from the later one"), person.handle)
    assert.deepEqual(await inside(alice, chatId), accounts(alice, bob, carol))
  }))
