// Two groups of the same two people: which one their chat goes on in (docs/decisions/0010-a-chat-of-two-does-not-move.md).

import assert from "node:assert/strict"
import { test } from "node:test"
import { compare, toHex } from "@nodoor/bytes"
import { DrillWorld, type Person, texts } from "../../drill/drill-world.ts"
import { claimOf, nextRecord } from "../../drill/attacks/group.ts"
import { invite, newGroup, say } from "../../drill/adversary/thief.ts"
import { forgeContent, markdown } from "./forged-content.ts"

test("A chat that both open at once goes on in one group on both sides: that of the lower account id, whoever wrote first", async () => {
  for (const swapped of [false, true])
    await DrillWorld.with(async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const [first, second] = swapped ? [bob, alice] : [alice, bob]
      for (const [one, other] of [
        [first, second],
        [second, first],
      ] as const)
        await world.do(one.device.findContact(other.handle))
      const [mine, theirs] = [first.device.openChat(toHex(second.accountId)), second.device.openChat(toHex(first.accountId))]
      const ids = [(await world.do(mine)).id, (await world.do(theirs)).id]
      await world.do(first.device.send(ids[0] ?? "", { text: "from the first" }))
      await world.do(second.device.send(ids[1] ?? "", { text: "from the second" }))
      await world.rest(30_000)
      const lower = compare(first.accountId, second.accountId) < 0 ? ids[0] : ids[1]
      for (const [at, person] of [first, second].entries()) {
        const chatId = ids[at] ?? ""
        assert.equal(toHex(await world.groupIdOf(person, chatId)), lower)
        assert.deepEqual((await texts(person, chatId)).toSorted(), ["from the first", "from the second"])
        assert.equal((await person.device.chats()).length, 1)
      }
    })
})

test("A chat in which both have written moves for nobody, and what comes in the other group is in the same chat", () =>
  withLowerOpener(
    async ({ world, opener, other, chatId }) => {
      await world.do(other.device.send(chatId, { text: "and so we talked" }))
      await world.rest(5_000)
      const before = await groupOf(world, other, chatId)
      const { groupId, speak } = await secondGroup(world, opener, other)
      await speak("in the second one")
      assert.equal(await groupOf(world, other, chatId), before)
      assert.notEqual(before, groupId)
      assert.deepEqual((await texts(other, chatId)).at(-1), "in the second one")
    },
    { answered: true },
  ))

test("A chat that nobody answered moves to the group of the lower account id, and of the same account's to none", () =>
  withLowerOpener(
    async ({ world, opener, other, chatId }) => {
      const { groupId } = await secondGroup(world, opener, other)
      assert.equal(await groupOf(world, other, chatId), groupId)
      await secondGroup(world, opener, other)
      assert.equal(await groupOf(world, other, chatId), groupId)
    },
    { answered: false },
  ))

test("A chat whose device could not read a commit waits to be let in again, and no other group takes its place meanwhile", () =>
  withLowerOpener(
    async ({ world, opener, other, chatId }) => {
      const groupId = await world.groupIdOf(other, chatId)
      const commit = new Uint8Array(300).fill(7)
      const details = { epoch: 1, seat: new Uint8Array(16), signature: new Uint8Array(64), adds: [], removes: [] } as const
      const hashes = { nextKeyHash: new Uint8Array(32), infoHash: undefined, fanout: new Uint8Array(32) }
      other.shown.inject(nextRecord(world, { person: other, groupId }, { type: "commit", ...details, ...hashes, commit }))
      await world.rest(5_000)
      const [waits] = await other.virtual.disk.read("SELECT reason FROM healing WHERE group_id = ?", [groupId])
      assert.equal(waits?.["reason"], "commit")
      await secondGroup(world, opener, other)
      assert.deepEqual([(await other.device.chat(chatId)).state, await groupOf(world, other, chatId)], ["active", toHex(groupId)])
    },
    { answered: true },
  ))

interface Stage {
  readonly world: DrillWorld
  /** Has the lower account id, and will open a second group. */
  readonly opener: Person
  /** Opened the first one, and wrote in it. */
  readonly other: Person
  readonly chatId: string
}

async function withLowerOpener(run: (stage: Stage) => Promise<void>, { answered }: { readonly answered: boolean }): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const [opener, other] = compare(alice.accountId, bob.accountId) < 0 ? [alice, bob] : [bob, alice]
    const chatId = await world.chat(other, opener)
    if (answered) await world.say(opener, chatId, "hello yourself")
    await run({ world, opener, other, chatId })
  })
}

/** The opener's own device, with changed code, invites the other again. */
async function secondGroup(
  world: DrillWorld,
  opener: Person,
  other: Person,
): Promise<{ readonly groupId: string; readonly speak: (text: string) => Promise<void> }> {
  const insider = await world.seize(opener)
  const group = await newGroup(world, insider, { kind: "dm", name: "", admins: [opener.accountId, other.accountId] })
  const { next } = await invite(world, insider, { group, claim: await claimOf(world, other) })
  await world.rest(60_000)
  const groupId = new Uint8Array(group.state.groupId)
  const speak = async (text: string): Promise<void> => {
    const { plaintext } = forgeContent({ part: markdown(text), accountId: opener.accountId, groupId })
    await say(world, insider, next, plaintext)
    await world.rest(5_000)
  }
  return { groupId: toHex(groupId), speak }
}

async function groupOf(world: DrillWorld, person: Person, chatId: string): Promise<string> {
  return toHex(await world.groupIdOf(person, chatId))
}
