import assert from "node:assert/strict"
import { test } from "node:test"
import {
  Auditor,
  encodeSearchRequest,
  entriesPath,
  handleLabel,
  parseCheckpoint,
  parseLogEntry,
  parseNote,
  verifyWatchSet,
} from "@nodoor/keylog"
import { type LogUpdateRequest, logSearch, logUpdate, logWatchSet, updateAccount } from "@nodoor/wire"
import { serverCrypto } from "../core/crypto.ts"
import { callHttp } from "../fixtures/caller.ts"
import { type SignedIn, newDevice, nextState, random, signState, signUp, takeState } from "../fixtures/device.ts"
import { TestReader, labelOf, logFolder } from "../fixtures/log.ts"
import { refuses } from "../fixtures/refuses.ts"
import { defaultLogSettings } from "./log-settings.ts"
import { type RunningServer, type StartOptions, startServer } from "../service/start-server.ts"

interface World {
  readonly server: RunningServer
  readonly caller: ReturnType<typeof callHttp>
  readonly lines: string[]
  get(path: string): Promise<Response>
  read(path: string): Promise<Uint8Array>
  /** A device that asks the server, or whatever else answers. */
  reader(search?: (request: Uint8Array) => Promise<Uint8Array>): Promise<TestReader>
}

async function withServer(run: (world: World) => Promise<void>, options: Partial<StartOptions> = {}): Promise<void> {
  const lines: string[] = []
  const config = { log: { ...defaultLogSettings, epochMs: 100 }, ...options.config }
  const server = await startServer({ dataDir: logFolder(), log: (line) => void lines.push(line), ...options, config })
  const caller = callHttp(server.url)
  const get = (path: string): Promise<Response> => fetch(`${server.url}/kt/${path}`)
  const read = async (path: string): Promise<Uint8Array> => {
    const response = await get(path)
    assert.equal(response.status, 200, path)
    return new Uint8Array(await response.arrayBuffer())
  }
  const configEntry = async (): Promise<Uint8Array> => {
    const { size } = parseCheckpoint(parseNote(await read("checkpoint")).text)
    const bundle = Buffer.from(await read(entriesPath({ index: 0, width: Math.min(size, 256) })))
    return new Uint8Array(bundle.subarray(2, 2 + bundle.readUInt16BE(0)))
  }
  const reader = async (
    search = async (request: Uint8Array) => (await caller.call(logSearch, { request })).response,
  ): Promise<TestReader> => new TestReader(await configEntry(), search)
  try {
    await run({ server, caller, lines, get, read, reader })
  } finally {
    caller.close()
    await server.stop()
  }
}

/** Adds a device through the log's own route and checks the receipt. */
async function addDevice(world: World, { account, token }: SignedIn): Promise<LogUpdateRequest> {
  const devices = [...account.devices, newDevice()]
  const state = nextState(account, devices)
  takeState(account, state, devices)
  let update: LogUpdateRequest = { state, request: new Uint8Array() }
  const receipt = await world.reader(async (request) => {
    update = { state, request }
    return (await world.caller.call(logUpdate, update, token)).response
  })
  const found = await receipt.look([labelOf(account)], Date.now())
  assert.ok(found.lookups[0]?.status === "account" && found.lookups[0].account.state.version === account.state.state.version)
  return update
}

/** Those of this epoch and of the next stand in the log from the start. */
const keysForTokens = 2

