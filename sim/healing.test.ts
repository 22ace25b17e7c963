// Devices that cannot go on in a group are let in again by the others, and go on without anybody doing anything.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { Device, Network } from "@nodoor/client"
import { decodePostingRequest } from "@nodoor/wire/delivery"
import { through } from "./hands.ts"
import { type Neighbourhood, events, texts, until, withNeighbourhood } from "./neighbourhood.ts"

/** Alice and Bob talk in a chat of two. */
async function talking(
  at: Neighbourhood,
  aliceIs: Parameters<Neighbourhood["person"]>[1] = {},
): Promise<{ alice: Device; bob: Device; chatId: string; bobsId: string }> {
  const alice = await at.person("alice", aliceIs)
  const bob = await at.person("bob")
  const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
  await alice.send(chatId, { text: "before" })
  await until("bob has it", async () => (await bob.chats()).length === 1)
  const bobsId = (await bob.chats())[0]?.id ?? ""
  await bob.acceptRequest(bobsId)
  await bob.send(bobsId, { text: "answer" })
  await until("alice has the answer", async () => (await texts(alice, chatId)).includes("answer"))
  assert.ok(await alice.settled(10_000))
  return { alice, bob, chatId, bobsId }
}

test("A store put back from a copy is let in again with fresh keys and goes on; the copy that was used meanwhile is told and stops", () =>
  withNeighbourhood(async (at) => {
    const { alice, bob, chatId, bobsId } = await talking(at)
    await alice.close()
    at.copy("alice", "backup")
    const newest = await at.open("alice")
    await newest.send(chatId, { text: "since the copy" })
    assert.ok(await newest.settled(10_000))
    await newest.close()
    await bob.send(bobsId, { text: "unread yet" })
    assert.ok(await bob.settled(10_000))

    const backup = await at.open("backup")
    await backup.send(chatId, { text: "with fresh keys" })
    await until("bob hears of the copy", async () => (await texts(bob, bobsId)).includes("with fresh keys"))
    assert.deepEqual(await texts(bob, bobsId), ["before", "answer", "since the copy", "unread yet", "with fresh keys"])
    await until("what it wrote itself is missing", async () => (await events(backup, chatId)).includes("missed"), 30_000)
    await bob.send(bobsId, { text: "welcome back" })
    await until("the copy hears of bob", async () => (await texts(backup, chatId)).includes("welcome back"))
    await backup.close()

    const older = await at.open("alice")
    await until("the other copy is told", async () => (await older.connection()).status === "refused")
    await assert.rejects(older.send(chatId, { text: "with an old key" }), { code: "older_copy" })
    assert.ok((await older.alarms()).some(({ code, level }) => code === "older_copy" && level === "red"))
    await older.close()

    const again = await at.open("backup")
    await again.send(chatId, { text: "still here" })
    await until("bob has it", async () => (await texts(bob, bobsId)).includes("still here"))
  }))

test("A device asks again to be let in as soon as a server that was started anew is back: its request was on no disk", () =>
  withNeighbourhood(async (at) => {
    let asked = 0
    const countsAsking = (network: Network): Network => ({
      ...network,
      openStream: (url, kind, handlers) => {
        const stream = network.openStream(url, kind, handlers)
        const send = (frame: Uint8Array): void => {
          if (kind === "posting") asked += decodePostingRequest(frame).filter(({ type }) => type === "rejoin").length
          stream.send(frame)
        }
        return { send, close: stream.close }
      },
    })
    const { alice, bob, chatId, bobsId } = await talking(at, { through: countsAsking })
    await alice.close()
    at.copy("alice", "backup")
    const newest = await at.open("alice")
    await newest.send(chatId, { text: "since the copy" })
    assert.ok(await newest.settled(10_000))
    await newest.close()
    await until("bob has it", async () => (await texts(bob, bobsId)).includes("since the copy"))
    await bob.close()
    at.copy("backup", "alice")
    const back = await at.open("alice")
    await back.send(chatId, { text: "with fresh keys" })
    await until("it asks, and nobody is there", async () => asked === 1)
    await at.restart()
    await until("it asks again", async () => asked > 1, 30_000)
    const later = await at.open("bob")
    await until("bob hears of it", async () => (await texts(later, bobsId)).includes("with fresh keys"), 30_000)
  }))

test("A store put back from a copy is let in again for a message that it signed and does not know, whatever the server says", () =>
  withNeighbourhood(async (at) => {
    const hands = { acks: true }
    const alice = await at.person("alice", { through: through({ heard: (item) => item.type !== "ack" || hands.acks }) })
    const bob = await at.person("bob")
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    await alice.send(chatId, { text: "before" })
    await until("bob has it", async () => (await bob.chats()).length === 1)
    const bobsId = (await bob.chats())[0]?.id ?? ""
    await bob.acceptRequest(bobsId)
    await bob.send(bobsId, { text: "answer" })
    await until("alice has the answer", async () => (await texts(alice, chatId)).includes("answer"))
    assert.ok(await alice.settled(10_000))
    await alice.close()
    at.copy("alice", "backup")
    hands.acks = false
    const newest = await at.open("alice")
    await newest.send(chatId, { text: "since the copy" })
    await until("bob has it", async () => (await texts(bob, bobsId)).includes("since the copy"))
    await newest.close()
    const backup = await at.open("backup")
    await backup.send(chatId, { text: "with fresh keys" })
    await until("bob hears of the copy", async () => (await texts(bob, bobsId)).includes("with fresh keys"))
    await until("what it wrote itself is missing", async () => (await events(backup, chatId)).includes("missed"), 30_000)
  }))

