// A device of one's own with changed code, and others who pretend to be one: what they say to the account's devices (docs/sync.md).

import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, encodeCbor, fromHex, toHex } from "@nodoor/bytes"
import { decodeVerifiedAccountState } from "@nodoor/keylog"
import { nodeProvider } from "@nodoor/mls/node"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"
import { origin } from "./virtual-server.ts"

interface Scene {
  readonly world: OperatedWorld
  readonly alice: Person
  /** Alice's second device, which says what the test has it say. */
  readonly sibling: Person
  readonly bob: Person
  readonly chatId: string
}

const withSibling = (run: (scene: Scene) => Promise<void>): Promise<void> =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const sibling = await world.linked(alice, "a-second")
    await world.until("the second device has the chat", async () => (await sibling.device.chats()).some(({ id }) => id === chatId))
    await world.run(sibling.device.setChatOptions(chatId, { pinned: true }))
    await world.until("it is told", async () => (await alice.device.chat(chatId)).pinned)
    await run({ world, alice, sibling, bob, chatId })
  })

async function groupOf(person: Person, kind: "self" | "dm"): Promise<Uint8Array> {
  const sql = "SELECT g.group_id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.kind = ? AND g.status = 'active'"
  const [row] = await person.virtual.disk.read(sql, [kind])
  assert.ok(row)
  return row["group_id"] as Uint8Array
}

/** Whatever bytes as sync content, queued as if the device's code had. It goes with the next thing that the device sends there. */
async function says(world: OperatedWorld, person: Person, content: Uint8Array, kind: "self" | "dm" = "self"): Promise<void> {
  const groupId = await groupOf(person, kind)
  const uris = new Map<number, CborValue>([
    [1, `mimi://${origin}/u/${toHex(person.accountId)}`],
    [2, `mimi://${origin}/r/${toHex(groupId)}`],
  ])
  const part = [0, "", 1, "application/vnd.nodoor.sync", content]
  const encoded = encodeCbor([nodeProvider.random(16), null, new Uint8Array(), null, null, uris, part])
  await person.virtual.disk.commit([
    {
      sql: "INSERT INTO outbox (group_id, kind, payload, status, rank, attempts) VALUES (?, 'content', ?, 'queued', 2, 0)",
      values: [groupId, encoded],
    },
  ])
  // Its name goes to all of its groups, and what waits there before it.
  await world.run(person.device.setName(`Name ${world.time.nowMs()}`))
  await world.until(
    "it was sent",
    async () => (await person.virtual.disk.read("SELECT 1 FROM outbox WHERE kind = 'content'", [])).length === 0,
  )
  await world.pass(2_000)
}

type Told = readonly [key: string, value: CborValue, ms: number, counter: number, deviceId: Uint8Array]

const list = (...entries: readonly (readonly CborValue[])[]): Uint8Array => encodeCbor(entries)

test("What a device of one's own says is taken only as it may be: form, sizes, values, and a time that the server's bears out", () =>
  withSibling(async ({ world, alice, sibling, chatId }) => {
    const name = toHex((await alice.virtual.disk.read("SELECT peer FROM chat WHERE kind = 'dm'", []))[0]?.["peer"] as Uint8Array)
    const { deviceId } = (await sibling.device.devices()).find((device) => device.own) ?? { deviceId: "" }
    const entry = (option: string, value: CborValue, ms = world.time.nowMs()): Told => [
      `chat/${name}/${option}`,
      value,
      ms,
      0,
      fromHex(deviceId),
    ]
    const view = () => alice.device.chat(chatId)
    await says(world, sibling, list(entry("folder", "One")))
    assert.equal((await view()).folder, "One")
    // One that is malformed takes all of its list with it.
    const malformed: readonly (readonly CborValue[])[] = [
      ["chat/x", true, 1, 0],
      ["Chat/UPPER", true, 1, 0, fromHex(deviceId)],
      [`k${"/k".repeat(100)}`, true, 1, 0, fromHex(deviceId)],
      ["setting/x", true, -1, 0, fromHex(deviceId)],
      ["setting/x", true, 1, 0, fromHex("00")],
      ["setting/x", "y".repeat(65_536), 1, 0, fromHex(deviceId)],
    ]
    for (const bad of malformed) await says(world, sibling, list(entry("folder", "Two"), bad))
    await says(world, sibling, encodeCbor({ not: "a list" }))
    await says(world, sibling, list(entry("folder", "Two"), ...Array.from({ length: 512 }, (_, nth) => entry("muted", nth % 2 === 0, nth))))
    assert.deepEqual([(await view()).folder, (await view()).muted], ["One", false])
    // One that is well-formed and not allowed is left out alone.
    await says(world, sibling, list(entry("folder", "x".repeat(65)), entry("folder", 7), entry("muted", "yes"), entry("archived", true)))
    assert.deepEqual([(await view()).folder, (await view()).muted, (await view()).archived], ["One", false, true])
    const year = 365 * 86_400_000
    await says(world, sibling, list(entry("folder", "Future", world.time.nowMs() + year)))
    assert.equal((await view()).folder, "One")
    await world.run(alice.device.setChatOptions(chatId, { folder: "Mine" }))
    assert.equal((await view()).folder, "Mine")
  }))

