// What is left of a message that was taken back: a line that says so, and nothing else.

import assert from "node:assert/strict"
import { test } from "node:test"
import { until, withNeighbourhood } from "./neighbourhood.ts"

test("A deleted message is not unread, is named in the list, in quotes and as itself, and keeps no reaction", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    await alice.send(chatId, { text: "first" })
    await until("bob has a request", async () => (await bob.chats()).length === 1)
    const bobsId = (await bob.chats())[0]?.id ?? ""
    await bob.acceptRequest(bobsId)
    await until("bob has it", async () => (await bob.messages(bobsId)).messages.length === 1)
    const [first] = (await bob.messages(bobsId)).messages
    await bob.markRead(bobsId, first?.id ?? "")
    assert.equal((await bob.chat(bobsId)).unreadCount, 0)

    const wrong = await alice.send(chatId, { text: "wrong chat" })
    await until("bob has the wrong one", async () => (await bob.chat(bobsId)).unreadCount === 1)
    const quote = await bob.send(bobsId, { text: "what?", inReplyTo: wrong.id })
    await bob.react(bobsId, wrong.id, "🤔", true)
    const reacted = async (): Promise<number | undefined> => (await alice.messagesById(chatId, [wrong.id]))[0]?.reactions.length
    await until("alice has the reaction", async () => (await reacted()) === 1)
    const quoteOf = async (): Promise<unknown> => (await bob.messagesById(bobsId, [quote.id]))[0]?.inReplyTo
    assert.deepEqual(await quoteOf(), { id: wrong.id, senderName: "alice example", kind: "text", text: "wrong chat" })
    assert.equal((await bob.search("wrong chat")).length, 1)

    const changed: string[] = []
    bob.subscribe((event) => {
      if (event.type === "chat") changed.push(...event.messages.map(({ id }) => id))
    })
    await alice.deleteForAll(chatId, wrong.id)
    await until("it is gone at bob's", async () => (await bob.messagesById(bobsId, [wrong.id]))[0]?.content.type === "deleted")
    assert.deepEqual(await quoteOf(), { id: wrong.id, senderName: "alice example", kind: "deleted", text: "" })
    await until("whoever shows the quote is told", async () => changed.includes(quote.id))
    const chat = await bob.chat(bobsId)
    assert.deepEqual([chat.unreadCount, chat.firstUnreadId], [0, undefined])
    assert.equal((await bob.search("wrong chat")).length, 0)
    await assert.rejects(bob.react(bobsId, wrong.id, "👍", true), { code: "not_allowed" })

    const last = await alice.send(chatId, { text: "gone at once" })
    await alice.deleteForAll(chatId, last.id)
    await until("bob has neither", async () => (await bob.messages(bobsId)).messages.at(-1)?.content.type === "deleted")
    const list = await bob.chat(bobsId)
    assert.deepEqual([list.unreadCount, list.last?.kind, list.last?.text], [0, "deleted", ""])
    assert.equal((await bob.messages(bobsId)).messages.find(({ id }) => id === wrong.id)?.reactions.length, 0)
  }))
