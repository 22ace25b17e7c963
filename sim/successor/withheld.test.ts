// A server that shows the commit that broke a group to some and not to others.

import assert from "node:assert/strict"
import { test } from "node:test"
import { alarms } from "../hostile-member/hostile-member.ts"
import { groupOf, laterMs, withWrecker, wreck } from "./successor-scene.ts"

test("From whom the commit is withheld goes nowhere on others' word, and is told", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    const old = await groupOf(carol, chatId)
    carol.shown.tamper = (record) => (record.type === "commit" ? [] : [record])
    await wreck(mallory)
    await world.rest(laterMs)
    assert.equal(await groupOf(alice, chatId), await groupOf(bob, chatId))
    assert.equal(await groupOf(carol, chatId), old)
    assert.deepEqual(alarms(world, carol), [])
    await world.rest(3 * 3_600_000)
    assert.ok(alarms(world, carol).includes("invitation_refused_false_successor"))
    assert.equal(await groupOf(carol, chatId), old)
  }))
