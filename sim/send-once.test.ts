// What a person hands in arrives once, whatever happens to the call.

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import type { Database } from "@nodoor/client"
import { texts, until, withNeighbourhood } from "./neighbourhood.ts"

test("A message handed in again under its id is sent once, also after a restart, and equal words under two ids arrive twice", () =>
  withNeighbourhood(async ({ person, again }) => {
    let alice = await person("alice")
    const bob = await person("bob")
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    const [first, second] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")]
    const yes = await alice.send(chatId, { text: "yes", id: first })
    assert.equal((await alice.send(chatId, { text: "yes", id: first })).id, yes.id)
    alice = await again("alice", alice)
    assert.equal((await alice.send(chatId, { text: "yes", id: first })).id, yes.id)
    const twin = await alice.send(chatId, { text: "yes", id: second })
    assert.notEqual(twin.id, yes.id)
    await Promise.all([1, 2, 3].map(() => alice.send(chatId, { text: "at once", id: "00".repeat(16) })))
    await alice.send(chatId, { text: "yes" })
    assert.ok(await alice.settled(10_000))
    assert.equal((await alice.send(chatId, { text: "yes", id: first })).status, "sent")
    await until("bob has a request", async () => (await bob.chats()).length === 1)
    const bobsId = (await bob.chats())[0]?.id ?? ""
    await until("bob has all", async () => (await texts(bob, bobsId)).length >= 4)
    assert.deepEqual(await texts(bob, bobsId), ["yes", "yes", "at once", "yes"])
    assert.deepEqual(await texts(alice, chatId), ["yes", "yes", "at once", "yes"])
    await assert.rejects(alice.send(chatId, { text: "x", id: "00ff" }), { code: "invalid_input" })
    const group = await alice.createGroup({ name: "Team", accountIds: [] })
    await assert.rejects(alice.send(group.id, { text: "yes", id: first }), { code: "invalid_input" })
  }))

test("Sending clears the draft of its chat and of no other, in one turn with the message", () =>
  withNeighbourhood(async ({ person, again }) => {
    let alice = await person("alice")
    const [one, two] = [await alice.createGroup({ name: "One", accountIds: [] }), await alice.createGroup({ name: "Two", accountIds: [] })]
    await alice.setChatOptions(one.id, { draft: "half a" })
    await alice.setChatOptions(two.id, { draft: "another" })
    assert.equal((await alice.chat(one.id)).draft, "half a")
    const seen: string[] = []
    alice.subscribe((event) => {
      if (event.type === "chat" && event.chat?.draft === "") seen.push(event.id)
    })
    await alice.send(one.id, { text: "half a message" })
    await alice.settled(10_000)
    assert.ok(seen.includes(one.id), "who shows the draft is told")
    alice = await again("alice", alice)
    assert.deepEqual([(await alice.chat(one.id)).draft, (await alice.chat(two.id)).draft], ["", "another"])
    await assert.rejects(alice.setChatOptions(two.id, { draft: "x".repeat(100_001) }), { code: "invalid_input" })
    assert.equal((await alice.chat(two.id)).draft, "another", "what is too long is refused, not cut")
  }))

test("A listener that throws rejects nothing that is stored, and the other listeners hear of it", () =>
  withNeighbourhood(async ({ person }) => {
    const alice = await person("alice")
    await person("bob")
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    const heard: string[] = []
    alice.subscribe(() => {
      throw new TypeError("a bug of the listener")
    })
    alice.subscribe((event) => heard.push(event.type))
    const sent = await alice.send(chatId, { text: "hello" })
    assert.deepEqual(await texts(alice, chatId), ["hello"])
    assert.ok(await alice.settled(10_000))
    assert.equal((await alice.messagesById(chatId, [sent.id]))[0]?.status, "sent")
    assert.ok(heard.includes("chat") && heard.includes("alarm"))
  }))

test("A message that is sent is told of once for each change of it, with its row, and the rows are read as a set", () =>
  withNeighbourhood(async ({ person }) => {
    let commits = 0
    let reads = 0
    const disk = (database: Database): Database => ({
      ...database,
      read: (...query) => (reads++, database.read(...query)),
      commit: (statements) => (commits++, database.commit(statements)),
    })
    const alice = await person("alice", { disk })
    const team = await alice.createGroup({ name: "Team", accountIds: [] })
    for (let n = 0; n < 30; n++) await alice.send(team.id, { text: `number ${n}` })
    assert.ok(await alice.settled(10_000))
    const told: string[] = []
    alice.subscribe((event) => {
      if (event.type !== "chat") return
      assert.deepEqual([event.id, event.chat?.last?.text, event.removed], [team.id, "hello", []])
      told.push(...event.messages.map(({ id, status }) => `${id} ${status}`))
      if (event.messages.length === 0) told.push("without a message")
    })
    commits = 0
    const { id } = await alice.send(team.id, { text: "hello" })
    assert.ok(await alice.settled(10_000))
    assert.deepEqual([...new Set(told)], [`${id} queued`, `${id} sent`])
    assert.ok(told.length <= commits, `${told.length} events of ${commits} transactions`)
    reads = 0
    await alice.messages(team.id, { limit: 30 })
    assert.ok(reads <= 6, `a page takes ${reads} reads`)
    reads = 0
    await alice.chats()
    assert.equal(reads, 1)
  }))
