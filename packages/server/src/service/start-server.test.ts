import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { WireError, serverInfo, uploadKeyPackages } from "@nodoor/wire"
import { callHttp } from "../fixtures/caller.ts"
import { random, signUp } from "../fixtures/device.ts"
import { passOf, readClient } from "../fixtures/delivery-member.ts"
import { bodiesOf, newLoggedGroup } from "../fixtures/logged-group.ts"
import { runCommand } from "../fixtures/command.ts"
import { ServerError } from "../core/server-error.ts"
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

test("what was posted before a restart of the server is read after it", () =>
  withServer(async (server, restart) => {
    const group = await newLoggedGroup(server)
    const bodies = [random(300), random(70_000)]
    for (const body of bodies) await group.post(body)
    const second = await restart()
    assert.equal(second.origin, server.origin)
    assert.deepEqual(await bodiesOf(second, group, 2), bodies)
  }))

test("a server that stops tells its streams, lets go of the port and answers nothing more", () =>
  withServer(async (server) => {
    const pass = await passOf(server.deliveryStore, "read", Math.floor(Date.now() / 3_600_000))
    const client = readClient(server.delivery, pass)
    assert.equal((await client.take())[0]?.type, "opened")
    await server.stop()
    assert.equal((await client.take())[0]?.type, "closed")
    await assert.rejects(callHttp(server.url).call(serverInfo, {}))
    await assert.rejects(server.store.countAccounts({}), (error: unknown) => error instanceof WireError && error.code === "unavailable")
  }))

test("data of version 1 is refused before anything of it is touched, with what to do, by the server and by commands", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-older-"))
  const old = join(dataDir, "nodoor.sqlite")
  writeFileSync(old, "accounts, groups and mailboxes of version 1")
  const older = (error: unknown): boolean =>
    error instanceof ServerError &&
    error.code === "data_dir_older" &&
    /older version/.test(error.message) &&
    /NODOOR_DATA/.test(error.message)
  await assert.rejects(startServer({ dataDir, log: () => {} }), older)
  await assert.rejects(runCommand(["user", "count"], { dataDir }), older)
  await assert.rejects(runCommand(["invite"], { dataDir }), older)
  assert.deepEqual(readdirSync(dataDir), ["nodoor.sqlite"])
  assert.equal(readFileSync(old, "utf8"), "accounts, groups and mailboxes of version 1")
  rmSync(dataDir, { recursive: true })
})

test("operations that arrive together share a transaction", () =>
  withServer(async (server) => {
    const caller = callHttp(server.url)
    const alice = await signUp(caller, server.origin, "alice")
    await Promise.all(Array.from({ length: 100 }, () => caller.call(uploadKeyPackages, { oneTime: [random(100)] }, alice.token)))
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, "m").exec(metrics)?.[1])
    assert.ok(
      value("nodoor_store_commit_operations_count") < value("nodoor_store_commit_operations_sum"),
      "fewer transactions than operations",
    )
    caller.close()
  }))
