import assert from "node:assert/strict"
import { test } from "node:test"
import { NetworkError } from "@nodoor/client"
import { texts, until, withNeighbourhood } from "./neighbourhood.ts"

test("While a newcomer's account cannot be looked up the commit is neither applied nor lost, nothing is sent to the group, and other chats go on", () =>
  withNeighbourhood(async ({ person, again }) => {
    let down = false
    const [alice, carol] = [await person("alice"), await person("carol")]
    const bob = await person("bob", {
      through: (network) => ({
        ...network,
        call: async (serverUrl, route, request, options) => {
          if (down && /lookup|\/kt\//.test(route.path)) throw new NetworkError("no answer", { maybeDone: false })
          return await network.call(serverUrl, route, request, options)
        },
      }),
    })
    const [bobId, carolId] = [(await alice.findContact("bob")).accountId, (await alice.findContact("carol")).accountId]
    const group = await alice.createGroup({ name: "Growing", accountIds: [bobId] })
    const dm = await alice.openChat(bobId)
    await alice.send(dm.id, { text: "hello" })
    await until("bob is in both", async () => (await bob.chats()).length === 2)
    for (const chat of [group, dm]) await bob.acceptRequest(chat.id)
    await bob.settled(5_000)

    down = true
    await alice.addMembers(group.id, [carolId])
    await alice.send(group.id, { text: "welcome carol" })
    await until("carol is in", async () => (await carol.chats()).length === 1 && (await texts(carol, group.id)).length === 1)
    const waiting = await bob.send(group.id, { text: "who is that?" })
    await alice.send(dm.id, { text: "meanwhile" })
    await until("bob's other chat goes on", async () => (await texts(bob, dm.id)).includes("meanwhile"))
    assert.equal((await bob.members(group.id)).length, 2)
    assert.deepEqual(await texts(bob, group.id), ["who is that?"])
    assert.equal((await bob.messagesById(group.id, [waiting.id]))[0]?.status, "queued")
    assert.equal(await bob.settled(300), false)

    down = false
    const reopened = await again("bob", bob)
    await until(
      "bob has everything",
      async () => (await reopened.members(group.id)).length === 3 && (await texts(reopened, group.id)).includes("welcome carol"),
    )
    await until("and so has carol", async () => (await texts(carol, group.id)).includes("who is that?"))
    assert.deepEqual(await texts(reopened, group.id), ["welcome carol", "who is that?"])
    assert.deepEqual(
      (await reopened.alarms()).filter((alarm) => alarm.level === "red"),
      [],
    )
  }))
