import assert from "node:assert/strict"
import { test } from "node:test"
import { texts, until, withNeighbourhood } from "./neighbourhood.ts"

test("Two people talk: a first message is a request, and once accepted names and receipts go back", () =>
  withNeighbourhood(async ({ person, again }) => {
    const alice = await person("alice")
    let bob = await person("bob")
    const contact = await alice.findContact("@bob")
    const chat = await alice.openChat(contact.accountId)
    const sent = await alice.send(chat.id, { text: "hello bob" })
    assert.equal(sent.status, "queued")
    await until("bob has a request", async () => (await bob.chats())[0]?.state === "request" && (await texts(bob, chat.id)).length === 1)
    const [request] = await bob.chats()
    assert.ok(request)
    assert.deepEqual(await texts(bob, request.id), ["hello bob"])
    assert.equal(request.unreadCount, 1)
    await until("alice's message is sent", async () => (await alice.messagesById(chat.id, [sent.id]))[0]?.status === "sent")
    assert.equal(request.peer?.name, "alice example")
    await bob.acceptRequest(request.id)
    await bob.send(request.id, { text: "hello alice" })
    await until("alice has the answer", async () => (await texts(alice, chat.id)).length === 2)
    assert.deepEqual(await texts(alice, chat.id), ["hello bob", "hello alice"])
    await until("alice sees it delivered", async () => (await alice.messagesById(chat.id, [sent.id]))[0]?.status === "delivered")
    assert.equal((await alice.chat(chat.id)).title, "bob example")
    const [first] = (await bob.messages(request.id)).messages
    assert.ok(first)
    await bob.markRead(request.id, first.id)
    await until("alice sees it read", async () => (await alice.messagesById(chat.id, [sent.id]))[0]?.status === "read")

    bob = await again("bob", bob)
    await until("bob is back", async () => (await bob.connection()).status === "online")
    await alice.send(chat.id, { text: "still there?" })
    await until("bob has it", async () => (await texts(bob, request.id)).includes("still there?"))
    assert.deepEqual((await alice.alarms()).concat(await bob.alarms()), [])
  }))

test("What comes into a chat that was deleted, or read up to an own message on its way, stands after all before and is unread", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    const chat = await alice.openChat((await alice.findContact("@bob")).accountId)
    await alice.send(chat.id, { text: "one" })
    await until("bob has a request", async () => (await bob.chats())[0]?.unreadCount === 1)
    const [request] = await bob.chats()
    assert.ok(request)
    const place = request.id
    await bob.acceptRequest(place)
    const [first] = (await bob.messages(place)).messages
    assert.ok(first)
    await bob.deleteChat(place)
    await alice.send(chat.id, { text: "two" })
    await until("bob has it", async () => (await texts(bob, place)).includes("two"))
    const [second] = (await bob.messages(place)).messages.filter(({ content }) => content.type === "text")
    assert.ok(second && second.position > first.position, "no place is given twice")
    assert.equal((await bob.chat(place)).unreadCount, 1)

    const own = await bob.send(place, { text: "on its way" })
    await bob.markRead(place, own.id)
    await alice.send(chat.id, { text: "three" })
    await until("bob has it too", async () => (await texts(bob, place)).includes("three"))
    assert.equal((await bob.chat(place)).unreadCount, 1)
  }))
