// What a member's message may do to what others wrote, and to how they see people (draft-ietf-mimi-content-08 §3; docs/protocol.md, "Content").

import assert from "node:assert/strict"
import { test } from "node:test"
import { fromHex, toHex, toUtf8 } from "@nodoor/bytes"
import type { Person } from "../../drill/drill-world.ts"
import { markdown, nothing, profile, reaction, receipts } from "./forged-content.ts"
import { type Scene, shown, withHostileMember, words } from "./hostile-member.ts"

test("A member with changed code says what it likes, and the others take only what is its to say", async (t) => {
  await withHostileMember(async (scene) => {
    const { world, alice, bob, mallory, chatId } = scene

    await t.test("a message is edited by its author's account only (§3.2)", async () => {
      const theirs = await says(scene, bob, "by bob")
      const own = await mallory.say(markdown("by mallory"))
      await mallory.say(markdown("bob never said this"), { replaces: fromHex(theirs) })
      await mallory.say(markdown("said better"), { replaces: fromHex(own) })
      for (const person of [alice, bob]) {
        assert.deepEqual([await words(person, chatId, theirs), (await shown(person, chatId, theirs))?.edited], ["by bob", false])
        assert.deepEqual([await words(person, chatId, own), (await shown(person, chatId, own))?.edited], ["said better", true])
      }
    })

    await t.test("a message is deleted by its author's account only (§3.2)", async () => {
      const theirs = await says(scene, bob, "to stay")
      const own = await mallory.say(markdown("to go"))
      await mallory.say(nothing(1), { replaces: fromHex(theirs) })
      await mallory.say(nothing(1), { replaces: fromHex(own) })
      for (const person of [alice, bob]) {
        assert.equal(await words(person, chatId, theirs), "to stay")
        assert.equal((await shown(person, chatId, own))?.content.type, "deleted")
      }
    })

    await t.test("an edit of a message that was never there is a message, and a deletion of one is nothing", async () => {
      const before = (await alice.device.messages(chatId, { limit: 100 })).messages.length
      const edit = await mallory.say(markdown("of what?"), { replaces: new Uint8Array(32).fill(1) })
      await mallory.say(nothing(1), { replaces: new Uint8Array(32).fill(1) })
      assert.equal(await words(alice, chatId, edit), "of what?")
      assert.equal((await alice.device.messages(chatId, { limit: 100 })).messages.length, before + 1)
    })

    await t.test("a reaction is taken back by the account that made it only", async () => {
      const message = await says(scene, alice, "like this")
      await world.do(bob.device.react(chatId, message, "👍", true))
      const own = await mallory.say(reaction("🎉"), { inReplyTo: fromHex(message) })
      await world.rest(2_000)
      const [row] = await alice.virtual.disk.read("SELECT message_id FROM reaction WHERE emoji = '👍'")
      await mallory.say(nothing(2), { replaces: row?.["message_id"] as Uint8Array })
      assert.deepEqual(await emoji(alice, chatId, message), ["🎉", "👍"])
      await mallory.say(nothing(2), { replaces: fromHex(own) })
      assert.deepEqual(await emoji(alice, chatId, message), ["👍"])
    })

    await t.test("an account has at most 16 reactions to a message, each of at most 64 bytes", async () => {
      const message = await says(scene, alice, "like this very much")
      const long = `👍${"\ufe0f".repeat(20)}`
      await mallory.say(reaction(`${long}\ufe0f`), { inReplyTo: fromHex(message) })
      assert.deepEqual(await emoji(alice, chatId, message), [])
      await mallory.say(reaction(long), { inReplyTo: fromHex(message) })
      const others = Array.from({ length: 17 }, (_, nth) => String.fromCodePoint(0x1f400 + nth))
      for (const one of others) await mallory.say(reaction(one), { inReplyTo: fromHex(message) })
      assert.equal((await emoji(alice, chatId, message)).length, 16)
      for (const one of others.slice(0, 16)) await world.do(alice.device.react(chatId, message, one, true))
      await assert.rejects(world.do(alice.device.react(chatId, message, "🎉", true)), { code: "not_allowed" })
      for (const one of others.slice(0, 16)) await world.do(alice.device.react(chatId, message, one, false))
      await world.do(bob.device.react(chatId, message, "👍", true))
      await world.rest(2_000)
      assert.equal((await emoji(alice, chatId, message)).length, 17)
    })

    await t.test("a reaction is one emoji: no words, no two, nothing that turns or piles up a line", async () => {
      const message = await says(scene, alice, "like this, in one picture")
      const none = ["yes", "7", "👍👍", "👍!", "\u202e👍", "👍\u0301\u0301", " ", "\u200d", "a👍", "🇩"]
      for (const one of none) {
        await mallory.say(reaction(one), { inReplyTo: fromHex(message) })
        await assert.rejects(world.do(alice.device.react(chatId, message, one, true)), { code: "invalid_input" }, one)
      }
      assert.deepEqual(await emoji(alice, chatId, message), [])
      const one = ["👍🏽", "❤️", "🇩🇪", "7️⃣", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑🏾‍❤️‍💋‍🧑🏻"]
      for (const each of one) await mallory.say(reaction(each), { inReplyTo: fromHex(message) })
      assert.deepEqual(await emoji(alice, chatId, message), one.toSorted())
    })

    await t.test("a mention counts for the account that it names, whatever it is called, and not in code", async () => {
      const mentions = async (person: Person): Promise<number> => (await person.device.chat(chatId)).unreadMentions
      for (const person of [alice, bob]) {
        const { messages } = await person.device.messages(chatId, { limit: 1 })
        await world.do(person.device.markRead(chatId, messages.at(-1)?.id ?? ""))
      }
      const link = `[@Bob](mimi://example.org/u/${toHex(alice.accountId)})`
      await mallory.say(markdown(`\`${link}\``))
      assert.deepEqual([await mentions(alice), await mentions(bob)], [0, 0])
      const said = await mallory.say(markdown(`Look, ${link}`))
      assert.deepEqual([await mentions(alice), await mentions(bob)], [1, 0])
      await mallory.say(markdown("never mind"), { replaces: fromHex(said) })
      assert.equal(await mentions(alice), 0)
    })

    await t.test("a deleted message takes no reaction and no other words", async () => {
      const own = await mallory.say(markdown("to go"))
      await mallory.say(nothing(1), { replaces: fromHex(own) })
      await mallory.say(reaction("👍"), { inReplyTo: fromHex(own) })
      await mallory.say(markdown("back again"), { replaces: fromHex(own) })
      for (const person of [alice, bob]) {
        const message = await shown(person, chatId, own)
        assert.deepEqual([message?.content.type, message?.edited], ["deleted", false])
        assert.deepEqual(await emoji(person, chatId, own), [])
        assert.deepEqual(await person.device.search("back again"), [])
      }
    })

    await t.test("a receipt counts for messages of the reader's own account only, rises only, and has two values", async () => {
      const mine = await says(scene, alice, "has it arrived?")
      const theirs = await says(scene, bob, "and this?")
      await mallory.say(receipts([[fromHex(theirs), 2]]))
      assert.deepEqual(await receiptsOf(alice, mallory.accountId, theirs), [])
      assert.deepEqual(await receiptsOf(bob, mallory.accountId, theirs), [2])
      await mallory.say(receipts([[fromHex(mine), 5]]))
      assert.deepEqual(await receiptsOf(alice, mallory.accountId, mine), [])
      await mallory.say(receipts([[fromHex(mine), 2]]))
      await mallory.say(receipts([[fromHex(mine), 1]]))
      assert.deepEqual(await receiptsOf(alice, mallory.accountId, mine), [2])
    })

    await t.test("a report of more than 1,000 receipts is none", async () => {
      const mine = await says(scene, alice, "a thousand times?")
      const many = (count: number): (readonly [Uint8Array, number])[] => Array.from({ length: count }, () => [fromHex(mine), 1] as const)
      await mallory.say(receipts(many(1_001)))
      assert.deepEqual(await receiptsOf(alice, mallory.accountId, mine), [])
      await mallory.say(receipts(many(1_000)))
      assert.deepEqual(await receiptsOf(alice, mallory.accountId, mine), [1])
    })

    await t.test("content that names another sender or another room than its own is not shown (§4.1)", async () => {
      const inBobsName = await mallory.say(markdown("i am bob"), { accountId: bob.accountId })
      const elsewhere = await mallory.say(markdown("for others"), { groupId: new Uint8Array(32) })
      const honest = await mallory.say(markdown("as it is"))
      assert.deepEqual(
        [await words(alice, chatId, inBobsName), await words(alice, chatId, elsewhere), await words(alice, chatId, honest)],
        [undefined, undefined, "as it is"],
      )
      const { messages } = await alice.device.messages(chatId, { limit: 100 })
      const unshown = messages.filter(({ content }) => content.type === "unsupported")
      assert.deepEqual([...new Set(unshown.map(({ sender }) => sender.accountId))], [toHex(mallory.accountId)])
      assert.equal(unshown.length, 2)
    })

    await t.test("bytes that are no content, and claims of another form, cost their own message only", async () => {
      for (const bytes of [new Uint8Array(256), toUtf8("x".repeat(256))]) await mallory.encrypt(bytes)
      const wrong = [
        { "nodoor/seen": [1] },
        { "nodoor/seen": [1, new Uint8Array(32), 0] },
        { "nodoor/seen": [-1, new Uint8Array(32)] },
        { "nodoor/seen": [1, new Uint8Array(31)] },
      ]
      for (const extensions of wrong)
        assert.equal(await words(alice, chatId, await mallory.say(markdown("wrong"), { extensions })), undefined)
      assert.equal(await words(alice, chatId, await says(scene, bob, "still there")), "still there")
    })

    await t.test("the same content twice is one message", async () => {
      const before = (await alice.device.messages(chatId, { limit: 100 })).messages.length
      let announced = 0
      const stop = alice.device.subscribe((event) => {
        if (event.type === "chat") announced += event.incoming.length
      })
      const content = await mallory.repeat(markdown("twice"))
      assert.equal(await words(alice, chatId, content), "twice")
      await alice.device.settled(10_000)
      stop()
      assert.equal(announced, 1, "and comes once")
      assert.equal((await alice.device.messages(chatId, { limit: 100 })).messages.length, before + 1)
    })

    await t.test(
      "a message sent again under the id that its sender gave it is one message, and another account's id is its own",
      async () => {
        const before = (await alice.device.messages(chatId, { limit: 100 })).messages.length
        const salt = new Uint8Array(16).fill(42)
        const first = await mallory.say(markdown("written once"), { salt })
        // Written at another time, so that its bytes are others.
        const again = await mallory.say(markdown("written once"), { salt, extensions: { "nodoor/sent": 1 } })
        assert.notEqual(first, again)
        const { id: bobs } = await world.do(bob.device.send(chatId, { text: "under the same id", id: toHex(salt) }))
        await world.rest(2_000)
        assert.deepEqual(
          [await words(alice, chatId, first), await words(alice, chatId, again), await words(alice, chatId, bobs)],
          ["written once", undefined, "under the same id"],
        )
        assert.equal((await alice.device.messages(chatId, { limit: 100 })).messages.length, before + 2)
      },
    )

    await t.test("what would change a message in a way that is not known changes nothing and is no message", async () => {
      const own = await mallory.say(markdown("as it was"))
      const before = (await alice.device.messages(chatId, { limit: 100 })).messages.length
      await mallory.say([1, "", 1, "application/vnd.example.poll", toUtf8("{}")], { replaces: fromHex(own) })
      assert.equal(await words(alice, chatId, own), "as it was")
      assert.equal((await alice.device.messages(chatId, { limit: 100 })).messages.length, before)
      const unknown = await mallory.say([1, "", 1, "application/vnd.example.poll", toUtf8("{}")])
      assert.equal((await shown(alice, chatId, unknown))?.content.type, "unsupported")
    })

    await t.test("a profile changes the name of its sender only, and only to a name", async () => {
      const name = async (): Promise<string> => (await alice.device.contact(toHex(mallory.accountId))).name
      await mallory.say(profile("Mallory M."))
      assert.equal(await name(), "Mallory M.")
      for (const wrong of ["", "   ", "\u200b\u202e", "\u0301", "a\nb", "x".repeat(65)]) await mallory.say(profile(wrong))
      assert.equal(await name(), "Mallory M.")
      assert.notEqual((await alice.device.contact(toHex(bob.accountId))).name, "Mallory M.")
    })

    await t.test("somebody called like another, like a word of ours or like a handle has their own handle behind the name", async () => {
      const name = async (): Promise<string> => (await alice.device.contact(toHex(mallory.accountId))).name
      const bobs = (await alice.device.contact(toHex(bob.accountId))).name
      for (const [called, shownAs] of [
        [bobs, `${bobs} (@mallory)`],
        [` ${bobs.replace("o", "\u043e").toUpperCase()}`, `${bobs.replace("o", "\u043e").toUpperCase()} (@mallory)`],
        ["You", "You (@mallory)"],
        ["\u202eAdmin", "Admin (@mallory)"],
        ["Bob (@bob)", "Bob (@bob) (@mallory)"],
        ["משה", "משה"],
        ["Mallory M.", "Mallory M."],
      ] as const) {
        await mallory.say(profile(called))
        assert.equal(await name(), shownAs)
      }
    })

    await t.test(
      "a message of which nothing can be seen is shown as one that cannot be; an edit to one, and such a reaction, do nothing",
      async () => {
        const unseen = await mallory.say(markdown("\u200b \u0301"))
        assert.deepEqual((await shown(alice, chatId, unseen))?.content, { type: "unsupported", contentType: "empty" })
        const own = await mallory.say(markdown("to be seen"))
        await mallory.say(markdown("\u2060"), { replaces: fromHex(own) })
        await mallory.say(reaction("\u200d"), { inReplyTo: fromHex(own) })
        assert.equal(await words(alice, chatId, own), "to be seen")
        assert.deepEqual(await emoji(alice, chatId, own), [])
        const blank = world.attempt(alice, alice.device.send(chatId, { text: "\u200b" }))
        assert.equal(await blank, undefined)
      },
    )

    await t.test("who may not write is not heard where only admins write, nor with an edit; receipts go on", async () => {
      const before = await mallory.say(markdown("before the rule"))
      await world.do(alice.device.setRules(chatId, { add: "admins", rename: "admins", post: "admins" }))
      await world.rest(3_000)
      const after = await mallory.say(markdown("after the rule"))
      await mallory.say(markdown("changed"), { replaces: fromHex(before) })
      await mallory.say(reaction("👎"), { inReplyTo: fromHex(before) })
      const honest = await says(scene, alice, "an announcement")
      await mallory.say(receipts([[fromHex(honest), 2]]))
      for (const person of [alice, bob]) {
        assert.equal(await words(person, chatId, after), undefined)
        assert.equal(await words(person, chatId, before), "before the rule")
        assert.deepEqual(await emoji(person, chatId, before), [])
      }
      assert.equal(await words(bob, chatId, honest), "an announcement")
      assert.deepEqual(await receiptsOf(alice, mallory.accountId, honest), [2])
      await world.do(alice.device.setRules(chatId, { add: "admins", rename: "admins", post: "everyone" }))
      await world.rest(3_000)
      assert.equal(await words(bob, chatId, await mallory.say(markdown("free again"))), "free again")
    })

    await t.test("an own draft goes when its message was sent, and whatever others say leaves it", async () => {
      await world.do(alice.device.setChatOptions(chatId, { draft: "half a" }))
      await mallory.say(markdown("a message"))
      assert.equal((await alice.device.chat(chatId)).draft, "half a")
      await says(scene, alice, "half a sentence")
      assert.equal((await alice.device.chat(chatId)).draft, "")
    })

    await t.test("who is blocked is not heard by who blocked them, and by the others as before", async () => {
      await world.do(alice.device.setBlocked(toHex(mallory.accountId), true))
      const blocked = await mallory.say(markdown("can you hear me?"))
      assert.deepEqual([await words(alice, chatId, blocked), await words(bob, chatId, blocked)], [undefined, "can you hear me?"])
      await world.do(alice.device.setBlocked(toHex(mallory.accountId), false))
      assert.equal(await words(alice, chatId, await mallory.say(markdown("and now?"))), "and now?")
    })
  })
})

test("A member cannot delete the line that tells what it did", async () => {
  await withHostileMember(async ({ alice, bob, mallory, chatId, world }) => {
    await world.do(alice.device.setRole(chatId, toHex(mallory.accountId), "admin"))
    await world.rest(3_000)
    await mallory.remove(bob)
    const { messages } = await alice.device.messages(chatId, { limit: 100 })
    const line = messages.find(({ content }) => content.type === "event" && content.event.kind === "removed")
    assert.equal(line?.sender.accountId, toHex(mallory.accountId))
    await mallory.say(nothing(1), { replaces: fromHex(line?.id ?? "") })
    await mallory.say(markdown("nothing happened"), { replaces: fromHex(line?.id ?? "") })
    assert.deepEqual((await shown(alice, chatId, line?.id ?? ""))?.content, line?.content)
  })
})

async function says({ world, chatId }: Scene, person: Person, text: string): Promise<string> {
  const { id } = await world.do(person.device.send(chatId, { text }))
  await world.rest(2_000)
  return id
}

async function emoji(person: Person, chatId: string, messageId: string): Promise<readonly string[]> {
  return ((await shown(person, chatId, messageId))?.reactions ?? []).map((one) => one.emoji).toSorted()
}

async function receiptsOf(person: Person, accountId: Uint8Array, messageId: string): Promise<readonly number[]> {
  const rows = await person.virtual.disk.read("SELECT status FROM receipt WHERE account_id = ? AND message_id = ?", [
    accountId,
    fromHex(messageId),
  ])
  return rows.map((row) => Number(row["status"]))
}
