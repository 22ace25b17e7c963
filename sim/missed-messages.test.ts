// Messages that a device missed while it could not read a chat: it asks the account's other devices, then those who wrote them, and each message
// takes its place. What nobody gives is said in the chat.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { MessageView } from "@nodoor/client"
import { DrillWorld, type Person } from "../drill/drill-world.ts"
import { line, unread } from "./unread-lines.ts"
import { OperatedWorld } from "./transparency/operated-world.ts"

/** Of a device, everything that it needs to read the paths of others. */
const withoutPathKeys = "UPDATE mls_record SET value = zeroblob(length(value)) WHERE key LIKE 'key/%'"

async function messagesOf({ virtual }: Pick<Person, "virtual">, chatId: string): Promise<readonly MessageView[]> {
  assert.ok(virtual.device)
  return (await virtual.device.messages(chatId, { limit: 200 })).messages
}

/** Texts and lines as the chat shows them, each with who wrote it. */
async function shown(person: Pick<Person, "virtual">, chatId: string): Promise<readonly string[]> {
  return (await messagesOf(person, chatId)).flatMap(({ content, sender }) =>
    content.type === "text" ? [`${sender.accountId.slice(0, 4)}: ${content.markdown}`] : content.type === "event" ? [] : [content.type],
  )
}

async function eventsOf(person: Pick<Person, "virtual">, chatId: string): Promise<readonly string[]> {
  return (await messagesOf(person, chatId)).flatMap(({ content }) => (content.type === "event" ? [content.event.kind] : []))
}

interface Scene {
  readonly world: DrillWorld
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  readonly chatId: string
}

/** Alice, Bob and Carol in a group; Carol is off. What she needs to read the next commit is lost. */
const withoutCarol = (run: (scene: Scene) => Promise<void>): Promise<void> =>
  DrillWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    const chatId = await world.group(alice, bob, carol)
    for (const person of [alice, bob, carol]) await world.say(person, chatId, `hello from ${person.handle}`)
    await world.do(carol.device.close())
    await carol.virtual.disk.commit([{ sql: withoutPathKeys, values: [] }])
    await run({ world, alice, bob, carol, chatId })
  })

const asks = async ({ virtual }: Person): Promise<boolean> => (await virtual.disk.read("SELECT 1 AS one FROM missed")).length > 0

test("What came while a device had lost its keys is asked back, from each sender, and stands where it was written", () =>
  withoutCarol(async ({ world, alice, bob, carol, chatId }) => {
    await world.do(alice.device.rename(chatId, "Another name"))
    await world.rest(2_000)
    await world.say(alice, chatId, "one")
    await world.say(bob, chatId, "two")
    const [edited] = (await messagesOf(bob, chatId)).slice(-1)
    await world.say(alice, chatId, "three")
    assert.ok(edited)
    await world.do(bob.device.edit(chatId, edited.id, "two, better"))
    await world.rest(5_000)
    await world.do(carol.virtual.start())
    await world.until("nothing waits", async () => (await shown(carol, chatId)).some((line) => line.endsWith("three")))
    await world.rest(30_000)
    assert.deepEqual(await shown(carol, chatId), await shown(alice, chatId))
    assert.ok((await shown(carol, chatId)).some((line) => line.endsWith("two, better")))
    assert.ok(!(await eventsOf(carol, chatId)).includes("missed"), "nothing is missing")
    assert.ok(!(await asks(carol)), "nothing is asked for any more")
    const [own] = (await messagesOf(carol, chatId)).filter(({ content }) => content.type === "text" && content.markdown === "three")
    assert.equal(own?.sender.accountId, toHex(alice.accountId))
    // The senders hear that it has come.
    await world.rest(60_000)
    const [sent] = (await messagesOf(alice, chatId)).filter(({ content }) => content.type === "text" && content.markdown === "three")
    assert.equal(sent?.status, "delivered")
  }))

