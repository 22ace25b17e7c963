import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { WireError, encodeMessage, post, serverInfo, streamPath, uploadKeyPackages } from "@nodoor/wire"
import { WebSocket } from "ws"
import { callHttp } from "../fixtures/caller.ts"
import { addToGroup, newGroup, postRequest, postTo, random, signIn, signUp } from "../fixtures/device.ts"
import { openSocket } from "../fixtures/stream.ts"
import { type RunningServer, type StartOptions, startServer } from "./start-server.ts"

async function withServer(
  run: (server: RunningServer, again: () => Promise<RunningServer>) => Promise<void>,
  options: Partial<StartOptions> = {},
): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-server-"))
  const start = (): Promise<RunningServer> => startServer({ dataDir, log: () => {}, ...options })
  let server = await start()
  try {
    await run(server, async () => {
      await server.stop()
      return (server = await start())
    })
  } finally {
    await server.stop()
    rmSync(dataDir, { recursive: true })
  }
}

test("Two devices in one group receive a post on their streams, and after a restart of the server what was not acknowledged comes again", () =>
  withServer(async (server, restart) => {
    const caller = callHttp(server.url)
    const alice = await signUp(caller, server.origin, "alice")
    const bob = await signUp(caller, server.origin, "bob")
    await caller.call(uploadKeyPackages, { oneTime: [random(200)], lastResort: random(200) }, bob.token)
    const group = await newGroup(caller, alice)
    await addToGroup(caller, group, alice, [bob])

    const stream = await openSocket(server.url)
    stream.send({ type: "open", token: bob.token, after: 0 })
    assert.equal((await stream.frame("opened")).head, 1)
    assert.equal((await stream.received(1))[0]?.kind, "welcome")
    const body = random(300)
    const placed = await caller.call(post, postRequest(group, body))
    assert.equal(placed.order, 2)
    const [, record] = await stream.received(2)
    assert.ok(record?.kind === "post")
    assert.deepEqual(record.body, body)
    assert.equal(record.order, 2)
    stream.send({ type: "ack", seq: 1 })
    stream.send({ type: "ping" })
    await stream.frame("pong")
    caller.close()

    const second = await restart()
    assert.equal(second.origin, server.origin)
    const fresh = callHttp(second.url)
    const again = await openSocket(second.url)
    again.send({ type: "open", token: await signIn(fresh, second.origin, bob.device), after: 1 })
    const [kept] = await again.received(1)
    fresh.close()
    assert.ok(kept?.kind === "post")
    assert.deepEqual(kept.body, body)
    again.close()
  }))

test("a server that stops tells its streams, lets go of the port and answers nothing more", () =>
  withServer(async (server) => {
    const caller = callHttp(server.url)
    const alice = await signUp(caller, server.origin, "alice")
    const stream = await openSocket(server.url)
    stream.send({ type: "open", token: alice.token, after: 0 })
    await stream.frame("opened")
    await server.stop()
    assert.equal((await stream.frame("closed")).code, "unavailable")
    await stream.ended
    await assert.rejects(callHttp(server.url).call(serverInfo, {}))
    await assert.rejects(server.store.countAccounts({}), (error: unknown) => error instanceof WireError && error.code === "unavailable")
    caller.close()
  }))

test("a device that is gone without a word is noticed, and one that only listens is kept", () =>
  withServer(
    async (server) => {
      const caller = callHttp(server.url)
      const [alice, bob] = [await signUp(caller, server.origin, "alice"), await signUp(caller, server.origin, "bob")]
      const listening = await openSocket(server.url)
      listening.send({ type: "open", token: alice.token, after: 0 })
      await listening.frame("opened")
      const gone = new WebSocket(`${server.url.replace("http", "ws")}${streamPath}`, { autoPong: false })
      await new Promise((resolve) => gone.once("open", resolve))
      gone.send(encodeMessage({ type: "open", token: bob.token, after: 0 }))
      await new Promise((resolve) => gone.once("close", resolve))
      listening.send({ type: "ping" })
      await listening.frame("pong")
      caller.close()
    },
    { streams: { pingEveryMs: 150, openWithinMs: 5_000 } },
  ))

test("posts that arrive together share a transaction, and each is answered with its own place", () =>
  withServer(
    async (server) => {
      const caller = callHttp(server.url)
      const alice = await signUp(caller, server.origin, "alice")
      const group = await newGroup(caller, alice)
      const placed = await Promise.all(Array.from({ length: 200 }, () => postTo(caller, group, random(100))))
      assert.deepEqual(
        placed.map(({ order }) => order).toSorted((a, b) => a - b),
        Array.from({ length: 200 }, (_, at) => at + 1),
      )
      const metrics = await (await fetch(`${server.url}/metrics`)).text()
      const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, "m").exec(metrics)?.[1])
      assert.ok(
        value("nodoor_store_commit_operations_count") < value("nodoor_store_commit_operations_sum"),
        "fewer transactions than operations",
      )
      caller.close()
    },
    { rates: { memberGroup: { burst: 1000, perSecond: 1000 } } },
  ))
