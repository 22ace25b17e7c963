// Linking: a further device gets into an account, into its conversations, and out again.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"

async function texts({ device }: Person, chatId: string): Promise<readonly string[]> {
  const { messages } = await device.messages(chatId)
  return messages.flatMap(({ content }) => (content.type === "text" ? [content.markdown] : []))
}

async function noAlarms(world: OperatedWorld, ...people: readonly Person[]): Promise<void> {
  for (const person of people)
    for (const level of ["red", "warn"] as const) assert.deepEqual(await world.alarms(person, level), [], person.virtual.handle)
}

const isIn = async ({ device }: Person, chatId: string): Promise<boolean> => (await device.chats()).some(({ id }) => id === chatId)

test("A second device is linked, is in every conversation, and what anybody writes comes to both devices", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const group = await world.run(alice.device.createGroup({ name: "Three", accountIds: [toHex(bob.accountId)] }))
    await world.until("bob is in the group", () => isIn(bob, group.id))
    const second = await world.linked(alice, "a-second")
    const devices = await alice.device.devices()
    assert.deepEqual(devices.map(({ deviceClass }) => deviceClass).toSorted(), ["cli", "web"])
    assert.deepEqual((await second.device.account()).handle, "alice")
    await world.until("the second device has the chats", async () => (await isIn(second, chatId)) && (await isIn(second, group.id)))
    await world.run(bob.device.send(chatId, { text: "to both" }))
    await world.run(second.device.send(group.id, { text: "from the second" }))
    await world.until("all have it", async () => {
      const both = (await texts(alice, chatId)).includes("to both") && (await texts(second, chatId)).includes("to both")
      return both && (await texts(alice, group.id)).includes("from the second") && (await texts(bob, group.id)).includes("from the second")
    })
    const [own] = (await alice.device.messages(group.id)).messages.filter(({ content }) => content.type === "text")
    assert.equal(own?.sender.own, true)
    await noAlarms(world, alice, bob, second)
  }))
