// One of a person's own devices breaks the group of their devices: the others go on without it, and it does not come back.

import assert from "node:assert/strict"
import { test } from "node:test"
import { fromHex, toHex } from "@nodoor/bytes"
import { DrillWorld, type Person } from "../../drill/drill-world.ts"
import { HostileMember } from "../hostile-member/hostile-member.ts"
import { laterMs, makeSelfGroup, wreck } from "./successor-scene.ts"

/** A further device of somebody. `name` begins with a letter of its own. */
async function linked(world: DrillWorld, person: Person, name: string): Promise<Person> {
  const { code = "" } = await world.do(person.device.startLink({ show: true }))
  let number: number | undefined
  let step: string | undefined
  const stop = person.device.subscribe((event) => event.type === "link" && (step = event.link.step))
  const virtual = world.joining({ how: { code }, hears: (view) => void (number ??= view.number) }, name)
  await world.until("it is asked", () => number !== undefined && step === "confirming")
  await world.do(person.device.answerLink({ number: number ?? 0 }))
  await world.until("it runs", async () => (await virtual.device?.connection())?.status === "online")
  stop()
  const { device } = virtual
  assert.ok(device)
  const { deviceId } = await device.account()
  return {
    ...person,
    device,
    virtual,
    deviceId: fromHex(deviceId),
    address: virtual.address,
    shown: world.adversary.shownTo(virtual.address),
  }
}

async function selfChat({ virtual }: Person): Promise<string> {
  const [row] = await virtual.disk.read("SELECT chat_id FROM chat WHERE kind = 'self'")
  assert.ok(row)
  return toHex(row["chat_id"] as Uint8Array)
}

/** The group of the own devices that counts, with the devices in it. */
async function selfGroup({ virtual }: Person): Promise<{ readonly id: string; readonly devices: readonly string[] } | undefined> {
  const [row] = await virtual.disk.read(
    "SELECT g.group_id FROM mls_group g JOIN chat c ON c.group_id = g.group_id WHERE c.kind = 'self' AND g.status = 'active'",
  )
  if (!row) return undefined
  const rows = await virtual.disk.read("SELECT device_id FROM member WHERE group_id = ?", [row["group_id"] as Uint8Array])
  return { id: toHex(row["group_id"] as Uint8Array), devices: rows.map((each) => toHex(each["device_id"] as Uint8Array)).toSorted() }
}

test("The own devices go on in a group without the one that broke theirs, tell each other everything there, and refuse one that it makes", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    const second = await linked(world, alice, "x-second")
    const third = await linked(world, alice, "y-third")
    const all = [alice, second, third].map(({ deviceId }) => toHex(deviceId)).toSorted()
    for (const person of [alice, second, third])
      await world.until("it is complete", async () => (await selfGroup(person))?.devices.join() === all.join())
    await world.rest(180_000)
    const before = await selfGroup(alice)
    const wrecker = await HostileMember.seize(world, third, await selfChat(third))
    await wreck(wrecker)
    const left = [alice, second].map(({ deviceId }) => toHex(deviceId)).toSorted()
    for (const person of [alice, second])
      await world.until("it goes on", async () => {
        const now = await selfGroup(person)
        return now !== undefined && now.id !== before?.id && now.devices.join() === left.join()
      })
    assert.equal((await selfGroup(alice))?.id, (await selfGroup(second))?.id)
    for (const { device } of [alice, second])
      assert.ok((await device.alarms()).some(({ code, level }) => code.startsWith("commit_refused_") && level === "red"))
    // What was said before the group broke holds, and what is said now is heard.
    await world.do(alice.device.setChatOptions(chatId, { pinned: true }))
    await world.until("the other hears of it", async () => (await second.device.chat(chatId)).pinned)
    await world.do(second.device.setChatOptions(chatId, { folder: "Friends" }))
    await world.until("and answers", async () => (await alice.device.chat(chatId)).folder === "Friends")
    // It is not let in again by itself, and no second group is made.
    await world.rest(laterMs)
    assert.deepEqual((await selfGroup(alice))?.devices, left)
    for (const person of [alice, second])
      assert.equal(
        (
          await person.virtual.disk.read(
            "SELECT 1 AS one FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.kind = 'self' AND g.status = 'active'",
          )
        ).length,
        1,
      )
    // A group that it makes is none of theirs.
    await makeSelfGroup(world, wrecker)
    await world.rest(30_000)
    for (const person of [alice, second]) {
      const refused = (await person.device.alarms()).filter(({ code }) => code.startsWith("invitation_refused_"))
      assert.deepEqual(
        refused.map(({ code, level }) => [code, level]),
        [["invitation_refused_shut_out_device", "red"]],
      )
      assert.deepEqual((await selfGroup(person))?.devices, left)
    }
    // The chats themselves go on as they were, with all devices, until their person has removed it.
    await world.say(bob, chatId, "all as before")
    assert.ok(
      (await second.device.messages(chatId)).messages.some(
        ({ content }) => content.type === "text" && content.markdown === "all as before",
      ),
    )
  }))