test("A device from whom the server has lost a commit is let in again before it writes, and gets what was lost from the others", () =>
  withNeighbourhood(async (at) => {
    let losing = false
    const alice = await at.person("alice")
    const bob = await at.person("bob", {
      through: through({
        shown: (item) => (losing && item.type === "commit" ? [{ type: "gap", sub: item.sub, through: item.order }] : [item]),
      }),
    })
    const carol = await at.person("carol")
    const accountIds = [(await alice.findContact("bob")).accountId, (await alice.findContact("carol")).accountId]
    const chat = await alice.createGroup({ name: "Weekend", accountIds })
    for (const device of [bob, carol]) {
      await until("it is there", async () => (await device.chats()).length === 1)
      await device.acceptRequest(chat.id)
      await device.send(chat.id, { text: "hello" })
    }
    for (const device of [alice, bob, carol]) assert.ok(await device.settled(10_000))
    await bob.close()
    await alice.rename(chat.id, "Another name")
    await alice.send(chat.id, { text: "after the gap" })
    assert.ok(await alice.settled(10_000))
    losing = true
    const back = await at.open("bob")
    await until("the gap is found", async () => (await back.alarms()).some(({ code }) => code === "log_gap"))
    losing = false
    await back.send(chat.id, { text: "with fresh keys" })
    await until("alice hears of it", async () => (await texts(alice, chat.id)).includes("with fresh keys"))
    // The others give what the server lost, so nothing is missing.
    await until("bob has it from alice", async () => (await texts(back, chat.id)).includes("after the gap"), 30_000)
    assert.deepEqual(await texts(back, chat.id), await texts(alice, chat.id))
    assert.ok(!(await events(back, chat.id)).includes("missed"))
    assert.equal((await back.chat(chat.id)).title, "Another name")
    assert.deepEqual((await alice.alarms()).concat(await carol.alarms()), [])
  }))

test("A store put back from a copy that was made before the device had a seat of its own is let in again all the same", () =>
  withNeighbourhood(async (at) => {
    const alice = await at.person("alice")
    const bob = await at.person("bob")
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    await alice.send(chatId, { text: "before" })
    await until("bob has it", async () => (await bob.chats()).length === 1)
    const bobsId = (await bob.chats())[0]?.id ?? ""
    await bob.close()
    at.copy("bob", "backup")
    const newest = await at.open("bob")
    await newest.acceptRequest(bobsId)
    await newest.send(bobsId, { text: "since the copy" })
    assert.ok(await newest.settled(10_000))
    await until("alice has it", async () => (await texts(alice, chatId)).includes("since the copy"))
    await newest.close()
    await alice.send(chatId, { text: "unread yet" })
    assert.ok(await alice.settled(10_000))
    const backup = await at.open("backup")
    await backup.acceptRequest(bobsId)
    await backup.send(bobsId, { text: "with fresh keys" })
    await until("alice hears of the copy", async () => (await texts(alice, chatId)).includes("with fresh keys"), 30_000)
    await until("it has what alice wrote", async () => (await texts(backup, bobsId)).includes("unread yet"), 30_000)
    assert.ok((await backup.alarms()).every(({ code }) => code !== "seat_lost" && code !== "seat_taken"))
  }))

test("An older copy that has missed commits is told that another copy was let in, and not that it was removed", () =>
  withNeighbourhood(async (at) => {
    const [alice, bob] = [await at.person("alice"), await at.person("bob")]
    const { id } = await alice.createGroup({ name: "Weekend", accountIds: [(await alice.findContact("bob")).accountId] })
    await until("bob has it", async () => (await bob.chats()).length === 1)
    await bob.acceptRequest(id)
    await bob.send(id, { text: "hello" })
    await until("alice has it", async () => (await texts(alice, id)).includes("hello"))
    assert.ok(await alice.settled(10_000))
    await alice.close()
    for (const copy of ["backup", "oldest"]) at.copy("alice", copy)
    const newest = await at.open("alice")
    for (const name of ["One", "Two"]) await newest.rename(id, name)
    await newest.send(id, { text: "since the copies" })
    assert.ok(await newest.settled(10_000))
    await newest.close()
    const backup = await at.open("backup")
    await backup.send(id, { text: "with fresh keys" })
    await until("bob hears of the copy", async () => (await texts(bob, id)).includes("with fresh keys"), 30_000)
    await backup.close()
    const oldest = await at.open("oldest")
    await until("it is told", async () => (await oldest.connection()).status === "refused", 30_000)
    assert.ok((await oldest.alarms()).some(({ code }) => code === "older_copy"))
    assert.ok(!(await events(oldest, id)).includes("removed"))
  }))
