// What a person does on one device happens on their others: production clients and server, one account with two or three devices.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { ChatView, ClientEvent, MessageView } from "@nodoor/client"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"

interface Home {
  readonly world: OperatedWorld
  readonly alice: Person
  readonly second: Person
  readonly bob: Person
  readonly chatId: string
}

/** Alice with two devices, and Bob, who share a chat. */
const atHome = (run: (home: Home) => Promise<void>): Promise<void> =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const second = await world.linked(alice, "a-second")
    await world.until("the second device has the chat", async () => (await chats(second)).some(({ id }) => id === chatId))
    await run({ world, alice, second, bob, chatId })
  })

const chats = ({ device }: Person): Promise<readonly ChatView[]> => device.chats()
const chat = async (person: Person, chatId: string): Promise<ChatView | undefined> => (await chats(person)).find(({ id }) => id === chatId)
const texts = async ({ device }: Person, chatId: string): Promise<readonly string[]> =>
  (await device.messages(chatId)).messages.flatMap(({ content }) => (content.type === "text" ? [content.markdown] : []))
const withText = async ({ device }: Person, chatId: string, text: string): Promise<MessageView> => {
  const found = (await device.messages(chatId)).messages.find(({ content }) => content.type === "text" && content.markdown === text)
  assert.ok(found, text)
  return found
}
const has = async (world: OperatedWorld, person: Person, chatId: string, text: string): Promise<void> =>
  await world.until(`${person.virtual.handle} has ${text}`, async () => (await texts(person, chatId)).includes(text))
const until = async (world: OperatedWorld, person: Person, chatId: string, holds: (view: ChatView | undefined) => boolean): Promise<void> =>
  await world.until(`${person.virtual.handle} shows it`, async () => holds(await chat(person, chatId)))

async function noAlarms({ world, alice, second, bob }: Home): Promise<void> {
  for (const person of [alice, second, bob])
    for (const level of ["red", "warn"] as const) assert.deepEqual(await world.alarms(person, level), [], person.virtual.handle)
}

test("A message that is read on one device is read on the other within a second, and what was read before it came is not announced", () =>
  atHome(async (home) => {
    const { world, alice, second, bob, chatId } = home
    await world.run(bob.device.send(chatId, { text: "one" }))
    await has(world, alice, chatId, "one")
    await has(world, second, chatId, "one")
    assert.equal((await chat(second, chatId))?.unreadCount, 1)
    const heard: ClientEvent[] = []
    second.device.subscribe((event) => heard.push(event))
    const { id } = await withText(alice, chatId, "one")
    const atMs = world.time.nowMs()
    await world.run(alice.device.markRead(chatId, id))
    await until(world, second, chatId, (view) => view?.unreadCount === 0)
    assert.ok(world.time.nowMs() - atMs < 1_000, `${world.time.nowMs() - atMs} ms`)
    assert.ok(heard.some((event) => event.type === "chat" && event.id === chatId && event.chat?.unreadCount === 0))
    // The second device is away while the first reads what comes.
    second.virtual.reachable = false
    await world.run(bob.device.send(chatId, { text: "two" }))
    await has(world, alice, chatId, "two")
    await world.run(alice.device.markRead(chatId, (await withText(alice, chatId, "two")).id))
    await world.pass(5_000)
    heard.length = 0
    second.virtual.reachable = true
    await has(world, second, chatId, "two")
    await until(world, second, chatId, (view) => view?.unreadCount === 0)
    await noAlarms(home)
  }))

test("Options, folder and draft of a chat, names of devices and the own name are the same on both devices", () =>
  atHome(async (home) => {
    const { world, alice, second, chatId } = home
    await world.run(alice.device.setChatOptions(chatId, { muted: true, pinned: true, archived: true, folder: "Friends" }))
    await until(world, second, chatId, (view) => view?.muted === true && view.pinned && view.archived && view.folder === "Friends")
    await world.run(second.device.setChatOptions(chatId, { muted: false, folder: "" }))
    await until(world, alice, chatId, (view) => view?.muted === false && view.folder === "")
    // What is typed is told once a second; a message that is sent ends the draft everywhere.
    await world.pass(30_000)
    const posts = await countPosts(home)
    for (const draft of ["H", "He", "Hel", "Hello"]) await world.run(alice.device.setChatOptions(chatId, { draft }))
    await until(world, second, chatId, (view) => view?.draft === "Hello")
    assert.equal((await countPosts(home)) - posts, 1)
    await world.run(second.device.send(chatId, { text: "Hello" }))
    await until(world, alice, chatId, (view) => view?.draft === "")
    const own = (await alice.device.devices()).find((device) => device.own)
    assert.ok(own)
    await world.run(alice.device.renameDevice(own.deviceId, "Kitchen"))
    await world.until("the name is known", async () => (await second.device.devices()).some(({ name }) => name === "Kitchen"))
    await assert.rejects(second.device.renameDevice("00".repeat(16), "None"), { code: "not_found" })
    const heard: ClientEvent[] = []
    alice.device.subscribe((event) => heard.push(event))
    await world.run(second.device.setName("Alice the Second"))
    await world.until("the own name is known", async () => (await alice.device.account()).name === "Alice the Second")
    const { accountId } = await alice.device.account()
    await world.until("it is told", async () => heard.some((event) => event.type === "contacts" && event.ids.includes(accountId)))
    await noAlarms(home)
  }))

