// Retention as it is on the disk: the clock moves on, the files are searched byte by byte.

import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { emailCode, updateAccount, uploadKeyPackages } from "@nodoor/wire"
import { callDelivery } from "../fixtures/caller.ts"
import { type SignedIn, random, signIn, signState, signUp } from "../fixtures/device.ts"
import { type World, type WorldOptions, newWorld } from "../fixtures/world.ts"

const dayMs = 86_400_000
const plenty = { burst: 10_000, perSecond: 1000 }

/** Runs on a database file; `held` says whether a text or bytes stand anywhere in it or in its write-ahead log. */
async function onDisk(
  run: (world: World, held: (what: string | Uint8Array) => boolean) => Promise<void>,
  delivery: WorldOptions["delivery"] = {},
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-retention-"))
  const path = join(directory, "db")
  const world = await newWorld({ path, delivery, rates: { register: plenty, emailCode: plenty } })
  const held = (what: string | Uint8Array): boolean =>
    [path, `${path}-wal`].some((file) => existsSync(file) && readFileSync(file).includes(Buffer.from(what as Uint8Array)))
  try {
    await run(world, held)
  } finally {
    world.delivery.close()
    await world.store.close()
    rmSync(directory, { recursive: true })
  }
}

async function pass(world: World, ms: number): Promise<void> {
  world.clock.timeMs += ms
  await world.delivery.sweep()
  await world.store.eraseTraces({ nowMs: world.clock.nowMs() })
}

function tombstone({ account }: SignedIn): Uint8Array {
  const { state, stateHash } = account.state
  return signState({ ...state, version: state.version + 1, kind: "tombstone", prev: stateHash, devices: [] }, account.devices)
}

test("an IP address is in the files for retention.ip_days after it was written, if it was used that shortly before, and not a byte of it later", () =>
  onDisk(async (world, held) => {
    const addresses = Array.from({ length: 40 }, (_, at) => `198.51.100.${at + 101}`)
    const people: SignedIn[] = []
    for (const [at, address] of addresses.entries())
      people.push(await signUp(callDelivery(world.delivery, address), world.origin, `person-${at}`))
    await pass(world, 6 * dayMs)
    assert.deepEqual(
      addresses.filter((address) => !held(address)),
      [],
      "all are there while they may be",
    )
    const [first, second] = people as [SignedIn, SignedIn]
    await signIn(callDelivery(world.delivery, addresses[1]), world.origin, second.device)
    await pass(world, 3 * dayMs)
    assert.deepEqual(addresses.filter(held), [], "they were written when their accounts were registered")
    await pass(world, 5 * dayMs)
    await signIn(callDelivery(world.delivery, addresses[0]), world.origin, first.device)
    await pass(world, 7 * dayMs)
    assert.deepEqual(addresses.filter(held), [addresses[0]], "the four weeks are over, and the one that was used lately is written")
    await pass(world, 8 * dayMs)
    assert.deepEqual(addresses.filter(held), [])
  }))

test("a server that keeps no addresses never writes one", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-retention-"))
  const path = join(directory, "db")
  const world = await newWorld({ path, delivery: { ipDays: 0 } })
  await signUp(callDelivery(world.delivery, "198.51.100.77"), world.origin, "alice")
  await world.store.checkpoint({})
  assert.ok(!readFileSync(path).includes("198.51.100.77"))
  await world.store.close()
  rmSync(directory, { recursive: true })
})

test("of an erased account neither name, e-mail nor IP address are in the files, and everybody else's are", () =>
  onDisk(async (world, held) => {
    const people: SignedIn[] = []
    const count = 60
    for (let at = 0; at < count; at++) {
      const caller = callDelivery(world.delivery, `203.0.113.${at + 101}`)
      const email = `mail-${at + 100}@example.org`
      await caller.call(emailCode, { email })
      const code = world.mails.at(-1)?.code ?? ""
      people.push(await signUp(caller, world.origin, `handle-${at}`, { name: `The name of holder ${at + 100}`, email, emailCode: code }))
    }
    const erased = people.filter((_, at) => at % 2 === 0)
    await world.store.checkpoint({})
    for (const person of erased) await world.caller.call(updateAccount, { state: tombstone(person) }, person.token)
    await pass(world, 1000)
    const traces = people.map((_, at) => [`The name of holder ${at + 100}`, `mail-${at + 100}@`, `203.0.113.${at + 101}`].map(held))
    assert.deepEqual(
      traces,
      people.map((_, at) => (at % 2 === 0 ? [false, false, false] : [true, true, true])),
    )
    const [first] = erased as [SignedIn]
    const row = await world.store.accountRow({ accountId: first.account.accountId })
    assert.deepEqual([row?.name, row?.email, row?.addresses, row?.deviceCount], ["", undefined, [], 0])
    assert.equal(row?.handle, "handle-0", "the name stays taken")
  }))

