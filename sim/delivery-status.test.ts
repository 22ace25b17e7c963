// How far a message has come, and when it was written: what a person is told of it never goes back.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type Device, writtenLongBeforeMs } from "@nodoor/client"
import { through } from "./hands.ts"
import { texts, until, withNeighbourhood } from "./neighbourhood.ts"

test("Adding and removing people changes nothing about how far an earlier message has come, or who is listed for it", () =>
  withNeighbourhood(async ({ person, again }) => {
    let alice = await person("alice")
    const others = new Map<string, Device>()
    for (const handle of ["bob", "carol", "dave"]) others.set(handle, await person(handle))
    const idOf = async (handle: string): Promise<string> => (await alice.findContact(handle)).accountId
    const [bob, carol, dave] = [await idOf("bob"), await idOf("carol"), await idOf("dave")]
    const chatId = (await alice.createGroup({ name: "Team", accountIds: [bob, carol] })).id
    const joined = async (handle: string): Promise<void> => {
      const device = others.get(handle)
      await until(`${handle} is in the group`, async () => (await device?.chats())?.length === 1)
      await device?.acceptRequest((await device.chats())[0]?.id ?? "")
    }
    await joined("bob")
    await joined("carol")
    const first = await alice.send(chatId, { text: "first" })
    const statusOf = async (id: string): Promise<string | undefined> => (await alice.messagesById(chatId, [id]))[0]?.status
    const listed = async (id: string): Promise<string[]> =>
      (await alice.messageDetails(chatId, id)).deliveries.map(({ accountId, status }) => `${accountId} ${status}`).toSorted()
    await until("both have the first message", async () => (await statusOf(first.id)) === "delivered")
    const then = [`${bob} delivered`, `${carol} delivered`].toSorted()
    assert.deepEqual(await listed(first.id), then)

    await alice.addMembers(chatId, [dave])
    await joined("dave")
    assert.equal((await alice.members(chatId)).length, 4)
    assert.deepEqual([await statusOf(first.id), await listed(first.id)], ["delivered", then])
    assert.ok(!(await texts(others.get("dave") ?? alice, chatId)).includes("first"))

    const second = await alice.send(chatId, { text: "second" })
    await until("all three have the second", async () => (await statusOf(second.id)) === "delivered")
    await alice.removeMember(chatId, bob)
    await until("bob is out", async () => (await alice.members(chatId)).length === 3)
    const third = await alice.send(chatId, { text: "third" })
    await until("carol and dave have the third", async () => (await statusOf(third.id)) === "delivered")
    assert.deepEqual(await listed(third.id), [`${carol} delivered`, `${dave} delivered`].toSorted())
    assert.deepEqual([await statusOf(first.id), await listed(first.id)], ["delivered", then])
    assert.equal((await listed(second.id)).length, 3)

    await alice.addMembers(chatId, [bob])
    await until("bob is back", async () => (await alice.members(chatId)).length === 4)
    alice = await again("alice", alice)
    for (const id of [first.id, second.id, third.id]) assert.equal(await statusOf(id), "delivered")
    assert.equal((await listed(third.id)).length, 2)
    const carols = others.get("carol")
    const last = (await carols?.messages(chatId))?.messages.at(-1)
    await carols?.markRead(chatId, last?.id ?? "")
    await until("carol has read all", async () => (await listed(third.id)).includes(`${carol} read`))
    assert.deepEqual([await statusOf(first.id), await statusOf(third.id)], ["delivered", "delivered"], "the others have not")
  }))

test("A message that the server held back says when it was written; a time that cannot be is not believed", () =>
  withNeighbourhood(async ({ person }) => {
    let heldMs = 0
    const holding = through({
      shown: (item) => [item.type === "post" ? { ...item, hour: item.hour + heldMs / 3_600_000 } : item],
    })
    const alice = await person("alice")
    const bob = await person("bob", { through: holding })
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    for (const [text, hours] of [
      ["at once", 0],
      ["in another year", 365 * 24],
      ["before it was written", -3],
      ["held back", 5],
    ] as const) {
      heldMs = hours * 3_600_000
      const beforeMs = Date.now()
      await alice.send(chatId, { text })
      await until("bob has it", async () => (await bob.chats()).length === 1 && (await texts(bob, chatId)).includes(text))
      const message = (await bob.messages(chatId)).messages.find(({ content }) => content.type === "text" && content.markdown === text)
      assert.ok(message)
      assert.ok(message.sentMs !== undefined && message.sentMs >= beforeMs && message.sentMs <= Date.now(), text)
      assert.equal(writtenLongBeforeMs(message), text === "held back" ? message.sentMs : undefined)
    }
    const own = (await alice.messages(chatId)).messages.at(-1)
    assert.ok(own?.sentMs !== undefined && writtenLongBeforeMs(own) === undefined)
  }))
