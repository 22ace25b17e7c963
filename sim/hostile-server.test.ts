import assert from "node:assert/strict"
import { test } from "node:test"
import type { Device } from "@nodoor/client"
import { claimDevices, keyPackageDigest } from "@nodoor/wire"
import { through } from "./hands.ts"
import { events, texts, until, withNeighbourhood } from "./neighbourhood.ts"

async function codes(device: Device): Promise<string[]> {
  return (await device.alarms()).map((alarm) => alarm.code)
}

async function idOf(device: Device, handle: string): Promise<string> {
  return (await device.findContact(handle)).accountId
}

test("A message the server withholds shows as a gap with the next one, and the others' messages are read all the same", () =>
  withNeighbourhood(async ({ person }) => {
    let withhold = false
    let withheld: number | undefined
    const alice = await person("alice")
    // The server leaves one record out, also when it is asked for again.
    const bob = await person("bob", {
      through: through({
        shown: (item) => {
          if (item.type !== "post") return [item]
          if (withhold) withheld ??= item.order
          return item.order === withheld ? [] : [item]
        },
      }),
    })
    const chat = await alice.openChat(await idOf(alice, "bob"))
    await alice.send(chat.id, { text: "one" })
    await until("bob has one", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).length === 1)
    withhold = true
    await alice.send(chat.id, { text: "two" })
    await until("two was withheld", async () => withheld !== undefined)
    await alice.send(chat.id, { text: "three" })
    await until("bob has three", async () => (await texts(bob, chat.id)).includes("three"))
    assert.deepEqual(await texts(bob, chat.id), ["one", "three"])
    assert.ok((await codes(bob)).includes("history_gap"))
    assert.ok((await events(bob, chat.id)).includes("history_mismatch"))
  }))

test("A body the server swapped is kept as waiting, and the next message tells that histories differ", () =>
  withNeighbourhood(async ({ person }) => {
    let swap = false
    const alice = await person("alice")
    const bob = await person("bob", {
      through: through({
        shown: (item) => {
          if (!swap || item.type !== "post") return [item]
          swap = false
          const body = item.body.slice()
          body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1
          return [{ ...item, body }]
        },
      }),
    })
    const chat = await alice.openChat(await idOf(alice, "bob"))
    await alice.send(chat.id, { text: "one" })
    await until("bob has one", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).length === 1)
    await bob.acceptRequest(chat.id)
    await alice.send(chat.id, { text: "and" })
    await until("bob knows the history", async () => (await texts(bob, chat.id)).length === 2)
    // Receipts and profiles are posts too, and would be swapped in the place of the message.
    for (const device of [bob, alice, bob]) assert.ok(await device.settled(20_000))
    swap = true
    const swapped = await alice.send(chat.id, { text: "two" })
    await until("alice's copy came back", async () => (await alice.messagesById(chat.id, [swapped.id]))[0]?.order !== undefined)
    await alice.send(chat.id, { text: "three" })
    await until("bob has three", async () => (await texts(bob, chat.id)).includes("three"))
    const { messages } = await bob.messages(chat.id)
    assert.ok(messages.some((message) => message.content.type === "waiting"))
    assert.ok((await codes(bob)).includes("history_fork"))
  }))

test("Seats that are not those of the tree are told with the commit that left it", () =>
  withNeighbourhood(async ({ person }) => {
    let slip = false
    const alice = await person("alice")
    const bob = await person("bob", {
      through: through({
        shown: (item) => [slip && item.type === "commit" ? { ...item, fanout: new Uint8Array(32).fill(1) } : item],
      }),
    })
    const chat = await alice.createGroup({ name: "Watched", accountIds: [await idOf(alice, "bob")] })
    await until("bob is in", async () => (await bob.chats()).length === 1)
    slip = true
    await alice.rename(chat.id, "Watched more")
    await until("bob sees the name", async () => (await bob.chat(chat.id)).title === "Watched more")
    assert.ok((await codes(bob)).includes("history_fanout"))
    assert.deepEqual(await codes(alice), [])
  }))

test("A KeyPackage of another device in the place of the claimed one is refused, and nobody is let in", () =>
  withNeighbourhood(async ({ person }) => {
    await person("bob")
    const mallory = await person("mallory")
    const malloryId = (await mallory.account()).accountId
    let stolen: Uint8Array | undefined
    const alice = await person("alice", {
      through: through({
        answer: (path, answer) => {
          if (path !== claimDevices.path) return answer
          const { claims, refused } = answer as { claims: { keyPackage: Uint8Array }[]; refused: unknown }
          const swapped = claims.map((claim) => ({ ...claim, keyPackage: stolen ?? claim.keyPackage }))
          stolen ??= claims[0]?.keyPackage
          return { claims: swapped, refused }
        },
      }),
    })
    await idOf(alice, "mallory")
    const first = await alice.createGroup({ name: "First", accountIds: [malloryId] })
    await until("mallory's KeyPackage was seen", async () => stolen !== undefined && (await alice.members(first.id)).length === 2)
    const second = await alice.createGroup({ name: "Second", accountIds: [await idOf(alice, "bob")] })
    await until("the swap was refused", async () => (await codes(alice)).includes("change_failed_identity_untrusted"))
    assert.deepEqual(
      (await alice.members(second.id)).map((member) => member.handle),
      ["alice"],
    )
  }))

test("KeyPackages that the server swapped or lost are noticed when the device compares", () =>
  withNeighbourhood(async ({ person, again }) => {
    const alice = await person("alice", {
      through: through({
        answer: (path, answer) =>
          path === keyPackageDigest.path && (answer as { oneTimeCount: number }).oneTimeCount > 0
            ? { ...(answer as object), digest: new Uint8Array(32) }
            : answer,
      }),
    })
    const reopened = await again("alice", alice)
    await until("alice compared", async () => (await codes(reopened)).includes("key_packages_differ"))
  }))

test("A record delivered twice, and one whose number was left out, change nothing and lose nothing", () =>
  withNeighbourhood(async ({ person }) => {
    let lose = 0
    const alice = await person("alice")
    const bob = await person("bob", {
      through: through({
        shown: (item) => (lose > 0 && item.type === "post" && lose-- > 0 ? [] : item.type === "post" ? [item, item] : [item]),
      }),
    })
    const chat = await alice.openChat(await idOf(alice, "bob"))
    await alice.send(chat.id, { text: "one" })
    await until("bob has one", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).length === 1)
    lose = 1
    await alice.send(chat.id, { text: "two" })
    await alice.send(chat.id, { text: "three" })
    await until("bob has all", async () => (await texts(bob, chat.id)).length === 3)
    assert.deepEqual(await texts(bob, chat.id), ["one", "two", "three"])
    assert.deepEqual(await codes(bob), [])
  }))