test("What a sender who is away wrote is said to be missing until they are back, also when the device that asks dies meanwhile", () =>
  withoutCarol(async ({ world, alice, bob, carol, chatId }) => {
    await world.do(alice.device.rename(chatId, "Another name"))
    await world.rest(2_000)
    await world.say(bob, chatId, "from bob")
    await world.say(alice, chatId, "from alice")
    await world.do(bob.device.close())
    await world.do(carol.virtual.start())
    await world.until("carol asks", async () => await asks(carol))
    carol.virtual.kill()
    await world.rest(5_000)
    await world.do(carol.virtual.start())
    await world.until("alice's is here", async () => (await shown(carol, chatId)).some((line) => line.endsWith("from alice")))
    await world.until("it is said", async () => (await eventsOf(carol, chatId)).includes("missed"))
    const missing = (await messagesOf(carol, chatId)).flatMap(({ content }) =>
      content.type === "event" && content.event.kind === "missed" ? [content.event] : [],
    )
    assert.deepEqual(
      missing.map(({ why, account }) => [why, account]),
      [["keys", toHex(carol.accountId)]],
    )
    assert.ok((missing[0]?.fromMs ?? 1) <= (missing[0]?.untilMs ?? 0))
    await world.say(alice, chatId, "later")
    await world.rest(3_600_000)
    await world.do(bob.virtual.start())
    await world.until("bob's is here", async () => (await shown(carol, chatId)).some((line) => line.endsWith("from bob")))
    await world.rest(5_000)
    assert.deepEqual(await shown(carol, chatId), await shown(alice, chatId))
    assert.ok(!(await eventsOf(carol, chatId)).includes("missed"))
    assert.ok(!(await asks(carol)))
  }))

test("A single post that does not open is asked back without a new leaf, and what was none of anybody's is nothing to show", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    for (const text of ["first", "lost", "last"]) await world.say(alice, chatId, text)
    await world.do(bob.device.close())
    await bob.virtual.disk.commit(unread("lost"))
    // Another line at a place where nobody wrote anything.
    await bob.virtual.disk.commit(line)
    await world.do(bob.virtual.start())
    assert.equal((await shown(bob, chatId)).filter((text) => text === "waiting").length, 2)
    await world.until("it is here", async () => (await shown(bob, chatId)).some((text) => text.endsWith("lost")))
    await world.rest(20_000)
    assert.deepEqual(await shown(bob, chatId), await shown(alice, chatId))
    assert.ok(!(await asks(bob)))
    assert.equal((await bob.virtual.disk.read("SELECT 1 AS one FROM healed")).length, 0)
  }))

test("Another own device gives all that it has, of everybody and before anybody else is asked", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const second = await world.linked(alice, "a-second")
    await world.until("the second device has the chat", async () => (await second.device.chats()).some(({ id }) => id === chatId))
    await world.pass(150_000)
    await world.run(second.device.close())
    await second.virtual.disk.commit([{ sql: withoutPathKeys, values: [] }])
    const commits = async (): Promise<number> => Number((await bob.virtual.disk.read("SELECT epoch FROM mls_group"))[0]?.["epoch"])
    const before = await commits()
    // A path of Bob's: the second device cannot read it.
    await bob.virtual.disk.commit([{ sql: "UPDATE mls_group SET path_ms = 1, path_messages = 100000", values: [] }])
    await world.run(bob.device.send(chatId, { text: "from bob" }))
    await world.until("bob has new keys", async () => (await commits()) > before)
    await world.run(alice.device.send(chatId, { text: "from alice" }))
    await world.until("alice has it", async () => (await shown(alice, chatId)).some((text) => text.endsWith("from bob")))
    const asked = (await messagesOf(alice, chatId)).find(({ content }) => content.type === "text" && content.markdown === "from bob")
    assert.ok(asked)
    await world.run(alice.device.react(chatId, asked.id, "👍", true))
    await world.pass(5_000)
    bob.virtual.reachable = false
    await world.run(second.virtual.start())
    const { device } = second.virtual
    assert.ok(device)
    await world.until("it has both", async () => (await shown(second, chatId)).some((line) => line.endsWith("from alice")))
    await world.until("nothing waits", async () => !(await shown(second, chatId)).includes("waiting"))
    await world.pass(5_000)
    assert.deepEqual(await shown(second, chatId), await shown(alice, chatId))
    const found = (await messagesOf(second, chatId)).find(({ content }) => content.type === "text" && content.markdown === "from bob")
    assert.equal(found?.sender.accountId, toHex(bob.accountId))
    assert.deepEqual(
      found?.reactions.map(({ emoji }) => emoji),
      ["👍"],
    )
    assert.ok(!(await eventsOf(second, chatId)).includes("missed"))
    assert.equal((await second.virtual.disk.read("SELECT 1 AS one FROM missed")).length, 0)
  }))