test("Folders and times of a device of one's own that cannot be are left out; those that can be hold", () =>
  withSibling(async ({ world, alice, sibling, chatId }) => {
    const { deviceId } = (await sibling.device.devices()).find((device) => device.own) ?? { deviceId: "" }
    const bob = (await alice.device.chat(chatId)).peer?.accountId ?? ""
    let counter = 0
    const say = (key: string, value: CborValue): Promise<void> =>
      says(world, sibling, list([key, value, world.time.nowMs(), counter++, fromHex(deviceId)]))
    await say("folders", ["Family", "Work"])
    assert.deepEqual(await alice.device.folders(), ["Family", "Work"])
    const many = Array.from({ length: 33 }, (_, nth) => `F${nth}`)
    for (const bad of [many, ["A", "A"], [""], [7], ["x".repeat(33)], ["a\nb"], "A", { 0: "A" }] as CborValue[]) await say("folders", bad)
    assert.deepEqual(await alice.device.folders(), ["Family", "Work"])
    for (const bad of [-1, 1.5, "yes", null]) await say(`chat/${bob}/muted`, bad)
    assert.equal((await alice.device.chat(chatId)).muted, false)
    await say(`chat/${bob}/muted`, world.time.nowMs() + 60_000)
    assert.equal((await alice.device.chat(chatId)).muted, true)
    await world.pass(61_000)
    assert.equal((await alice.device.chat(chatId)).muted, false)
  }))

test("A verified mark of a device of one's own holds for the same first state and the same number of resets, and for nobody else", () =>
  withSibling(async ({ world, alice, sibling, bob }) => {
    const { deviceId } = (await sibling.device.devices()).find((device) => device.own) ?? { deviceId: "" }
    const bobId = toHex(bob.accountId)
    const isVerified = async () => (await alice.device.contact(bobId)).verified
    let counter = 0
    const mark = async (value: CborValue): Promise<void> =>
      await says(world, sibling, list([`contact/${bobId}/verified`, value, world.time.nowMs(), counter++, fromHex(deviceId)]))
    await mark({ genesis: new Uint8Array(32), resets: 0, atMs: 1 })
    assert.equal(await isVerified(), false)
    await world.run(sibling.device.setVerified(bobId, true))
    await world.until("the honest one holds", isVerified)
    await world.run(sibling.device.setVerified(bobId, false))
    await world.until("and is taken back", async () => !(await isVerified()))
    const genesis = await genesisOf(alice, bob)
    for (const resets of [1, 7]) {
      await mark({ genesis, resets, atMs: 1 })
      const [contact] = await alice.virtual.disk.read("SELECT verified_ms FROM contact WHERE account_id = ?", [bob.accountId])
      assert.equal(contact?.["verified_ms"], null)
      assert.equal(await isVerified(), false)
    }
    await mark({ genesis, resets: 0, atMs: 1 })
    assert.equal(await isVerified(), true)
  }))

test("Sync content of somebody else, and of the own devices in a chat with somebody else, does nothing", () =>
  withSibling(async ({ world, alice, sibling, bob, chatId }) => {
    const entry = ["setting/theme", "pink", world.time.nowMs(), 0, new Uint8Array(16)] as const
    const isKept = async () => (await alice.virtual.disk.read("SELECT 1 FROM sync_entry WHERE key = 'setting/theme'", [])).length > 0
    const { messages } = await alice.device.messages(chatId)
    await says(world, bob, list([...entry]), "dm")
    await says(world, sibling, list([...entry]), "dm")
    assert.equal(await isKept(), false)
    assert.equal((await alice.device.messages(chatId)).messages.length, messages.length)
    await says(world, sibling, list([...entry]))
    assert.equal(await isKept(), true)
  }))

test("What a device says after the account has removed it is not heard", () =>
  withSibling(async ({ world, alice, sibling, chatId }) => {
    const { deviceId } = (await sibling.device.devices()).find((device) => device.own) ?? { deviceId: "" }
    sibling.virtual.reachable = false
    await world.pass(1_000)
    await world.run(sibling.device.setChatOptions(chatId, { muted: true }))
    await world.run(alice.device.removeOwnDevice(deviceId))
    await world.pass(60_000)
    sibling.virtual.reachable = true
    await world.pass(60_000)
    assert.equal((await alice.device.chat(chatId)).muted, false)
  }))

test("A device of one's own cannot silence a chat for good: what comes later is shown and unread, whatever it says to have read and deleted", () =>
  withSibling(async ({ world, alice, sibling, bob, chatId }) => {
    const { deviceId } = (await sibling.device.devices()).find((device) => device.own) ?? { deviceId: "" }
    const group = toHex(await groupOf(alice, "dm"))
    const all = (key: string): Told => [`${key}/${group}`, Number.MAX_SAFE_INTEGER, world.time.nowMs(), 0, fromHex(deviceId)]
    await says(world, sibling, list(all("read"), all("cleared")))
    await world.run(alice.device.removeOwnDevice(deviceId))
    await world.pass(25 * 3_600_000)
    const [bobs] = await bob.device.chats()
    assert.ok(bobs)
    await world.run(bob.device.send(bobs.id, { text: "do you hear me?" }))
    await world.pass(10_000)
    const { messages } = await alice.device.messages(chatId)
    assert.ok(messages.some(({ content }) => content.type === "text" && content.markdown === "do you hear me?"))
    assert.equal((await alice.device.chat(chatId)).unreadCount, 1)
  }))

/** The hash of the first state of Bob's account. */
async function genesisOf(alice: Person, bob: Person): Promise<Uint8Array> {
  const [row] = await alice.virtual.disk.read("SELECT state FROM account_state WHERE account_id = ?", [bob.accountId])
  assert.ok(row)
  return decodeVerifiedAccountState(nodeProvider, row["state"] as Uint8Array).genesisHash
}
