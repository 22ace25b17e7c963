// What a member may tell a new one of what was written before they came.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { MessageContent } from "@nodoor/client"
import type { Person } from "../../drill/drill-world.ts"
import { sharedHistory } from "./forged-content.ts"
import { type Scene, shown, withHostileMember } from "./hostile-member.ts"

type Told = Extract<MessageContent, { readonly type: "shared_history" }>

const at = (scene: Scene): number => scene.world.time.nowMs() - 3_600_000
const id = (nth: number): Uint8Array => new Uint8Array(32).fill(nth)

async function told(person: Person, chatId: string): Promise<readonly (Told & { readonly by: string })[]> {
  const { messages } = await person.device.messages(chatId, { limit: 200 })
  return messages.flatMap(({ content, sender }) => (content.type === "shared_history" ? [{ ...content, by: sender.accountId }] : []))
}

test("A member with changed code tells new members only what is its to tell, as its own word, and no more than a group can share", async (t) => {
  await withHostileMember(async (scene) => {
    const { world, alice, bob, mallory, chatId } = scene
    const carol = await world.person("carol")
    const from = (nth: number, text: string): readonly [Uint8Array, Uint8Array, number, string] => [id(nth), bob.accountId, at(scene), text]

    await t.test("nothing, in a group that shares nothing, and to nobody whom it did not let in", async () => {
      await mallory.say(sharedHistory([bob.accountId], [from(1, "bob never said this")]))
      await world.do(alice.device.setHistorySharing(chatId, { messages: 100 }))
      await world.do(alice.device.setRules(chatId, { add: "everyone", rename: "admins", post: "everyone" }))
      await world.rest(2_000)
      const before = (await bob.device.messages(chatId, { limit: 200 })).messages.length
      await mallory.say(sharedHistory([bob.accountId], [from(1, "bob never said this")]))
      await mallory.say(sharedHistory([alice.accountId, bob.accountId], []))
      await mallory.say(sharedHistory([id(9).subarray(0, 16)], [from(1, "to nobody")]))
      for (const person of [alice, bob]) assert.deepEqual(await told(person, chatId), [])
      assert.equal((await bob.device.messages(chatId, { limit: 200 })).messages.length, before)
    })

    await t.test("to whom it let in, what it likes, under its own name", async () => {
      await mallory.add(carol)
      await world.until("carol is asked", async () => (await carol.device.chats()).some(({ id: one }) => one === chatId))
      await world.do(carol.device.acceptRequest(chatId))
      await world.do(alice.device.setHistorySharing(chatId, {}))
      await world.rest(2_000)
      await mallory.say(sharedHistory([carol.accountId], [from(1, "the group shares nothing")]))
      assert.deepEqual(await told(carol, chatId), [])
      await world.do(alice.device.setHistorySharing(chatId, { messages: 100 }))
      await world.rest(2_000)
      await mallory.say(sharedHistory([carol.accountId], [from(1, "bob never said this")]))
      const [one] = await told(carol, chatId)
      assert.deepEqual([one?.by, one?.count, one?.messages[0]?.markdown], [toHex(mallory.accountId), 1, "bob never said this"])
      const { messages } = await carol.device.messages(chatId, { limit: 200 })
      assert.ok(!messages.some(({ content, sender }) => content.type !== "event" && sender.accountId === toHex(bob.accountId)))
      // Alice and Bob hear that it was told, and nothing of what.
      for (const person of [alice, bob]) assert.deepEqual(await told(person, chatId), [])
    })

    await t.test("a list that is malformed, too long or miscounted is a message that cannot be shown", async () => {
      const many = Array.from({ length: 51 }, (_, nth) => from(nth, "one of many"))
      const malformed = [
        sharedHistory([], [from(2, "to nobody")]),
        sharedHistory([id(1)], [from(2, "to no account")]),
        sharedHistory([carol.accountId], many),
        sharedHistory([carol.accountId], [from(2, "counted twice")], 2),
        sharedHistory([carol.accountId], [[id(2).subarray(1), bob.accountId, 1, "no id"]]),
        sharedHistory([carol.accountId], [[id(2), bob.accountId.subarray(1), 1, "no author"]]),
        sharedHistory([carol.accountId], [[id(2), bob.accountId, -1, "no time"]]),
        sharedHistory([carol.accountId], [from(2, "x".repeat(16_385))]),
      ]
      for (const part of malformed)
        assert.equal((await shown(carol, chatId, await mallory.say(part)))?.content.type, "unsupported", JSON.stringify(part).slice(0, 200))
    })

    await t.test("nothing from after it was told, nothing of whom the reader blocked, and 200 in all", async () => {
      await world.do(carol.device.findContact("alice"))
      await world.do(carol.device.setBlocked(toHex(alice.accountId), true))
      const count = (await told(carol, chatId)).length
      await mallory.say(sharedHistory([carol.accountId], [[id(3), bob.accountId, world.time.nowMs() + 2 * 3_600_000, "from tomorrow"]]))
      await mallory.say(sharedHistory([carol.accountId], [[id(4), alice.accountId, at(scene), "of somebody blocked"]]))
      assert.equal((await told(carol, chatId)).length, count)
      for (let post = 0; post < 5; post++)
        await mallory.say(
          sharedHistory(
            [carol.accountId],
            Array.from({ length: 50 }, (_, nth) => from(nth, `${post} ${nth}`)),
          ),
        )
      const all = (await told(carol, chatId)).flatMap(({ messages }) => messages)
      assert.equal(all.length, 200)
    })
  })
})
