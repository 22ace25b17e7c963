import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { post, uploadKeyPackages } from "@nodoor/wire"
import { callHttp } from "./fixtures/caller.ts"
import { addToGroup, newGroup, postRequest, random, signUp } from "./fixtures/device.ts"
import { openSocket } from "./fixtures/stream.ts"
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
    const again = await openSocket(second.url)
    again.send({ type: "open", token: bob.token, after: 1 })
    const [kept] = await again.received(1)
    assert.ok(kept?.kind === "post")
    assert.deepEqual(kept.body, body)
    again.close()
  }))
