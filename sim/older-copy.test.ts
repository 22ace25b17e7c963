// A profile put back from a backup: its ratchets stand where they stood then.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { Device, Network } from "@nodoor/client"
import { through } from "./hands.ts"
import { type Neighbourhood, texts, until, withNeighbourhood } from "./neighbourhood.ts"

/** A network whose server says what `acked` makes of the truth, and which passes acknowledgements on only while `acks`. */
function tellingHands(hands: { acked: (true_: number) => number; acks: boolean }): (network: Network) => Network {
  return through({
    shown: (item) => [item.type === "subscribed" ? { ...item, acked: hands.acked(item.acked) } : item],
    heard: (item) => item.type !== "ack" || hands.acks,
  })
}

async function refused(device: Device, chatId: string, words: RegExp): Promise<void> {
  await until("the copy is refused", async () => (await device.connection()).status === "refused")
  const connection = await device.connection()
  assert.ok(connection.status === "refused")
  assert.equal(connection.code, "older_copy")
  assert.match(connection.message, words)
  await assert.rejects(device.send(chatId, { text: "with an old key" }), { code: "older_copy", message: words })
  await assert.rejects(device.edit(chatId, (await device.messages(chatId)).messages[0]?.id ?? "", "with an old key"), {
    code: "older_copy",
  })
  assert.deepEqual(
    (await device.alarms()).map(({ code, level }) => [code, level]),
    [["older_copy", "red"]],
  )
}

/** Alice and Bob talk; Alice's store is copied; she writes on. Returns with her device closed. */
async function copied(at: Neighbourhood, alice: Device): Promise<{ bob: Device; chatId: string; bobsId: string }> {
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
  return { bob, chatId, bobsId }
}

test("A store put back from a copy sends and receives nothing once the server knows of more, says so, and costs the newest store nothing", () =>
  withNeighbourhood(async (at) => {
    const { bob, chatId, bobsId } = await copied(at, await at.person("alice"))
    const alice = await at.open("alice")
    await alice.send(chatId, { text: "since the copy" })
    assert.ok(await alice.settled(10_000))
    await alice.close()
    await bob.send(bobsId, { text: "unread yet" })
    assert.ok(await bob.settled(10_000))

    let backup = await at.open("backup")
    await refused(backup, chatId, /The server says/)
    assert.deepEqual(await texts(backup, chatId), ["before", "answer"], "what is stored stays readable")
    assert.equal((await backup.exportOwnData()).chats.length, 1)
    await backup.close()
    backup = await at.open("backup")
    await refused(backup, chatId, /The server says/)
    await backup.close()

    const newest = await at.open("alice")
    await until("the newest store has everything", async () => (await texts(newest, chatId)).includes("unread yet"))
    await newest.send(chatId, { text: "goes on" })
    await until("bob has all of Alice's", async () => (await texts(bob, bobsId)).includes("goes on"))
    assert.deepEqual(await texts(bob, bobsId), ["before", "answer", "since the copy", "unread yet", "goes on"])
    assert.deepEqual((await newest.alarms()).concat(await bob.alarms()), [])
  }))

test("A message that the device signed and its store does not know proves an older copy, whatever the server says, and for good", () =>
  withNeighbourhood(async (at) => {
    const hands = { acked: () => 0, acks: true }
    const alice = await at.person("alice", { through: tellingHands(hands) })
    const { bob, chatId, bobsId } = await copied(at, alice)
    hands.acks = false
    const newest = await at.open("alice")
    await newest.send(chatId, { text: "since the copy" })
    await until("bob has it", async () => (await texts(bob, bobsId)).includes("since the copy"))
    await newest.close()

    let backup = await at.open("backup")
    await refused(backup, chatId, /This device has sent messages/)
    await backup.close()
    backup = await at.open("backup")
    const connection = await backup.connection()
    assert.ok(connection.status === "refused" && /This device has sent messages/.test(connection.message), "without asking the server")
    assert.ok(!(await texts(bob, bobsId)).includes("with an old key"))
  }))

test("A server that lies about it stops the device in the server's name, and one that knows of nothing any more lets no older copy go on", () =>
  withNeighbourhood(async (at) => {
    const hands = { acked: (acked: number) => acked, acks: true }
    let alice = await at.person("alice", { through: tellingHands(hands) })
    await at.person("bob")
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    await alice.send(chatId, { text: "before" })
    assert.ok(await alice.settled(10_000))
    hands.acked = (acked) => acked + 1
    alice = await at.again("alice", alice)
    await refused(alice, chatId, /The server says/)
    hands.acked = (acked) => acked
    alice = await at.again("alice", alice)
    await refused(alice, chatId, /The server says/)
    assert.deepEqual(await texts(alice, chatId), ["before"])
  }))
