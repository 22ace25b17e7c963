// A device that asks to be let in again has not seen what happened since. Any member may answer, and may use that to lead it into a group as that member
// would like to have it.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { OpenDevice } from "@nodoor/client"
import type { RejoinItem } from "@nodoor/wire/delivery"
import { answerRejoin } from "../../drill/adversary/rejoin.ts"
import { type Person, texts } from "../../drill/drill-world.ts"
import { type Scene, alarms, withHostileMember } from "./hostile-member.ts"

const hourMs = 3_600_000

function deviceOf({ virtual }: Person): OpenDevice {
  assert.ok(virtual.device)
  return virtual.device
}

/** Bob's device could not read a commit, and only Mallory is there to answer. */
async function answered({ world, alice, bob, chatId, mallory }: Scene, forged: Parameters<typeof answerRejoin>[3]): Promise<void> {
  let asked: RejoinItem | undefined
  world.adversary.posting.on("rejoin", async (item, honest) => {
    asked ??= item.asked
    return await honest()
  })
  await world.do(alice.device.close())
  await world.do(bob.device.close())
  await bob.virtual.disk.commit([{ sql: "UPDATE mls_record SET value = zeroblob(length(value)) WHERE key LIKE 'key/%'", values: [] }])
  await world.do(bob.virtual.start())
  const known = mallory.state()
  await mallory.commit([])
  await world.do(deviceOf(bob).send(chatId, { text: "written meanwhile" }))
  await world.until("bob asks", () => asked !== undefined)
  await world.rest(1_000)
  if (asked) await world.adversary.hand(answerRejoin(mallory.insider, mallory.group(), { asked, known }, forged).item)
  await world.rest(10_000)
}

async function isLetIn({ virtual }: Person): Promise<boolean> {
  return (await virtual.disk.read("SELECT 1 AS one FROM healing")).length === 0
}

async function adminsAsBobHasThem(bob: Person, chatId: string): Promise<readonly string[]> {
  return (await deviceOf(bob).members(chatId)).filter(({ role }) => role === "admin").map(({ name }) => name)
}

test("A member who is no admin lets a device in again, and the group is what it was", () =>
  withHostileMember(async (scene) => {
    const { world, bob, alice, chatId } = scene
    await answered(scene, {})
    assert.ok(await isLetIn(bob))
    assert.deepEqual(alarms(world, bob), [])
    await world.do(alice.virtual.start())
    await world.until("alice has it", async () =>
      (await texts({ ...alice, device: deviceOf(alice) }, chatId)).includes("written meanwhile"),
    )
  }))

test("A member who is no admin, and says that it is one now, lets nobody in again; the device waits for an admin and goes on with the others", () =>
  withHostileMember(async (scene) => {
    const { world, bob, alice, chatId, mallory } = scene
    const before = await adminsAsBobHasThem(bob, chatId)
    const admins = [alice.accountId, mallory.accountId]
    await answered(scene, { more: [mallory.policy({ kind: "group", name: "Weekend", admins })] })
    assert.ok(!(await isLetIn(bob)))
    assert.deepEqual(alarms(world, bob), ["invitation_refused_changed_meanwhile"])
    assert.deepEqual(await adminsAsBobHasThem(bob, chatId), before)
    await world.do(alice.virtual.start())
    await world.rest(2 * hourMs)
    assert.ok((await texts({ ...alice, device: deviceOf(alice) }, chatId)).includes("written meanwhile"))
    assert.deepEqual(await adminsAsBobHasThem(bob, chatId), before)
    const people = (await deviceOf(bob).members(chatId)).length
    assert.equal(people, 2, "without Mallory")
  }))

test("An answer that does not open leaves nobody out: the device asks again from the place that it was given, and others let it in", () =>
  withHostileMember(async (scene) => {
    const { world, bob, alice, chatId } = scene
    await answered(scene, { welcome: "damaged" })
    assert.ok(!(await isLetIn(bob)))
    assert.deepEqual(alarms(world, bob), ["invitation_refused_welcome_secrets"])
    await world.do(alice.virtual.start())
    await world.rest(10 * 60_000)
    assert.ok(!(await isLetIn(bob)), "once an hour")
    await world.rest(hourMs)
    assert.ok(await isLetIn(bob))
    assert.ok((await texts({ ...alice, device: deviceOf(alice) }, chatId)).includes("written meanwhile"))
    assert.equal((await deviceOf(bob).members(chatId)).length, 3)
  }))
