import assert from "node:assert/strict"
import { test } from "node:test"
import { ownRecord } from "@nodoor/wire"
import { signIn, signUp } from "../fixtures/device.ts"
import { newWorld } from "../fixtures/world.ts"
import { createPresence, periodOf } from "./presence.ts"

const dayMs = 86_400_000

test("four weeks begin on a Monday, at midnight UTC", () => {
  const monday = Date.UTC(2026, 11, 21)
  assert.deepEqual([periodOf(monday - 1), periodOf(monday), periodOf(monday + 28 * dayMs - 1)], [monday - 28 * dayMs, monday, monday])
})

test("that an account was here is on disk only when four weeks are over or the server stops, for everybody at once", async () => {
  const world = await newWorld()
  const { caller, clock, delivery, origin, store } = world
  const people = [await signUp(caller, origin, "alice"), await signUp(caller, origin, "bob")]
  const days = async (): Promise<readonly (string | undefined)[]> =>
    await Promise.all(people.map(async ({ account }) => (await store.accountRow({ accountId: account.accountId }))?.lastSeenDay))
  clock.timeMs = Date.UTC(2026, 11, 9, 12)
  await signIn(caller, origin, (people[0] as (typeof people)[0]).device)
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-01", "2026-12-01"])
  clock.timeMs += 11 * dayMs
  const token = await signIn(caller, origin, (people[1] as (typeof people)[0]).device)
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-01", "2026-12-01"])
  assert.equal((await caller.call(ownRecord, {}, token)).lastSeenDay, "2026-12-01")
  clock.timeMs = Date.UTC(2026, 11, 21)
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-01", "2026-12-01"])
  const second = Date.UTC(2027, 0, 18)
  clock.timeMs = second - 1
  for (const { device } of people) await signIn(caller, origin, device)
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-01", "2026-12-01"], "not before the four weeks are over")
  clock.timeMs = second
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-21", "2026-12-21"])
  await signIn(caller, origin, (people[0] as (typeof people)[0]).device)
  await delivery.settled()
  assert.deepEqual(await days(), ["2027-01-18", "2026-12-21"])
})

test("what could not be written is kept, and what comes meanwhile is not lost; nobody fills the memory with addresses", async () => {
  const clock = { timeMs: Date.UTC(2026, 11, 1), nowMs: () => clock.timeMs }
  const written: string[] = []
  const broken = { is: true }
  const noteSeen: Parameters<typeof createPresence>[0]["store"]["noteSeen"] = async ({ seen }) => {
    if (broken.is) throw new Error("disk")
    for (const one of seen) written.push(`${one.accountId[0] ?? 0} ${one.addresses.length}`)
  }
  const presence = createPresence({ clock, store: { noteSeen } }, { ipDays: 7 })
  const [alice, bob] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)]
  for (let at = 0; at < 1_000; at++) presence.note(alice, `2001:db8::${at}`)
  await assert.rejects(presence.writeAll())
  assert.equal(presence.accounts().length, 1)
  presence.note(bob, undefined)
  broken.is = false
  await presence.writeAll()
  assert.deepEqual(written, ["1 200", "2 0"])
  assert.equal(presence.accounts().length, 0)
})

test("an address that was not used for retention.ip_days is forgotten, and the others are dated by the end of the four weeks or the stop", async () => {
  const end = Date.UTC(2026, 11, 21)
  const clock = { timeMs: end - 8 * dayMs, nowMs: () => clock.timeMs }
  const written: string[] = []
  const noteSeen: Parameters<typeof createPresence>[0]["store"]["noteSeen"] = async ({ seen }) => {
    for (const { addresses, addressesMs } of seen) written.push(`${addresses.join(" ")} ${(addressesMs - end) / dayMs}`)
  }
  const presence = createPresence({ clock, store: { noteSeen } }, { ipDays: 7 })
  const alice = new Uint8Array(16).fill(1)
  presence.note(alice, "192.0.2.1")
  presence.note(alice, "192.0.2.3")
  clock.timeMs = end - 7 * dayMs
  presence.note(alice, "192.0.2.2")
  clock.timeMs = end - dayMs
  presence.note(alice, "192.0.2.3")
  clock.timeMs = end
  await presence.writePeriods()
  presence.note(alice, "192.0.2.4")
  clock.timeMs = end + 2 * dayMs
  await presence.writeAll()
  assert.deepEqual(written, ["192.0.2.3 192.0.2.2 0", "192.0.2.4 2"])
})
