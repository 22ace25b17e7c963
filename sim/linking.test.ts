// Linking: a further device gets into an account, into its conversations, and out again.

import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeCbor, toHex } from "@nodoor/bytes"
import type { LinkView } from "@nodoor/client"
import { logInserted } from "@nodoor/wire"
import { blobDownloadPath } from "@nodoor/wire/delivery"
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

const deviceIdOf = async ({ device }: Person): Promise<string> => (await device.account()).deviceId

test("Any device links a third, the others are told calmly, and it is in what the other two are in", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const second = await world.linked(alice, "a-second")
    await world.until("the second device has the chat", () => isIn(second, chatId))
    const third = await world.linked(second, "a-third")
    await world.until("the third device has the chat", () => isIn(third, chatId))
    await world.until("the first one is told", async () => (await world.alarms(alice, "notice")).includes("own_device_added"))
    await world.run(third.device.send(chatId, { text: "from the third" }))
    const all = [alice, bob, second, third]
    await world.until("all have it", async () =>
      (await Promise.all(all.map(async (one) => (await texts(one, chatId)).includes("from the third")))).every(Boolean),
    )
    // A group that any of them makes has all of them from the beginning.
    const made = await world.run(second.device.createGroup({ name: "All", accountIds: [toHex(bob.accountId)] }))
    await world.until("all are in it", async () => (await Promise.all(all.map((one) => isIn(one, made.id)))).every(Boolean))
    assert.equal((await alice.device.devices()).length, 3)
    await noAlarms(world, ...all)
  }))

test("A device that another one revokes is out everywhere, reads nothing later, and says why it stands still", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const second = await world.linked(alice, "a-second")
    await world.until("the second device has the chat", () => isIn(second, chatId))
    await world.run(second.device.removeOwnDevice(await deviceIdOf(alice)))
    await world.run(second.device.send(chatId, { text: "without the first" }))
    await world.until("bob has it", async () => (await texts(bob, chatId)).includes("without the first"))
    await world.run(bob.device.send(chatId, { text: "to the second" }))
    await world.until("it has it", async () => (await texts(second, chatId)).includes("to the second"))
    await world.pass(60_000)
    const read = await texts(alice, chatId)
    assert.ok(!read.includes("without the first") && !read.includes("to the second"))
    const leaves = await bob.virtual.disk.read("SELECT device_id FROM member WHERE account_id = ?", [alice.accountId])
    assert.deepEqual(
      leaves.map((row) => toHex(row["device_id"] as Uint8Array)),
      [await deviceIdOf(second)],
    )
    await world.until("the first one says why", async () => (await world.alarms(alice)).includes("own_device_removed"))
    await noAlarms(world, bob, second)
  }))

test("Of two devices that revoke each other, the log decides which stays", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const second = await world.linked(alice, "a-second")
    await world.until("the second device has the chat", () => isIn(second, chatId))
    const [first, other] = [await deviceIdOf(alice), await deviceIdOf(second)]
    const done = await world.run(Promise.allSettled([alice.device.removeOwnDevice(other), second.device.removeOwnDevice(first)]))
    assert.equal(done.filter(({ status }) => status === "fulfilled").length, 1)
    const [winner, loser] = done[0].status === "fulfilled" ? [alice, second] : [second, alice]
    await world.run(winner.device.send(chatId, { text: "I stay" }))
    await world.until("bob has it", async () => (await texts(bob, chatId)).includes("I stay"))
    await world.until("the other one knows", async () => (await world.alarms(loser)).includes("own_device_removed"))
    assert.ok(!(await texts(loser, chatId)).includes("I stay"))
    await noAlarms(world, winner, bob)
  }))

test("Who leaves a group leaves it with all devices, and none of them brings the others back", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    await world.acquainted(alice, bob)
    const group = await world.run(bob.device.createGroup({ name: "Bob's", accountIds: [toHex(alice.accountId)] }))
    await world.until("alice is in it", () => isIn(alice, group.id))
    await world.run(alice.device.acceptRequest(group.id).catch(() => undefined))
    const second = await world.linked(alice, "a-second")
    await world.until("so is the second device", () => isIn(second, group.id))
    await world.run(alice.device.leave(group.id))
    const others = async (): Promise<number> =>
      (
        await bob.virtual.disk.read("SELECT * FROM member WHERE group_id = ? AND account_id = ?", [
          Buffer.from(group.id, "hex"),
          alice.accountId,
        ])
      ).length
    await world.until("both are out", async () => (await others()) === 0)
    await world.pass(300_000)
    assert.equal(await others(), 0)
    assert.equal((await second.device.chat(group.id)).state, "left")
    await noAlarms(world, alice, bob, second)
  }))

