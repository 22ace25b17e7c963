// What the files hold of an account that its person deleted, searched byte by byte in the accounts and in the log; and what the log still shows.

import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { type AccountId, accountLabel, decodeSearchResponse, encodeSearchRequest, handleLabel, pinLog } from "@nodoor/keylog"
import { updateAccount } from "@nodoor/wire"
import { serverCrypto } from "../core/crypto.ts"
import { type SignedIn, newDevice, nextState, signState, signUp, takeState } from "../fixtures/device.ts"
import { TestReader, auditShown, configEntry, labelOf, logFolder, openTestKeeper } from "../fixtures/log.ts"
import { type World, newWorld } from "../fixtures/world.ts"
import type { LogKeeper } from "../keylog/keeper/log-keeper.ts"
import { eraseEndedAccounts } from "../keylog/log-service.ts"
import type { Keeper } from "../keylog/keeper/log-keeper.ts"

const dayMs = 86_400_000

interface Held {
  readonly world: World
  readonly keeper: LogKeeper
  /** Logs and publishes what is stored. */
  log(): Promise<void>
  /** What the server does every ten minutes, `ms` later. */
  pass(ms: number): Promise<void>
  inAccounts(what: Uint8Array): boolean
  inLog(what: Uint8Array): boolean
}

async function onDisk(run: (at: Held) => Promise<void>): Promise<void> {
  const folder = logFolder()
  const path = join(folder, "accounts.db")
  const world = await newWorld({ path })
  const { keeper, close } = openTestKeeper(folder)
  const asynchronous: Pick<Keeper, "ended" | "eraseEnded"> = {
    ended: async (input) => keeper.ended(input),
    eraseEnded: async (input) => keeper.eraseEnded(input),
  }
  const inFile = (file: string, what: Uint8Array): boolean =>
    [file, `${file}-wal`].some((each) => existsSync(each) && readFileSync(each).includes(Buffer.from(what)))
  const log = async (): Promise<void> => {
    const { rows } = await world.store.accountFeed({ after: keeper.status().feedPosition, max: 1000 })
    if (keeper.build({ rows, nowMs: world.clock.nowMs() }))
      keeper.publish({ note: keeper.draft({ knownSizes: [] }).note, nowMs: world.clock.nowMs() })
  }
  try {
    await log()
    await run({
      world,
      keeper,
      log,
      pass: async (ms) => {
        world.clock.timeMs += ms
        await eraseEndedAccounts({ store: world.store, keeper: asynchronous, clock: world.clock })
        keeper.eraseTraces({ nowMs: world.clock.nowMs() })
        await world.store.eraseTraces({ nowMs: world.clock.nowMs() })
      },
      inAccounts: (what) => inFile(path, what),
      inLog: (what) => inFile(join(folder, "log.sqlite"), what),
    })
  } finally {
    world.delivery.close()
    await world.store.close()
    close()
  }
}

async function addDevice(world: World, { account, token }: SignedIn): Promise<void> {
  const devices = [...account.devices, newDevice()]
  const state = nextState(account, devices)
  await world.caller.call(updateAccount, { state }, token)
  takeState(account, state, devices)
}

async function end(world: World, { account, token }: SignedIn): Promise<Uint8Array> {
  const { state, stateHash } = account.state
  const ended = { ...state, version: state.version + 1, kind: "tombstone" as const, prev: stateHash, devices: [] }
  const tombstone = signState(ended, account.devices.slice(0, 1))
  await world.caller.call(updateAccount, { state: tombstone }, token)
  return tombstone
}

/** Openings that the log gives to whoever asks for an account and its handle. */
function openings({ keeper }: Held, { account }: SignedIn): readonly Uint8Array[] {
  const { logKey } = pinLog(serverCrypto, configEntry(keeper))
  const labels = [labelOf(account), handleLabel(account.handle)].map((label) => ({ label, knownVersion: undefined }))
  const request = encodeSearchRequest({ lastSize: undefined, logKey, knownPolicy: undefined, labels })
  return decodeSearchResponse(keeper.search({ request })).answers.flatMap((answer) => (answer.status === "present" ? [answer.opening] : []))
}

