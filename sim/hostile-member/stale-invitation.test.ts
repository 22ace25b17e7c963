// Invitations to groups that hold a device which its owner has removed: nobody enters while it is there, and nobody is kept out by it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { DrillWorld, type Person, texts } from "../../drill/drill-world.ts"
import type { Ghost } from "../../drill/adversary/ghost.ts"
import { addPhone } from "../../drill/adversary/stolen-phone.ts"
import { HostileMember, alarms } from "./hostile-member.ts"

const hourMs = 3_600_000

interface Stage {
  readonly world: DrillWorld
  readonly alice: Person
  readonly bob: Person
  readonly mallory: Person
  readonly dave: Person
  readonly phone: Ghost
  readonly chatId: string
}

/** Alice's group, where everybody may add, with Bob and his phone, and with Mallory. Dave is to be invited. */
async function withPhone(run: (stage: Stage) => Promise<void>): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const [mallory, dave] = [await world.person("mallory"), await world.person("dave")]
    const phone = await addPhone(world, bob)
    const chatId = await world.group(alice, bob, mallory)
    await world.do(alice.device.setRules(chatId, { add: "everyone", rename: "admins", post: "everyone" }))
    await world.rest(5_000)
    await run({ world, alice, bob, mallory, dave, phone, chatId })
  })
}

/** Bob removes his phone, and nobody gets a commit through that would take it out of the group. */
async function removedButThere({ world, alice, bob, phone }: Stage): Promise<void> {
  for (const person of [alice, bob]) world.adversary.posting.refuse("commit", person.address)
  await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
  await world.rest(5_000)
  world.forgetSigns()
}

test("Who was away is invited to the group as it was, and enters it as it is: what was removed since is taken out by what waits behind", () =>
  withPhone(async ({ world, alice, bob, dave, phone, chatId }) => {
    await world.do(alice.device.findContact("dave"))
    dave.virtual.reachable = false
    await world.do(alice.device.addMembers(chatId, [toHex(dave.accountId)]))
    await world.rest(10_000)
    await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
    await world.rest(2 * hourMs)
    await world.say(alice, chatId, "welcome back")
    world.forgetSigns()
    dave.virtual.reachable = true
    await world.rest(60_000)
    assert.deepEqual([(await dave.device.chat(chatId)).state, await leavesOf(dave, phone)], ["request", 0])
    assert.ok((await texts(dave, chatId)).includes("welcome back"))
    assert.deepEqual(alarms(world, dave), [])
  }))

test("An invitation to a group with a removed device in it waits without a word until a member takes that out", () =>
  withPhone(async (stage) => {
    const { world, mallory, dave, chatId } = stage
    await removedButThere(stage)
    const member = await HostileMember.seize(world, mallory, chatId)
    await member.add(dave)
    await world.rest(2 * hourMs)
    assert.deepEqual([(await dave.device.chats()).length, alarms(world, dave)], [0, []])
    world.adversary.posting.on("commit", ({ asked }, honest) => honest(asked))
    await world.rest(2 * hourMs)
    assert.deepEqual([(await dave.device.chat(chatId)).state, await leavesOf(dave, stage.phone)], ["request", 0])
    assert.deepEqual(alarms(world, dave), [])
  }))

test("If nobody takes it out the invitation is refused, and says how to get in", () =>
  withPhone(async (stage) => {
    const { world, mallory, dave, chatId } = stage
    await removedButThere(stage)
    const member = await HostileMember.seize(world, mallory, chatId)
    await member.add(dave)
    await world.rest(50 * hourMs)
    assert.equal((await dave.device.chats()).length, 0)
    assert.deepEqual(alarms(world, dave), ["invitation_refused_stale_device"])
    assert.match((await dave.device.alarms())[0]?.text ?? "", /add you again/)
  }))

test("Whoever lets somebody in looks at everybody first, and takes out what is not listed in the same commit", () =>
  withPhone(async (stage) => {
    const { world, alice, bob, dave, phone, chatId } = stage
    world.adversary.posting.refuse("commit", bob.address)
    await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
    await world.rest(5_000)
    await world.do(alice.device.findContact("dave"))
    await world.do(alice.device.addMembers(chatId, [toHex(dave.accountId)]))
    await world.rest(20_000)
    const commit = world.adversary.heard.findLast((one) => one.type === "commit" && one.adds.length > 0)
    assert.deepEqual([commit?.type === "commit" && commit.removes.length, await leavesOf(alice, phone)], [1, 0])
    assert.equal((await dave.device.chat(chatId)).state, "request")
  }))

async function leavesOf(person: Person, { deviceId }: Ghost): Promise<number> {
  const [row] = await person.virtual.disk.read("SELECT COUNT(*) AS n FROM member WHERE device_id = ?", [deviceId])
  return Number(row?.["n"])
}
