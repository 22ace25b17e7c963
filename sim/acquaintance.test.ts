import assert from "node:assert/strict"
import { test } from "node:test"
import type { Device } from "@nodoor/client"
import { texts, until, withNeighbourhood } from "./neighbourhood.ts"

async function idOf(device: Device, handle: string): Promise<string> {
  return (await device.findContact(handle)).accountId
}

/** The names in "People you know". */
async function knownTo(device: Device): Promise<readonly (string | undefined)[]> {
  return (await device.contacts()).filter((contact) => contact.known === true).map((contact) => contact.handle)
}

test("Somebody in a common group is no stranger, and somebody who only asked is not known", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob, carol, mallory] = [await person("alice"), await person("bob"), await person("carol"), await person("mallory")]
    const group = await alice.createGroup({ name: "Team", accountIds: [await idOf(alice, "bob"), await idOf(alice, "carol")] })
    for (const device of [bob, carol]) {
      await until("both are in", async () => (await device.chats()).length === 1)
      await device.acceptRequest(group.id)
    }
    const fromBob = await bob.openChat(await idOf(bob, "carol"))
    await bob.send(fromBob.id, { text: "hello from the group" })
    await until("carol has it", async () => (await carol.chats()).length === 2 && (await texts(carol, fromBob.id)).length === 1)
    assert.equal((await carol.chat(fromBob.id)).state, "active")

    // A group that carol never accepted makes nobody known.
    const trap = await mallory.createGroup({ name: "Trap", accountIds: [await idOf(mallory, "carol")] })
    await until("carol is asked", async () => (await carol.chats()).length === 3)
    const fromMallory = await mallory.openChat(await idOf(mallory, "carol"))
    await mallory.send(fromMallory.id, { text: "hello from the trap" })
    await until("carol has it", async () => (await carol.chats()).length === 4 && (await texts(carol, fromMallory.id)).length === 1)
    assert.deepEqual([(await carol.chat(trap.id)).state, (await carol.chat(fromMallory.id)).state], ["request", "request"])
    assert.deepEqual(await knownTo(carol), ["alice", "bob"])

    await carol.acceptRequest(fromMallory.id)
    assert.deepEqual(await knownTo(carol), ["alice", "bob", "mallory"])
    await carol.leave(group.id)
    await until("carol is out", async () => (await carol.chat(group.id)).state === "left")
    assert.ok(!(await knownTo(carol)).includes("alice"), "a group that was left makes nobody known")
  }))

test("Somebody whose safety number was verified is no stranger", () =>
  withNeighbourhood(async ({ person }) => {
    const [carol, erin] = [await person("carol"), await person("erin")]
    const erinId = await idOf(carol, "erin")
    await carol.setVerified(erinId, true)
    assert.deepEqual(await knownTo(carol), ["erin"])
    const chat = await erin.openChat(await idOf(erin, "carol"))
    await erin.send(chat.id, { text: "hello" })
    await until("carol has it", async () => (await carol.chats()).length === 1 && (await texts(carol, chat.id)).length === 1)
    assert.equal((await carol.chat(chat.id)).state, "active")
  }))