test("Folders are made, renamed, moved and deleted on both devices, and a chat stays in its folder", () =>
  atHome(async (home) => {
    const { world, alice, second, chatId } = home
    const heard: ClientEvent[] = []
    second.device.subscribe((event) => heard.push(event))
    const both = (expected: readonly string[]): Promise<void> =>
      world.until(expected.join(), async () => (await second.device.folders()).join() === expected.join())
    await world.run(alice.device.makeFolder("Friends"))
    await world.run(alice.device.setChatOptions(chatId, { folder: "Work" }))
    await both(["Friends", "Work"])
    assert.ok(heard.some((event) => event.type === "folders" && event.folders.includes("Work")))
    await world.run(second.device.moveFolder("Work", 0))
    await world.run(second.device.renameFolder("Work", "Office"))
    await world.until("moved", async () => (await alice.device.folders()).join() === "Office,Friends")
    await until(world, alice, chatId, (view) => view?.folder === "Office")
    await world.run(alice.device.deleteFolder("Office"))
    await both(["Friends"])
    await until(world, second, chatId, (view) => view?.folder === "")
    for (const [name, code] of [
      ["friends", "invalid_input"],
      [" ", "invalid_input"],
      ["x".repeat(33), "invalid_input"],
    ] as const)
      await assert.rejects(world.run(alice.device.makeFolder(name)), { code }, name)
    await assert.rejects(world.run(alice.device.renameFolder("Nowhere", "There")), { code: "not_found" })
    await assert.rejects(world.run(alice.device.deleteFolder("Nowhere")), { code: "not_found" })
    for (let nth = 1; nth < 32; nth++) await world.run(alice.device.makeFolder(`F${nth}`))
    await assert.rejects(world.run(alice.device.makeFolder("one more")), { code: "invalid_input" })
    await assert.rejects(world.run(alice.device.setChatOptions(chatId, { folder: "one more" })), { code: "invalid_input" })
    assert.equal((await alice.device.chat(chatId)).folder, "")
    await noAlarms(home)
  }))

test("A chat is muted until a time and marked as unread on both devices; the time ends the one, opening or reading ends the other", () =>
  atHome(async (home) => {
    const { world, alice, second, bob, chatId } = home
    const untilMs = world.time.nowMs() + 3_600_000
    await world.run(alice.device.setChatOptions(chatId, { muted: untilMs, unread: true, archived: true }))
    await until(world, second, chatId, (view) => view?.mutedUntilMs === untilMs && view.muted && view.markedUnread)
    // A chat that was archived stays so when something comes.
    await world.run(bob.device.send(chatId, { text: "knock" }))
    await has(world, second, chatId, "knock")
    assert.equal((await second.device.chat(chatId)).archived, true)
    await world.run(second.device.markRead(chatId, (await withText(second, chatId, "knock")).id))
    await until(world, alice, chatId, (view) => view?.markedUnread === false && view.unreadCount === 0)
    await world.pass(3_590_000)
    assert.equal((await alice.device.chat(chatId)).muted, true)
    await world.pass(20_000)
    for (const person of [alice, second])
      await until(world, person, chatId, (view) => view?.muted === false && view.mutedUntilMs === undefined)
    for (const muted of [0, 1, 1.5, 2 ** 60])
      await assert.rejects(world.run(alice.device.setChatOptions(chatId, { muted })), { code: "invalid_input" })
    await noAlarms(home)
  }))

test("Contacts are accepted, blocked, verified and unverified on both devices, and a request is accepted on both", () =>
  atHome(async (home) => {
    const { world, alice, second, bob } = home
    const bobId = toHex(bob.accountId)
    await world.run(alice.device.setVerified(bobId, true))
    await world.until("verified", async () => (await second.device.contact(bobId)).verified)
    await world.run(second.device.setVerified(bobId, false))
    await world.until("not verified", async () => !(await alice.device.contact(bobId)).verified)
    await world.run(second.device.setBlocked(bobId, true))
    await world.until("blocked", async () => (await alice.device.contact(bobId)).blocked)
    await world.run(alice.device.setBlocked(bobId, false))
    await world.until("not blocked", async () => !(await second.device.contact(bobId)).blocked)
    const carol = await world.person("carol")
    const { accountId } = await world.run(carol.device.findContact("alice"))
    const opened = await world.run(carol.device.openChat(accountId))
    await world.run(carol.device.send(opened.id, { text: "May I?" }))
    for (const person of [alice, second]) await until(world, person, opened.id, (view) => view?.state === "request")
    await world.run(alice.device.acceptRequest(opened.id))
    await until(world, second, opened.id, (view) => view?.state === "active")
    await noAlarms(home)
  }))