test("What comes while a device is being let into the conversations is on it as well", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const second = await world.linked(alice, "a-second")
    let written = 0
    await world.until("what bob writes comes to it", async () => {
      if (written < 40) await bob.device.send(chatId, { text: `meanwhile ${written++}` })
      return written === 40 && (await isIn(second, chatId)) && (await texts(second, chatId)).includes("meanwhile 39")
    })
    await world.pass(30_000)
    assert.deepEqual(await texts(second, chatId), await texts(alice, chatId))
  }))

test("A device that was linked has the history, the name that it gave itself, and says when all of it is there", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    for (let i = 0; i < 30; i++) await world.run(alice.device.send(chatId, { text: `before ${i}` }))
    await world.until("they are sent", async () => (await texts(bob, chatId)).length === 32)
    const second = await world.linked(alice, "a-second")
    await world.until("it has the chat", () => isIn(second, chatId))
    await world.until("it has the history", async () => (await texts(second, chatId)).length === 32)
    assert.deepEqual(await texts(second, chatId), await texts(alice, chatId))
    await world.until("nothing waits", async () => (await second.virtual.disk.read("SELECT * FROM history_due")).length === 0)
    assert.deepEqual((await second.virtual.disk.read("SELECT * FROM history_part")).length, 0)
    for (const one of [alice, second])
      await world.until("both know its name", async () => (await one.device.devices()).some(({ name }) => name === "Browser of a-second"))
    await world.run(bob.device.send(chatId, { text: "after" }))
    await world.until("what comes stands behind", async () => (await texts(second, chatId)).at(-1) === "after")
    await noAlarms(world, alice, bob, second)
  }))

test("A device that comes to the history when it is gone asks for it again, has all of it, and is given it once an hour", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    for (let i = 0; i < 10; i++) await world.run(alice.device.send(chatId, { text: `before ${i}` }))
    await world.until("they are sent", async () => (await texts(bob, chatId)).length === 12)
    let isGone = true
    let uploads = 0
    world.blobHand = async (call, honest) => {
      if (call.method === "POST") uploads++
      return isGone && call.path === blobDownloadPath
        ? { status: 404, headers: {}, body: encodeCbor({ code: "blob_not_found" }) }
        : await honest()
    }
    const second = await world.linked(alice, "a-second")
    const heard: LinkView[] = []
    second.device.subscribe((event) => event.type === "link" && heard.push(event.link))
    const due = async ({ virtual }: Person): Promise<number> => (await virtual.disk.read("SELECT 1 FROM history_due", [])).length
    const asks = async (): Promise<boolean> =>
      (await second.virtual.disk.read("SELECT 1 FROM job WHERE kind = 'history-ask' AND tries = 1", [])).length === 1
    await world.until("it has asked, and it was heard", async () => uploads === 1 && (await asks()) && (await due(alice)) === 1)
    const askedMs = world.time.nowMs()
    isGone = false
    // The process of the new device ends meanwhile, and starts again.
    second.virtual.kill()
    await world.until("it is back", async () => (await second.virtual.device?.connection())?.status === "online")
    const { device } = second.virtual
    assert.ok(device)
    await world.until("it has the history", async () => (await texts({ ...second, device }, chatId)).length === 12)
    assert.ok(world.time.nowMs() - askedMs > 3_000_000, "not at once again")
    await world.until("nothing waits", async () => (await due(second)) === 0)
    assert.deepEqual([uploads, await due(alice)], [2, 0])
    assert.ok(
      heard.every(({ step }) => step === "transferring"),
      "nothing failed",
    )
    await noAlarms(world, alice, bob, { ...second, device })
  }))

test("The list of devices says since when the log has had each, and nothing that the log does not prove", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const beforeMs = world.time.nowMs()
    await world.pass(3_000)
    let lies = true
    world.hand = async (path, _caller, _body, honest) => {
      const answer = await honest()
      if (path !== logInserted.path || !lies) return answer
      const middle = answer.body.length >> 1
      return { ...answer, body: answer.body.with(middle, (answer.body[middle] ?? 0) ^ 1) }
    }
    const second = await world.linked(alice, "a-second")
    await world.until("both know both", async () => (await alice.device.devices()).length === 2)
    await world.pass(10_000)
    assert.ok((await alice.device.devices()).every(({ addedMs }) => addedMs === undefined))
    lies = false
    await world.pass(3_700_000)
    for (const { device } of [alice, second]) {
      const [first, other] = (await device.devices()).toSorted((a, b) => a.addedVersion - b.addedVersion)
      assert.ok((first?.addedMs ?? Infinity) <= beforeMs)
      assert.ok((other?.addedMs ?? 0) > beforeMs + 2_000 && (other?.addedMs ?? Infinity) < beforeMs + 60_000)
    }
  }))