/** Somebody of whom everything there is stands in the files: name, e-mail and IP address, and a KeyPackage. */
async function person(world: World, at: number): Promise<{ readonly person: SignedIn; readonly traces: readonly (string | Uint8Array)[] }> {
  const address = `203.0.113.${at + 101}`
  const caller = callDelivery(world.delivery, address)
  const [name, email, keyPackage] = [`The name of holder ${at + 100}`, `mail-${at + 100}@example.org`, random(1500)]
  await caller.call(emailCode, { email })
  const emailCodeSent = world.mails.at(-1)?.code ?? ""
  const signedIn = await signUp(caller, world.origin, `handle-${at}`, { name, email, emailCode: emailCodeSent })
  await caller.call(uploadKeyPackages, { oneTime: [keyPackage], lastResort: keyPackage }, signedIn.token)
  const bytes = [keyPackage.subarray(0, 16), keyPackage.subarray(-16)]
  return { person: signedIn, traces: [name, email, address, ...bytes] }
}

test("of an account that the operator erases nothing of the person is in the files; its chain and handle are", () =>
  onDisk(async (world, held) => {
    const people: Awaited<ReturnType<typeof person>>[] = []
    for (let at = 0; at < 20; at++) people.push(await person(world, at))
    await world.store.checkpoint({})
    assert.ok(
      people.every(({ traces }) => traces.every(held)),
      "the search finds it all while it is there",
    )
    for (const [at, { person: each }] of people.entries())
      if (at % 2 === 0) await world.delivery.changeAccount({ accountId: each.account.accountId, change: "erase" })
    await world.store.eraseTraces({ nowMs: world.clock.nowMs() })
    assert.deepEqual(
      people.map(({ traces }) => traces.map(held)),
      people.map(({ traces }, at) => traces.map(() => at % 2 === 1)),
    )
    for (const { person: each } of people) assert.ok(held(each.account.state.signed) && held(each.account.handle))
  }))

test("an account that nobody uses is gone from the files after retention.inactive_days, whatever the clock did once", () =>
  onDisk(
    async (world, held) => {
      const [unused, used] = [await person(world, 0), await person(world, 1)]
      const names = [unused, used].map(({ traces }) => traces[0] as string)
      await pass(world, 1000 * dayMs)
      assert.deepEqual(names.map(held), [true, true], "a clock that jumped erases nobody")
      await pass(world, -1000 * dayMs)
      await pass(world, 20 * dayMs)
      await signIn(world.caller, world.origin, used.person.device)
      for (let day = 21; day <= 95; day++) {
        await pass(world, dayMs)
        if (day === 95) assert.deepEqual(names.map(held), [true, true], "until the last day")
      }
      await pass(world, dayMs)
      assert.deepEqual(names.map(held), [false, true])
      assert.deepEqual(
        unused.traces.filter((trace) => held(trace)),
        [],
      )
      assert.ok(world.logged.some((line) => line.includes("unused_accounts_erased")))
    },
    { inactiveDays: 40, ipDays: 90 },
  ))

test("a server that keeps accounts for ever erases none, and one whose device signs in is in use", async () => {
  await onDisk(async (world, held) => {
    const { traces } = await person(world, 0)
    for (let day = 0; day < 20; day++) await pass(world, 100 * dayMs)
    assert.ok(held(traces[0] as string))
  })
  await onDisk(
    async (world, held) => {
      const { traces, person: each } = await person(world, 0)
      for (let day = 0; day < 60; day++) {
        await signIn(world.caller, world.origin, each.device)
        await pass(world, dayMs)
      }
      assert.ok(held(traces[0] as string))
      for (let day = 0; day < 80; day++) await pass(world, dayMs)
      assert.ok(held(traces[0] as string), "four weeks count, not the day, and four more may be lost")
      for (let day = 0; day < 8; day++) await pass(world, dayMs)
      assert.ok(!held(traces[0] as string))
    },
    { inactiveDays: 40 },
  )
})