test("somebody who registers is in the log within three seconds, handle and all, and an auditor over HTTP accepts it", async () => {
  await withServer(
    async (world) => {
      const { server, caller, read } = world
      const startedMs = Date.now()
      const alice = await signUp(caller, server.origin, "alice")
      await server.keyLog.logged(labelOf(alice.account), 0)
      assert.ok(Date.now() - startedMs < 3_000)
      const reader = await world.reader()
      const found = await reader.look([handleLabel("alice"), handleLabel("nobody")], Date.now())
      assert.deepEqual(
        found.lookups.map(({ status }) => status),
        ["handle", "absent", "account"],
      )
      assert.equal(found.statement.tier, "solo")
      assert.equal(server.keyLog.pin, Buffer.from(reader.pin.configHash).toString("hex"))

      const note = await read("checkpoint")
      const { size } = parseCheckpoint(parseNote(note).text)
      const auditor = new Auditor(serverCrypto)
      const bundle = Buffer.from(await read(entriesPath({ index: 0, width: size })))
      for (let at = 0, epoch = 0; at < bundle.length;) {
        const entry = bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at))
        at += 2 + entry.length
        auditor.append(entry, parseLogEntry(entry).kind === "epoch" ? await read(`delta/${epoch++}`) : undefined)
      }
      assert.ok(auditor.verifyCheckpoint(note))
      assert.equal(auditor.keyCount, 2 + keysForTokens)
    },
    { config: { log: defaultLogSettings } },
  )
})

test("an update is answered after its epoch with a receipt that verifies, and the same update again with another", async () => {
  await withServer(async (world) => {
    const alice = await signUp(world.caller, world.server.origin, "alice")
    const update = await addDevice(world, alice)
    const again = await world.caller.call(logUpdate, update, alice.token)
    assert.ok(again.response.length > 0)
    await addDevice(world, alice)
    await refuses("unauthorized", world.caller.call(logUpdate, update))
    await refuses("account_state_invalid", world.caller.call(logUpdate, { ...update, state: random(200) }, alice.token))
  })
})

test("a watch set is of versions that do not exist, and its proofs verify", async () => {
  await withServer(async (world) => {
    const alice = await signUp(world.caller, world.server.origin, "alice")
    await world.server.keyLog.logged(labelOf(alice.account), 0)
    const { pin } = await world.reader()
    const label = labelOf(alice.account)
    const { response } = await world.caller.call(logWatchSet, { label })
    const indices = verifyWatchSet({ pin, label, greatest: 0, response })
    assert.equal(indices.length, 1)
  })
})

test("files have the right headers, and paths that are none lead nowhere", async () => {
  await withServer(async ({ get }) => {
    const checkpoint = await get("checkpoint")
    assert.match(checkpoint.headers.get("content-type") ?? "", /^text\/plain/)
    assert.equal(checkpoint.headers.get("cache-control"), "no-cache")
    assert.equal(checkpoint.headers.get("access-control-allow-origin"), "*")
    const tile = await get("tile/0/000.p/3")
    assert.equal(tile.headers.get("content-type"), "application/octet-stream")
    assert.match(tile.headers.get("cache-control") ?? "", /immutable/)
    for (const path of [
      "",
      "tile/0/000",
      "delta/99999999999999999999",
      "delta/-1",
      "..%2fkeys",
      "vrf.key",
      "log.sqlite",
      "x".repeat(5000),
    ]) {
      const answer = await get(path)
      assert.equal(answer.status, 404, path)
      await answer.arrayBuffer()
    }
  })
})

test("hostile requests are refused with a code, and the log goes on", async () => {
  await withServer(
    async (world) => {
      const { caller, server } = world
      const alice = await signUp(caller, server.origin, "alice")
      const labels = (count: number): Uint8Array =>
        encodeSearchRequest({
          lastSize: undefined,
          logKey: random(32),
          knownPolicy: undefined,
          labels: Array.from({ length: count }, () => ({ label: Uint8Array.of(1, ...random(16)), knownVersion: undefined })),
        })
      await refuses("bad_request", caller.call(logSearch, { request: random(100) }))
      await refuses("bad_request", caller.call(logSearch, { request: new Uint8Array() }))
      await refuses("too_large", caller.call(logSearch, { request: labels(17) }))
      await refuses("too_large", caller.call(logSearch, { request: new Uint8Array(9000) }))
      await refuses("unauthorized", caller.call(logSearch, { request: labels(1) }, random(32)))
      await refuses("bad_request", caller.call(logUpdate, { state: alice.account.state.signed, request: random(9) }, alice.token))
      assert.ok((await caller.call(logSearch, { request: labels(2) })).response.length > 0)
      const ahead = {
        lastSize: 2 ** 40,
        logKey: random(32),
        knownPolicy: random(32),
        labels: [{ label: Uint8Array.of(1, ...random(16)), knownVersion: 7 }],
      }
      assert.ok((await caller.call(logSearch, { request: encodeSearchRequest(ahead) })).response.length > 0)
      let limited = 0
      for (let i = 0; i < 10; i++) {
        await caller.call(logSearch, { request: labels(16) }).catch((error: { code?: string }) => {
          if (error.code === "rate_limited") limited++
        })
      }
      assert.ok(limited > 0, "without a session searches count for the address")
      assert.ok((await caller.call(logSearch, { request: labels(16) }, alice.token)).response.length > 0, "a session has a rate of its own")
    },
    { rates: { logSearchAddress: { burst: 60, perSecond: 1 } } },
  )
})

