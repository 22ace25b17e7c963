import assert from "node:assert/strict"
import { test } from "node:test"
import { ClientError, type Device } from "@nodoor/client"
import { events, texts, until, withNeighbourhood } from "./neighbourhood.ts"

async function idOf(device: Device, handle: string): Promise<string> {
  return (await device.findContact(handle)).accountId
}

async function handles(device: Device, chatId: string): Promise<string[]> {
  return (await device.members(chatId)).map((member) => member.handle ?? "").toSorted()
}

test("A group is made, renamed, grown, shrunk and left, and everybody sees the same people and the same history", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob, carol] = [await person("alice"), await person("bob"), await person("carol")]
    const chat = await alice.createGroup({ name: "Team", accountIds: [await idOf(alice, "bob")] })
    await alice.send(chat.id, { text: "before carol" })
    await until("bob is in", async () => (await bob.chats())[0]?.title === "Team" && (await texts(bob, chat.id)).length === 1)
    assert.equal((await bob.chat(chat.id)).state, "request")
    await bob.acceptRequest(chat.id)

    await alice.addMembers(chat.id, [await idOf(alice, "carol")])
    await alice.send(chat.id, { text: "after carol" })
    await until("carol is in", async () => (await carol.chats()).length === 1 && (await texts(carol, chat.id)).length === 1)
    assert.deepEqual(await texts(carol, chat.id), ["after carol"])
    await carol.acceptRequest(chat.id)
    for (const device of [alice, bob, carol]) assert.deepEqual(await handles(device, chat.id), ["alice", "bob", "carol"])

    await assert.rejects(bob.rename(chat.id, "Bob's"), (error) => error instanceof ClientError && error.code === "not_allowed")
    await alice.setRole(chat.id, await idOf(alice, "bob"), "admin")
    await until("bob is an admin", async () => (await bob.chat(chat.id)).ownRole === "admin")
    await bob.rename(chat.id, "Crew")
    await bob.setRules(chat.id, { add: "everyone", rename: "admins", post: "everyone" })
    await until(
      "everyone sees the name",
      async () => (await carol.chat(chat.id)).title === "Crew" && (await alice.chat(chat.id)).title === "Crew",
    )
    await until("and the rules", async () => (await carol.chat(chat.id)).rules.add === "everyone")

    await carol.leave(chat.id)
    assert.equal((await carol.chat(chat.id)).state, "left")
    await until(
      "the others committed it",
      async () => (await handles(bob, chat.id)).length === 2 && (await handles(alice, chat.id)).length === 2,
    )
    await alice.removeMember(chat.id, await idOf(alice, "bob"))
    await until("bob is out", async () => (await bob.chat(chat.id)).state === "left")
    await alice.send(chat.id, { text: "alone" })
    await until("alice's message is there", async () => (await alice.messages(chat.id)).messages.at(-1)?.status === "sent")
    assert.ok(!(await texts(bob, chat.id)).includes("alone") && !(await texts(carol, chat.id)).includes("alone"))
    await assert.rejects(bob.send(chat.id, { text: "no" }), (error) => error instanceof ClientError && error.code === "not_writable")
    assert.deepEqual(await events(alice, chat.id), ["created", "added", "added", "role", "renamed", "rules", "left", "removed"])
    for (const device of [alice, bob, carol]) assert.deepEqual(await device.alarms(), [])
  }))

test("Edits, deletions, replies and reactions reach the others, and only the author can change a message", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    const chat = await alice.openChat(await idOf(alice, "bob"))
    const first = await alice.send(chat.id, { text: "helo" })
    await until("bob has it", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).length === 1)
    await assert.rejects(bob.edit(chat.id, first.id, "mine now"), (error) => error instanceof ClientError && error.code === "not_allowed")
    await bob.send(chat.id, { text: "answer", inReplyTo: first.id })
    await bob.react(chat.id, first.id, "👍", true)
    await alice.edit(chat.id, first.id, "hello")
    await until("bob sees the edit", async () => (await bob.messagesById(chat.id, [first.id]))[0]?.edited === true)
    assert.deepEqual((await texts(bob, chat.id))[0], "hello")
    await until("alice sees the reaction", async () => (await alice.messagesById(chat.id, [first.id]))[0]?.reactions.length === 1)
    const answer = (await alice.messages(chat.id)).messages.at(-1)
    assert.equal(answer?.inReplyTo?.text, "hello")
    await bob.react(chat.id, first.id, "👍", false)
    await until("alice sees it taken back", async () => (await alice.messagesById(chat.id, [first.id]))[0]?.reactions.length === 0)
    assert.equal((await bob.search("hell")).length, 1)
    await alice.deleteForAll(chat.id, first.id)
    await until("bob sees it gone", async () => (await bob.messagesById(chat.id, [first.id]))[0]?.content.type === "deleted")
    assert.equal((await bob.search("hell")).length, 0)
  }))