test("two days after its person deleted an account neither keys nor openings nor handle binding of it are in the files; everybody else's are", () =>
  onDisk(async (at) => {
    const { world } = at
    const people: SignedIn[] = []
    for (let i = 0; i < 12; i++) people.push(await signUp(world.caller, world.origin, `person-${i}`))
    await at.log()
    const traces: Uint8Array[][] = []
    for (const person of people) {
      const genesis = person.account.state.signed
      const [first] = openings(at, person)
      await addDevice(world, person)
      await at.log()
      const [second, binding] = openings(at, person)
      const found = await world.store.findAccount({ handle: person.account.handle, accountId: undefined, afterVersion: 9, maxStates: 1 })
      const keys = person.account.state.state.devices.map(({ signatureKey }) => signatureKey)
      traces.push([
        genesis,
        person.account.state.signed,
        ...keys,
        found?.handleBinding as Uint8Array,
        first,
        second,
        binding,
      ] as Uint8Array[])
    }
    const gone = (i: number): boolean => i % 2 === 0
    const tombstones = new Map<number, Uint8Array>()
    for (const [i, person] of people.entries()) if (gone(i)) tombstones.set(i, await end(world, person))
    await at.log()
    const { keyCount } = at.keeper.status()
    const inLog = (): boolean[] => traces.map((each) => each.some(at.inLog))
    const inAccounts = (): boolean[] => traces.map((each) => each.slice(0, 5).some(at.inAccounts))
    await at.pass(2 * dayMs)
    assert.deepEqual([inLog().every(Boolean), inAccounts().every(Boolean)], [true, true], "all of it while it may be")
    // Epochs of one moment are a millisecond apart.
    await at.pass(1000)
    assert.deepEqual(
      inLog(),
      people.map((_, i) => !gone(i)),
    )
    assert.deepEqual(
      inAccounts(),
      people.map((_, i) => !gone(i)),
    )
    for (const [i, tombstone] of tombstones) {
      assert.ok(at.inAccounts(tombstone) && at.inLog(tombstone), "that it ended stays")
      const row = await world.store.accountRow({ accountId: people[i]?.account.accountId ?? new Uint8Array() })
      assert.equal(row?.handle, `person-${i}`, "and so does the handle")
    }
    assert.deepEqual(at.keeper.ended({ beforeMs: Number.MAX_SAFE_INTEGER }), [])
    // Map, deltas and entries are what they were: whoever replays the log finds nothing missing.
    auditShown(at.keeper)
    assert.equal(at.keeper.status().keyCount, keyCount)
    const reader = new TestReader(configEntry(at.keeper), (request) => at.keeper.search({ request }))
    const [dead, alive] = people as [SignedIn, SignedIn]
    const labels = [dead, alive].flatMap(({ account }) => [handleLabel(account.handle), labelOf(account)])
    const { lookups } = await reader.look(labels, world.clock.nowMs())
    assert.deepEqual(
      lookups.map(({ status }) => status),
      ["ended", "ended", "handle", "account"],
    )
    await signUp(world.caller, world.origin, "later")
    await at.log()
    auditShown(at.keeper)
  }))

test("who knew the last state of an account is proven its end after the states were erased, and nothing is erased twice", () =>
  onDisk(async (at) => {
    const { world, keeper } = at
    const person = await signUp(world.caller, world.origin, "alice")
    await at.log()
    const reader = (): TestReader => new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
    const [early, late] = [reader(), reader()]
    const label = labelOf(person.account)
    await early.look([label], world.clock.nowMs())
    await addDevice(world, person)
    await at.log()
    await late.look([label], world.clock.nowMs())
    await end(world, person)
    await at.log()
    await at.pass(3 * dayMs)
    await at.pass(dayMs)
    const [proven] = (await late.look([label], world.clock.nowMs())).lookups
    assert.ok(proven?.status === "account" && proven.account.kind === "tombstone")
    assert.equal((await early.look([label], world.clock.nowMs())).lookups[0]?.status, "ended")
    keeper.eraseEnded({ account: label, handle: handleLabel("alice") })
    assert.equal((await late.look([label], world.clock.nowMs())).lookups[0]?.status, "account")
  }))

test("an account that the operator erased keeps its chain: nobody signed its end, and the log goes on showing it", () =>
  onDisk(async (at) => {
    const { world, keeper } = at
    const person = await signUp(world.caller, world.origin, "alice")
    await at.log()
    await world.store.changeAccount({ accountId: person.account.accountId, change: "erase" })
    await at.pass(9 * dayMs)
    assert.ok(at.inAccounts(person.account.state.signed) && at.inLog(person.account.state.signed))
    const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
    const label = accountLabel(person.account.accountId as AccountId)
    assert.equal((await reader.look([label], world.clock.nowMs())).lookups[0]?.status, "account")
  }))