test("started again on its data the log goes on, and before the first account its origin may change", async () => {
  const dataDir = logFolder()
  let pin = ""
  await withServer(async ({ server }) => void (pin = server.keyLog.pin), {
    dataDir,
    config: { origin: "one.example", registration: "open" },
  })
  await withServer(
    async ({ server, caller }) => {
      assert.notEqual(server.keyLog.pin, pin)
      pin = server.keyLog.pin
      await signUp(caller, server.origin, "alice")
    },
    { dataDir, config: { origin: "two.example", registration: "open" } },
  )
  await withServer(
    async (world) => {
      assert.equal(world.server.keyLog.pin, pin)
      const found = await (await world.reader()).look([handleLabel("alice")], Date.now())
      assert.equal(found.lookups[0]?.status, "handle", "logged when stopping or when started again")
    },
    { dataDir },
  )
})

test("metrics of the log are counts, and neither they nor the log's lines name anybody", async () => {
  await withServer(async ({ server, caller, lines }) => {
    const alice = await signUp(caller, server.origin, "alice")
    await server.keyLog.logged(labelOf(alice.account), 0)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    assert.match(metrics, /^nodoor_log_size [4-9]$/m)
    assert.match(metrics, /^nodoor_log_keys 4$/m)
    const id = Buffer.from(alice.account.accountId).toString("hex")
    for (const text of [metrics, lines.join("\n")]) assert.ok(!text.includes("alice") && !text.includes(id))
  })
})

test("what the log holds of an account that its person ended is erased by the running server two days later, and searches say so", async () => {
  let laterMs = 0
  const clock = { nowMs: (): number => Date.now() + laterMs }
  await withServer(
    async (world) => {
      const { server, caller } = world
      const [alice, bob] = [await signUp(caller, server.origin, "alice"), await signUp(caller, server.origin, "bob")]
      await addDevice(world, alice)
      const { state, stateHash } = alice.account.state
      const end = { ...state, version: state.version + 1, kind: "tombstone" as const, prev: stateHash, devices: [] }
      await caller.call(updateAccount, { state: signState(end, alice.account.devices.slice(0, 1)) }, alice.token)
      await server.keyLog.logged(labelOf(alice.account), end.version)
      const statuses = async (): Promise<string[]> => {
        const labels = ["alice", "bob"].map(handleLabel)
        const { lookups } = await (await world.reader()).look([...labels, labelOf(alice.account)], clock.nowMs())
        return lookups.map(({ status }) => status)
      }
      await server.keyLog.sweep()
      assert.deepEqual(await statuses(), ["handle", "handle", "account", "account"])
      laterMs = 3 * 86_400_000
      await server.keyLog.sweep()
      assert.deepEqual(await statuses(), ["ended", "handle", "ended", "account"])
      assert.equal((await server.store.accountFeed({ after: 0, max: 9 })).rows.length, 2)
      assert.equal((await server.store.accountRow({ accountId: bob.account.accountId }))?.handle, "bob")
    },
    { clock },
  )
})
