// New keys of a device in its groups: when they come, that they keep nothing waiting, and what a copy of the store reads meanwhile.

import assert from "node:assert/strict"
import { test } from "node:test"
import { DrillWorld, type Person, texts } from "./drill-world.ts"
import { CopiedStore } from "./adversary/copied-store.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** How often this person's device has brought new keys into the group: its leaf's key is another each time. */
async function leafKeys(world: DrillWorld, person: Person, groupId: Uint8Array): Promise<string> {
  const rows = await person.virtual.disk.read("SELECT value FROM mls_record WHERE group_id = ? AND key = 'epoch'", [groupId])
  const [member] = await person.virtual.disk.read("SELECT path_ms, path_messages FROM mls_group WHERE group_id = ?", [groupId])
  assert.equal(rows.length, 1)
  return `${String(member?.["path_ms"])}/${String(member?.["path_messages"])}`
}
const commits = (world: DrillWorld): number => world.adversary.heard.filter(({ type }) => type === "commit").length
const renewals = ({ adds, removes }: { readonly adds: readonly unknown[]; readonly removes: readonly unknown[] }): boolean =>
  adds.length + removes.length === 0

test("Everybody brings new keys with the first thing they send in a group, its maker with the others' coming", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    const chatId = await world.group(alice, bob, carol)
    const groupId = await world.groupIdOf(alice, chatId)
    await world.rest(2 * minuteMs)
    for (const person of [alice, bob, carol]) assert.match(await leafKeys(world, person, groupId), /^[0-9]/, person.handle)
    const before = commits(world)
    for (const person of [alice, bob, carol]) await world.say(person, chatId, `from ${person.handle}`)
    assert.equal(commits(world), before, "and not with every message")
    assert.equal((await texts(carol, chatId)).length, 3)
  }))

test("Before the hundredth message, and before whatever is sent after a day, there are new keys", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    const groupId = await world.groupIdOf(alice, chatId)
    await world.say(bob, chatId, "first")
    let copy = await CopiedStore.of(world, bob, groupId)
    for (let nth = 0; nth < 100; nth++) await world.do(bob.device.send(chatId, { text: `one of a hundred, ${nth}` }))
    await world.rest(minuteMs)
    await world.say(alice, chatId, "after a hundred")
    copy.follow(alice.shown.of(groupId))
    assert.equal(copy.holding("after a hundred"), 0)
    assert.equal((await texts(alice, chatId)).filter((text) => text.startsWith("one of a hundred")).length > 90, true)

    copy = await CopiedStore.of(world, bob, groupId)
    for (const person of [alice, bob]) person.virtual.reachable = false
    await world.rest(30 * hourMs)
    for (const person of [alice, bob]) person.virtual.reachable = true
    await world.do(bob.device.send(chatId, { text: "back after a day" }))
    await world.rest(minuteMs)
    await world.say(alice, chatId, "welcome back")
    copy.follow(alice.shown.of(groupId))
    assert.deepEqual([copy.holding("back after a day"), copy.holding("welcome back")], [0, 0])
    assert.ok((await texts(bob, chatId)).includes("welcome back"))
  }))

test("A device that only reads renews within a day of use; nobody shows themselves in a request that they have not accepted", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const contact = await world.do(alice.device.findContact("bob"))
    const chat = await world.do(alice.device.openChat(contact.accountId))
    await world.say(alice, chat.id, "hello")
    const groupId = await world.groupIdOf(alice, chat.id)
    const copy = await CopiedStore.of(world, bob, groupId)
    await world.rest(30 * hourMs)
    assert.equal(await leafKeys(world, bob, groupId), "null/0")
    await world.do(bob.device.acceptRequest(chat.id))
    await world.rest(minuteMs)
    const accepted = await CopiedStore.of(world, bob, groupId)
    const startMs = world.time.nowMs()
    await world.say(alice, chat.id, "at once")
    await world.rest(25 * hourMs)
    await world.say(alice, chat.id, "after a day in which nobody wrote")
    accepted.follow(alice.shown.of(groupId))
    assert.deepEqual([accepted.holding("at once"), accepted.holding("after a day")], [1, 0])
    copy.follow(alice.shown.of(groupId))
    assert.ok(copy.read.every(({ timeMs }) => timeMs < startMs))
  }))

