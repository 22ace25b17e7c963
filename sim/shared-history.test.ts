// What new members of a group are shown of what was written before: production clients and server.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { ChatEvent, MessageView } from "@nodoor/client"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"

interface Scene {
  readonly world: OperatedWorld
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  readonly groupId: string
}

/** Alice and Bob in a group, and Carol, whom they know and who is not in it. */
const withGroup = (run: (scene: Scene) => Promise<void>): Promise<void> =>
  OperatedWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    await world.acquainted(alice, bob)
    await world.acquainted(alice, carol)
    const group = await world.run(alice.device.createGroup({ name: "Garden", accountIds: [toHex(bob.accountId)] }))
    await world.until("bob is in", async () => (await bob.device.chats()).some(({ id }) => id === group.id))
    await run({ world, alice, bob, carol, groupId: group.id })
  })

const messages = async ({ device }: Person, chatId: string): Promise<readonly MessageView[]> =>
  (await device.messages(chatId, { limit: 200 })).messages
const events = async (person: Person, chatId: string): Promise<readonly ChatEvent[]> =>
  (await messages(person, chatId)).flatMap(({ content }) => (content.type === "event" ? [content.event] : []))
const earlier = async (person: Person, chatId: string) =>
  (await messages(person, chatId)).flatMap(({ content, sender }) =>
    content.type === "shared_history" ? [{ ...content, by: sender.accountId }] : [],
  )
const says = async ({ world, alice, bob, groupId }: Scene, by: Person, text: string): Promise<string> => {
  const { id } = await world.run(by.device.send(groupId, { text }))
  for (const person of [alice, bob])
    await world.until(`${person.handle} has it`, async () => (await messages(person, groupId)).some((message) => message.id === id))
  return id
}
const comes = async ({ world, alice, carol, groupId }: Scene): Promise<void> => {
  await world.run(alice.device.addMembers(groupId, [toHex(carol.accountId)]))
  await world.until("carol is in", async () => (await carol.device.chats()).some(({ id }) => id === groupId))
  await world.pass(10_000)
}

test("Without the setting nobody is shown anything of what was written before", () =>
  withGroup(async (scene) => {
    const { alice, carol, groupId } = scene
    await says(scene, alice, "before")
    await comes(scene)
    assert.deepEqual(await earlier(carol, groupId), [])
    assert.equal((await alice.device.chat(groupId)).history, undefined)
  }))

test("A group that shares its last messages: who lets somebody in sends them, in their own name, and everybody is told", () =>
  withGroup(async (scene) => {
    const { world, alice, bob, carol, groupId } = scene
    const [a, b, c] = [toHex(alice.accountId), toHex(bob.accountId), toHex(carol.accountId)]
    for (const bad of [{ messages: 0 }, { messages: 201 }, { days: 31 }, { messages: 1.5 }, { messages: 5, days: 5 }])
      await assert.rejects(world.run(alice.device.setHistorySharing(groupId, bad)), { code: "invalid_input" })
    await assert.rejects(world.run(bob.device.setHistorySharing(groupId, { messages: 3 })), { code: "not_allowed" })
    await world.run(alice.device.setHistorySharing(groupId, { messages: 3 }))
    await world.until("bob knows", async () => (await bob.device.chat(groupId)).history !== undefined)
    assert.deepEqual((await events(bob, groupId)).at(-1), { kind: "history_sharing", by: a, history: { messages: 3 } })
    await says(scene, alice, "one")
    const two = await says(scene, bob, "two")
    const three = await says(scene, alice, "three")
    await says(scene, bob, "four")
    await world.run(alice.device.setChatOptions(groupId, { draft: "half a" }))
    await comes(scene)
    const [shared, ...more] = await earlier(carol, groupId)
    assert.ok(shared)
    assert.deepEqual([shared.by, shared.to, more.length], [a, [c], 0])
    assert.deepEqual(
      shared.messages.map(({ accountId, markdown }) => [accountId, markdown]),
      [
        [b, "two"],
        [a, "three"],
        [b, "four"],
      ],
    )
    // None of it is a message of its author here.
    assert.ok(!(await messages(carol, groupId)).some(({ content }) => content.type === "text"))
    assert.ok((await events(bob, groupId)).some((event) => event.kind === "history_shared" && event.by === a && event.count === 3))
    assert.deepEqual(
      (await earlier(alice, groupId)).map(({ count, messages: none }) => [count, none.length]),
      [[3, 0]],
    )
    assert.equal((await alice.device.chat(groupId)).draft, "half a")
    assert.deepEqual((await carol.device.search("four")).length, 1)
    // What its author changes afterwards changes here as well.
    await world.run(bob.device.edit(groupId, two, "two, better"))
    await world.run(alice.device.deleteForAll(groupId, three))
    await world.until("it changed", async () => {
      const [now] = await earlier(carol, groupId)
      return JSON.stringify(now?.messages.map(({ markdown }) => markdown)) === '["two, better","four"]'
    })
  }))

test("Messages of the last days, many and long ones, go in several posts, and what is too long is left out", () =>
  withGroup(async (scene) => {
    const { world, alice, carol, groupId } = scene
    await world.run(alice.device.setHistorySharing(groupId, { days: 1 }))
    await says(scene, alice, "x".repeat(20_000))
    for (let n = 0; n < 60; n++) await world.run(alice.device.send(groupId, { text: `${n} ${"y".repeat(2_000)}` }))
    await world.pass(10_000)
    await comes(scene)
    const shared = await earlier(carol, groupId)
    assert.ok(shared.length > 1)
    const texts = shared.flatMap((one) => one.messages.map(({ markdown }) => markdown.split(" ")[0]))
    assert.deepEqual(
      texts,
      Array.from({ length: 60 }, (_, n) => `${n}`),
    )
    assert.ok(shared.every((one) => one.messages.length <= 50))
  }))
