// Members of a group who lost something, and the others who let them in again: nobody is accused, and nobody does anything.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { OpenDevice } from "@nodoor/client"
import { DrillWorld, type Person, texts } from "../drill/drill-world.ts"

/** Alice's group with Bob, who is no admin, and Carol. */
async function withGroup(
  run: (scene: { world: DrillWorld; alice: Person; bob: Person; carol: Person; chatId: string; groupId: Uint8Array }) => Promise<void>,
): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    const chatId = await world.group(alice, bob, carol)
    for (const person of [alice, bob, carol]) await world.say(person, chatId, `hello from ${person.handle}`)
    await run({ world, alice, bob, carol, chatId, groupId: await world.groupIdOf(alice, chatId) })
  })
}

/** Changes the store of a device that is off meanwhile. */
async function damaged(world: DrillWorld, person: Person, sql: string): Promise<void> {
  await world.do(person.device.close())
  await person.virtual.disk.commit([{ sql, values: [] }])
  await world.do(person.virtual.start())
}

function deviceOf({ virtual }: Person): OpenDevice {
  assert.ok(virtual.device)
  return virtual.device
}

async function heals(person: Person): Promise<boolean> {
  return (await person.virtual.disk.read("SELECT 1 AS one FROM healing")).length > 0
}

async function shown(person: Person, chatId: string): Promise<readonly string[]> {
  return await texts({ ...person, device: deviceOf(person) }, chatId)
}

async function redAlarms(...people: readonly Person[]): Promise<readonly string[]> {
  const all = await Promise.all(people.map(async (person) => await deviceOf(person).alarms()))
  return all.flat().flatMap(({ code, level }) => (level === "red" ? [code] : []))
}

/** Of Carol, everything that she needs to read the paths of others. */
const withoutPathKeys = "UPDATE mls_record SET value = zeroblob(length(value)) WHERE key LIKE 'key/%'"

test("A member who alone cannot read a commit is let in again within seconds, and nobody is accused", () =>
  withGroup(async ({ world, alice, bob, carol, chatId }) => {
    await damaged(world, carol, withoutPathKeys)
    const beganMs = world.time.nowMs()
    await world.do(alice.device.rename(chatId, "Another name"))
    await world.until("carol heals", async () => (await carol.virtual.disk.read("SELECT 1 AS one FROM healed")).length > 0)
    const tookMs = world.time.nowMs() - beganMs
    assert.ok(tookMs < 5_000, `${tookMs} ms`)
    await world.say(alice, chatId, "after it")
    await world.do(deviceOf(carol).send(chatId, { text: "I am back" }))
    await world.rest(5_000)
    assert.ok((await shown(carol, chatId)).includes("after it"))
    for (const person of [alice, bob]) assert.ok((await shown(person, chatId)).includes("I am back"))
    assert.deepEqual(await redAlarms(alice, bob, carol), [])
    assert.equal((await deviceOf(carol).chat(chatId)).title, "Another name")
    const events = (await deviceOf(alice).messages(chatId)).messages.flatMap(({ content }) =>
      content.type === "event" ? [content.event.kind] : [],
    )
    assert.ok(!events.includes("device_added") && !events.includes("device_removed"), "the same device is nothing new")
  }))

test("A member whose state of a group is damaged is let in again by one who may not add anybody, once somebody is there", () =>
  withGroup(async ({ world, alice, bob, carol, chatId }) => {
    await world.do(alice.device.close())
    await world.do(bob.device.close())
    await damaged(world, carol, "DELETE FROM mls_record WHERE key = 'epoch'")
    await world.do(deviceOf(carol).send(chatId, { text: "written meanwhile" }))
    await world.rest(30_000)
    assert.ok(await heals(carol), "nobody is there")
    await world.do(bob.virtual.start())
    await world.until("carol is back", async () => !(await heals(carol)))
    await world.rest(5_000)
    assert.ok((await shown(bob, chatId)).includes("written meanwhile"))
    await world.do(alice.virtual.start())
    await world.rest(5_000)
    await world.do(deviceOf(alice).send(chatId, { text: "all here" }))
    await world.rest(5_000)
    for (const person of [alice, bob, carol]) assert.ok((await shown(person, chatId)).includes("all here"), person.handle)
    assert.deepEqual(await redAlarms(alice, bob, carol), [])
  }))

test("Two members who lost something at once are both let in again, and so is one whose process dies in the middle of it", () =>
  withGroup(async ({ world, alice, bob, carol, chatId }) => {
    await damaged(world, carol, withoutPathKeys)
    await damaged(world, bob, withoutPathKeys)
    await world.do(alice.device.rename(chatId, "Another name"))
    await world.until("both ask", async () => (await heals(carol)) && (await heals(bob)))
    carol.virtual.kill()
    await world.rest(60_000)
    await world.do(carol.virtual.start())
    await world.until("both are back", async () => !(await heals(carol)) && !(await heals(bob)))
    for (const person of [alice, bob, carol]) {
      await world.do(deviceOf(person).send(chatId, { text: `${person.handle} is here` }))
      await world.rest(5_000)
    }
    for (const person of [alice, bob, carol])
      assert.deepEqual(
        (await shown(person, chatId)).filter((text) => text.endsWith("is here")),
        ["alice is here", "bob is here", "carol is here"],
      )
    assert.deepEqual(await redAlarms(alice, bob, carol), [])
  }))