test("New keys that the server does not take keep no message waiting for good, are told of after days, and come when it takes them", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    const groupId = await world.groupIdOf(alice, chatId)
    await world.rest(15 * hourMs)
    const lie = { lie: { type: "committed", ref: 0, order: 99, hour: 0, fanout: new Uint8Array(32) } } as const
    const told = async (): Promise<string[]> => [...new Set((await bob.device.alarms()).map(({ level, code }) => `${level} ${code}`))]
    const refused = world.adversary.posting.withhold("commit", renewals, "bad_request")
    for (const answer of ["invalid_signature", "epoch_stale", "rate_limited", "group_not_found", "silence", lie] as const) {
      const withheld = world.adversary.posting.withhold("commit", renewals, answer)
      await world.rest(9 * hourMs)
      const text = `while the answer is ${JSON.stringify(answer)}`
      await world.do(bob.device.send(chatId, { text }))
      await world.rest(30_000)
      assert.ok((await texts(alice, chatId)).includes(text), text)
      assert.ok(withheld.count > 0, text)
      assert.deepEqual(await told(), [])
      withheld.stop()
    }
    await world.rest(24 * hourMs)
    assert.deepEqual(await told(), ["warn keys_not_renewed"])
    const copy = await CopiedStore.of(world, bob, groupId)
    refused.stop()
    await world.rest(8 * hourMs)
    await world.say(alice, chatId, "with new keys")
    copy.follow(alice.shown.of(groupId))
    assert.equal(copy.holding("with new keys"), 0)
    assert.ok((await texts(bob, chatId)).includes("with new keys"))
  }))

test("Who loses the race for an epoch renews a little later, and the message goes at once", () =>
  DrillWorld.with(async (world) => {
    const people = [await world.person("alice"), await world.person("bob"), await world.person("carol"), await world.person("dave")]
    const [alice] = people
    assert.ok(alice)
    const chatId = await world.group(...people)
    const groupId = await world.groupIdOf(alice, chatId)
    for (const person of people) person.virtual.reachable = false
    await world.rest(30 * hourMs)
    for (const person of people) person.virtual.reachable = true
    const before = await Promise.all(people.map((person) => leafKeys(world, person, groupId)))
    await Promise.all(people.map((person) => person.device.send(chatId, { text: `good morning from ${person.handle}` })))
    await world.rest(minuteMs)
    for (const person of people) assert.equal((await texts(person, chatId)).length, people.length)
    await world.rest(10 * minuteMs)
    const after = await Promise.all(people.map((person) => leafKeys(world, person, groupId)))
    people.forEach((person, at) => assert.notEqual(after[at]?.split("/")[0], before[at]?.split("/")[0], person.handle))
  }))

test("Keys of messages that never came, and epochs that have passed, are gone after seven days, also where nothing happens", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.chat(alice, bob)
    const groupId = await world.groupIdOf(alice, chatId)
    const kept = async (): Promise<number> =>
      (
        await bob.virtual.disk.read("SELECT key FROM mls_record WHERE group_id = ? AND (key LIKE 'skipped/%' OR key LIKE 'past/%')", [
          groupId,
        ])
      ).length
    // The server withholds one message; nobody sends, or renews, any more.
    bob.shown.tamper = (record) => (record.type === "post" ? [] : [record])
    await world.say(alice, chatId, "withheld")
    bob.shown.tamper = (record) => [record]
    await world.say(alice, chatId, "delivered")
    world.adversary.posting.withhold("commit", () => true, "unavailable")
    await world.rest(6 * dayMs)
    assert.ok((await kept()) >= 2)
    await world.rest(2 * dayMs)
    assert.equal(await kept(), 0)
  }))
