// The operator suspends or erases an account: what its own device says and keeps, and that nobody else's chats stand still.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { Device } from "@nodoor/client"
import { fromHex } from "@nodoor/bytes"
import { texts, until, withNeighbourhood } from "./neighbourhood.ts"

async function idOf(device: Device, handle: string): Promise<string> {
  return (await device.findContact(handle)).accountId
}

async function alarms(device: Device): Promise<string[]> {
  return (await device.alarms()).map(({ level, code }) => `${level} ${code}`)
}

const isRefused = async (device: Device, code: string): Promise<boolean> => {
  const connection = await device.connection()
  return connection.status === "refused" && connection.code === code
}

test("A suspended person's device says so and keeps what they write; the group goes on, and both sides catch up when it is resumed", () =>
  withNeighbourhood(async ({ server, person, again }) => {
    const [alice, bob, carol] = [await person("alice"), await person("bob"), await person("carol")]
    const chat = await alice.createGroup({ name: "Team", accountIds: [await idOf(alice, "bob")] })
    await until("bob is in", async () => (await bob.chats())[0]?.title === "Team")
    await bob.acceptRequest(chat.id)
    await bob.send(chat.id, { text: "here" })
    await until("alice has it", async () => (await texts(alice, chat.id)).includes("here"))

    const accountId = fromHex((await bob.account()).accountId)
    await server.accounts.changeAccount({ accountId, change: "suspend" })
    await until("bob is told", () => isRefused(bob, "account_suspended"))
    const message = await bob.send(chat.id, { text: "written meanwhile" })
    assert.equal(message.status, "queued")
    assert.ok(await bob.findContact("carol"), "whoever looks somebody up names nobody, so a suspended device can, as anybody can")
    assert.equal((await bob.exportOwnData()).serverRecord, undefined)

    await alice.addMembers(chat.id, [await idOf(alice, "carol")])
    await alice.send(chat.id, { text: "without bob" })
    await until("carol has it", async () => (await carol.chats()).length === 1 && (await texts(carol, chat.id)).length === 1)
    assert.deepEqual(await texts(bob, chat.id), ["here", "written meanwhile"])

    await server.accounts.changeAccount({ accountId, change: "resume" })
    // The next look is a quarter of an hour away; opening the store looks at once.
    const back = await again("bob", bob)
    await until("bob has caught up", async () => (await texts(back, chat.id)).includes("without bob"))
    await until("alice has what bob wrote", async () => (await texts(alice, chat.id)).includes("written meanwhile"))
    assert.equal((await back.members(chat.id)).length, 3)
    for (const device of [alice, back, carol]) assert.deepEqual(await alarms(device), [])
  }))

test("An erased person keeps what is on their device; nobody's group stands still, and nobody else is kept out with them", () =>
  withNeighbourhood(async ({ server, person, again }) => {
    const [alice, bob, carol] = [await person("alice"), await person("bob"), await person("carol")]
    const [bobId, carolId] = [await idOf(alice, "bob"), await idOf(alice, "carol")]
    const chat = await alice.createGroup({ name: "Team", accountIds: [bobId] })
    await alice.send(chat.id, { text: "to bob" })
    await until("bob has it", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).length === 1)
    await bob.acceptRequest(chat.id)

    await server.accounts.changeAccount({ accountId: fromHex(bobId), change: "erase" })
    await until("bob is told", () => isRefused(bob, "account_erased"))
    const reopened = await again("bob", bob)
    await until("bob is told again", () => isRefused(reopened, "account_erased"))
    assert.deepEqual(await texts(reopened, chat.id), ["to bob"])
    assert.equal((await reopened.exportOwnData()).chats.length, 1)

    await alice.addMembers(chat.id, [carolId])
    await alice.send(chat.id, { text: "to carol" })
    await until("carol has it", async () => (await carol.chats()).length === 1 && (await texts(carol, chat.id)).length === 1)
    await carol.acceptRequest(chat.id)
    await carol.send(chat.id, { text: "from carol" })
    await until("alice has it", async () => (await texts(alice, chat.id)).includes("from carol"))
    await alice.removeMember(chat.id, bobId)
    await until("bob is out", async () => (await carol.members(chat.id)).length === 2)
    assert.deepEqual([await alarms(alice), await alarms(carol)], [[], []])

    const both = await alice.createGroup({ name: "Both", accountIds: [bobId, carolId] })
    await until("carol is in all the same", async () => (await carol.chats()).some(({ id }) => id === both.id))
    await alice.send(both.id, { text: "hello" })
    await until("carol has it", async () => (await texts(carol, both.id)).length === 1)
    assert.deepEqual(await alarms(alice), ["notice not_added_account_unavailable"])

    const dm = await alice.openChat(bobId)
    const alone = await alice.send(dm.id, { text: "anybody there?" })
    await until("alice is told", async () => (await alice.messagesById(dm.id, [alone.id]))[0]?.status === "failed")
    assert.ok((await alarms(alice)).every((alarm) => alarm.startsWith("notice ")))
    await alice.send(chat.id, { text: "still here" })
    await until("the others go on", async () => (await texts(carol, chat.id)).includes("still here"))
  }))
