import assert from "node:assert/strict"
import { test } from "node:test"
import { ClientError, type Device, type Network, NetworkError } from "@nodoor/client"
import { register } from "@nodoor/wire"
import { until, withNeighbourhood } from "./neighbourhood.ts"

/** The first registration is lost on its way there, or its answer on its way back. */
function losing(what: "request" | "answer"): (network: Network) => Network {
  let lost = false
  return (network) => ({
    ...network,
    call: async (serverUrl, route, request, options) => {
      if (lost || route.path !== register.path) return await network.call(serverUrl, route, request, options)
      lost = true
      if (what === "answer") await network.call(serverUrl, route, request, options)
      throw new NetworkError("no answer", { maybeDone: true })
    },
  })
}

for (const what of ["request", "answer"] as const) {
  test(`A registration whose ${what} was lost is completed when the store is opened again, under the same keys`, () =>
    withNeighbourhood(async ({ person, open }) => {
      await assert.rejects(
        person("alice", { through: losing(what) }),
        (error) => error instanceof ClientError && error.code === "unreachable",
      )
      const alice: Device = await open("alice")
      await until("alice is online", async () => (await alice.connection()).status === "online")
      assert.equal((await alice.account()).handle, "alice")
      const bob = await person("bob")
      assert.equal((await bob.findContact("alice")).accountId, (await alice.account()).accountId)
    }))
}

test("A handle that is taken is refused and leaves the store empty, so that another one can be tried", () =>
  withNeighbourhood(async ({ person, open }) => {
    await person("alice")
    await assert.rejects(person("alice", { store: "second" }), (error) => error instanceof ClientError && error.code === "handle_taken")
    await assert.rejects(open("second"), (error) => error instanceof ClientError && error.code === "not_registered")
    const second = await person("alicia", { store: "second" })
    assert.equal((await second.account()).handle, "alicia")
    await assert.rejects(
      person("more", { store: "second" }),
      (error) => error instanceof ClientError && error.code === "already_registered",
    )
  }))

test("What people may not type is refused with a code before anything is stored", () =>
  withNeighbourhood(async ({ person }) => {
    const [alice, bob] = [await person("alice"), await person("bob")]
    const refused = (code: string) => (error: unknown) => error instanceof ClientError && error.code === code
    await assert.rejects(alice.findContact("no such handle!"), refused("invalid_input"))
    await assert.rejects(alice.findContact("nobody"), refused("not_found"))
    await assert.rejects(alice.chat("00"), refused("not_found"))
    await assert.rejects(alice.chat("not hexadecimal"), refused("invalid_input"))
    const chat = await alice.openChat((await alice.findContact("bob")).accountId)
    await assert.rejects(alice.send(chat.id, { text: "  " }), refused("invalid_input"))
    await assert.rejects(alice.send(chat.id, { text: "x".repeat(200_000) }), refused("invalid_input"))
    await assert.rejects(alice.createGroup({ name: "", accountIds: [] }), refused("invalid_input"))
    await assert.rejects(alice.setName("\u0007"), refused("invalid_input"))
    await assert.rejects(alice.leave(chat.id), refused("not_allowed"))
    await alice.send(chat.id, { text: "zero \0 inside" })
    await until("bob has it", async () => (await bob.chats())[0]?.last?.text === "zero \uFFFD inside")
    await alice.close()
    await assert.rejects(alice.chats(), refused("closed"))
  }))