test("A message or a chat that is deleted for me goes from both devices, stays with the other person, and does not come back", () =>
  atHome(async (home) => {
    const { world, alice, second, bob, chatId } = home
    for (const text of ["one", "two", "three"]) await world.run(bob.device.send(chatId, { text }))
    for (const person of [alice, second]) await has(world, person, chatId, "three")
    const two = await withText(alice, chatId, "two")
    await world.run(bob.device.react(chatId, two.id, "👍", true))
    const queued = alice.device.send(chatId, { text: "mine" })
    await world.run(queued)
    await world.run(alice.device.deleteForMe(chatId, two.id))
    await world.until("it is gone", async () => !(await texts(second, chatId)).includes("two"))
    assert.ok((await texts(bob, chatId)).includes("two"))
    // An edit of what was deleted does not bring it back.
    await world.run(bob.device.edit(chatId, (await withText(bob, chatId, "two")).id, "two again"))
    await world.run(bob.device.send(chatId, { text: "four" }))
    for (const person of [alice, second]) {
      await has(world, person, chatId, "four")
      assert.ok(!(await texts(person, chatId)).some((text) => text.startsWith("two")))
      assert.deepEqual(await person.device.search("two"), [])
    }
    await world.run(second.device.deleteChat(chatId))
    await until(world, alice, chatId, (view) => view === undefined)
    await world.run(bob.device.send(chatId, { text: "five" }))
    for (const person of [alice, second]) {
      await has(world, person, chatId, "five")
      assert.deepEqual(await texts(person, chatId), ["five"])
    }
    await noAlarms(home)
  }))

test("What was done before a device came, or while it was away for hours with a clock that is a year off, is the same there afterwards", () =>
  atHome(async (home) => {
    const { world, alice, second, bob, chatId } = home
    second.virtual.reachable = false
    await world.pass(60_000)
    second.virtual.clockAheadMs = 365 * 86_400_000
    await world.run(second.device.setChatOptions(chatId, { muted: true, draft: "from the future" }))
    await world.run(alice.device.setChatOptions(chatId, { pinned: true }))
    await world.pass(3 * 3_600_000)
    await world.run(alice.device.setChatOptions(chatId, { draft: "later" }))
    second.virtual.reachable = true
    await until(world, second, chatId, (view) => view?.pinned === true)
    await until(world, alice, chatId, (view) => view?.muted === true)
    second.virtual.clockAheadMs = 0
    // The year is in no stamp, so the next change wins wherever it is made.
    await world.run(alice.device.setChatOptions(chatId, { muted: false, draft: "now" }))
    await until(world, second, chatId, (view) => view?.muted === false && view.draft === "now")
    await world.run(second.device.setChatOptions(chatId, { draft: "then" }))
    await until(world, alice, chatId, (view) => view?.draft === "then")
    const third = await world.linked(alice, "a-third")
    await until(world, third, chatId, (view) => view?.pinned === true && view.draft === "then" && !view.muted)
    assert.equal((await third.device.contact(toHex(bob.accountId))).blocked, false)
  }))

test("The group of the own devices is in no list, event or search, and nothing can be done in it", () =>
  atHome(async ({ world, alice, second }) => {
    const [row] = await alice.virtual.disk.read("SELECT chat_id FROM chat WHERE kind = 'self'", [])
    const id = toHex(row?.["chat_id"] as Uint8Array)
    const heard: ClientEvent[] = []
    for (const { device } of [alice, second]) device.subscribe((event) => heard.push(event))
    await world.run(alice.device.setName("Alice"))
    await world.until("it is told", async () => (await second.device.account()).name === "Alice")
    // A commit changes the group as it would change a chat.
    const third = await world.linked(alice, "a-third")
    await world.until("it is in", async () => (await third.device.chats()).length > 0)
    await world.pass(10_000)
    for (const person of [alice, second]) assert.ok(!(await chats(person)).some((view) => view.id === id))
    assert.ok(!heard.some((event) => event.type === "chat" && event.id === id))
    const { device } = alice
    const refused: (() => Promise<unknown>)[] = [
      () => device.chat(id),
      () => device.messages(id),
      () => device.members(id),
      () => device.send(id, { text: "to myself" }),
      () => device.markRead(id, id),
      () => device.setChatOptions(id, { muted: true }),
      () => device.leave(id),
      () => device.deleteChat(id),
      () => device.deleteForMe(id, id),
      () => device.rename(id, "Mine"),
    ]
    for (const one of refused) await assert.rejects(world.run(one()), { code: "not_found" })
  }))

/** How many posts the second device has taken in from the group of the own devices. */
async function countPosts({ second }: Home): Promise<number> {
  const [row] = await second.virtual.disk.read(
    "SELECT MAX(g.last_order) AS n FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.kind = 'self'",
    [],
  )
  return Number(row?.["n"])
}