test("A dm opened by both at once becomes one chat on both sides, and every message arrives", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    const [bobId, aliceId] = [await idOf(alice, "bob"), await idOf(bob, "alice")]
    const [mine, theirs] = await Promise.all([alice.openChat(bobId), bob.openChat(aliceId)])
    await Promise.all([alice.send(mine.id, { text: "from alice" }), bob.send(theirs.id, { text: "from bob" })])
    await until("both have both", async () => (await texts(alice, mine.id)).length === 2 && (await texts(bob, theirs.id)).length === 2)
    assert.equal((await alice.chats()).length, 1)
    assert.equal((await bob.chats()).length, 1)
    await alice.send(mine.id, { text: "one more" })
    await until("bob has it", async () => (await texts(bob, theirs.id)).includes("one more"))
    assert.equal((await bob.chat(theirs.id)).state, "active")
  }))

test("Two admins change a group at the same moment: one commit wins, the other is made anew, nothing is lost", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob, carol, dave] = [await person("alice"), await person("bob"), await person("carol"), await person("dave")]
    const chat = await alice.createGroup({ name: "Race", accountIds: [await idOf(alice, "bob")] })
    await until("bob is in", async () => (await bob.chats()).length === 1)
    await bob.acceptRequest(chat.id)
    await alice.setRole(chat.id, await idOf(alice, "bob"), "admin")
    await until("bob is an admin", async () => (await bob.chat(chat.id)).ownRole === "admin")
    await Promise.all([
      alice.addMembers(chat.id, [await idOf(alice, "carol")]),
      bob.addMembers(chat.id, [await idOf(bob, "dave")]),
      alice.send(chat.id, { text: "a" }),
      bob.send(chat.id, { text: "b" }),
    ])
    const everybody = [alice, bob, carol, dave]
    await until("all four are in", async () => {
      for (const device of everybody) if ((await device.chats()).length === 0 || (await handles(device, chat.id)).length !== 4) return false
      return true
    })
    for (const device of [carol, dave]) await device.acceptRequest(chat.id)
    for (const device of everybody) await device.send(chat.id, { text: `all in, says ${(await device.account()).handle}` })
    await until("everybody has everything", async () => {
      for (const device of everybody)
        if ((await texts(device, chat.id)).filter((text) => text.startsWith("all in")).length !== 4) return false
      return true
    })
    for (const device of everybody) assert.deepEqual(await device.alarms(), [])
  }))

test("What is written while the server is away is sent once when it is back, and nothing is shown twice", () =>
  withNeighbourhood(async ({ person, again, restart }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    const chat = await alice.openChat(await idOf(alice, "bob"))
    await alice.send(chat.id, { text: "one" })
    await until("bob has it", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).length === 1)
    await bob.acceptRequest(chat.id)
    await restart()
    await alice.send(chat.id, { text: "two" })
    const reopened = await again("alice", alice)
    await reopened.send(chat.id, { text: "three" })
    await until("bob has all", async () => (await texts(bob, chat.id)).length === 3)
    assert.deepEqual(await texts(bob, chat.id), ["one", "two", "three"])
    await until("alice sees them sent", async () =>
      (await reopened.messages(chat.id)).messages.every((message) => message.order !== undefined),
    )
    assert.deepEqual(await texts(reopened, chat.id), ["one", "two", "three"])
  }))

test("A blocked account is not heard, typing is shown only to those who accepted, and unblocking lets messages through again", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    const chat = await alice.openChat(await idOf(alice, "bob"))
    await alice.send(chat.id, { text: "hi" })
    await until("bob has it", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).length === 1)
    let typed = 0
    bob.subscribe((event) => {
      if (event.type === "typing") typed++
    })
    await alice.typing(chat.id)
    await alice.send(chat.id, { text: "still a stranger" })
    await until("bob has two", async () => (await texts(bob, chat.id)).length === 2)
    assert.equal(typed, 0)
    await bob.setBlocked((await bob.contacts())[0]?.accountId ?? "", true)
    assert.equal((await bob.chat(chat.id)).state, "blocked")
    await alice.send(chat.id, { text: "unheard" })
    await until("alice's is sent", async () => (await alice.messages(chat.id)).messages.at(-1)?.status === "sent")
    await bob.setBlocked((await bob.contacts())[0]?.accountId ?? "", false)
    await alice.send(chat.id, { text: "heard" })
    await until("bob has it", async () => (await texts(bob, chat.id)).includes("heard"))
    assert.deepEqual(await texts(bob, chat.id), ["hi", "still a stranger", "heard"])
  }))

test("Who is blocked is told nothing, neither by the server nor by the one who blocks, who sees nothing of it", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    await bob.setBlocked((await bob.findContact("alice")).accountId, true)
    const chat = await alice.openChat(await idOf(alice, "bob"))
    const message = await alice.send(chat.id, { text: "let me in" })
    const status = async (id: string): Promise<string | undefined> => (await alice.messagesById(chat.id, [id]))[0]?.status
    await until("it is sent", async () => (await status(message.id)) === "sent")
    assert.deepEqual(await bob.chats(), [])
    assert.deepEqual(await alice.alarms(), [])
  }))
