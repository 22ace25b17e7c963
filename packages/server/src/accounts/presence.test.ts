import assert from "node:assert/strict"
import { test } from "node:test"
import { ownRecord } from "@nodoor/wire"
import { signIn, signUp } from "../fixtures/device.ts"
import { newWorld } from "../fixtures/world.ts"
import { createPresence, weekOf } from "./presence.ts"

const dayMs = 86_400_000

test("weeks begin on Monday, at midnight UTC", () => {
  const monday = Date.UTC(2026, 10, 30)
  assert.deepEqual([weekOf(monday - 1), weekOf(monday), weekOf(monday + 7 * dayMs - 1)], [monday - 7 * dayMs, monday, monday])
})

test("that an account was here is on disk only when the week is over or the server stops, for everybody at once", async () => {
  const world = await newWorld()
  const { caller, clock, delivery, origin, store } = world
  const people = [await signUp(caller, origin, "alice"), await signUp(caller, origin, "bob")]
  const days = async (): Promise<readonly (string | undefined)[]> =>
    await Promise.all(people.map(async ({ account }) => (await store.accountRow({ accountId: account.accountId }))?.lastSeenDay))
  clock.timeMs = Date.UTC(2026, 11, 9, 12)
  await signIn(caller, origin, (people[0] as (typeof people)[0]).device)
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-01", "2026-12-01"])
  clock.timeMs += 2 * dayMs
  const token = await signIn(caller, origin, (people[1] as (typeof people)[0]).device)
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-01", "2026-12-01"])
  assert.equal((await caller.call(ownRecord, {}, token)).lastSeenDay, "2026-12-01")
  clock.timeMs = Date.UTC(2026, 11, 14)
  await delivery.sweep()
  assert.deepEqual(await days(), ["2026-12-07", "2026-12-07"])
  await signIn(caller, origin, (people[0] as (typeof people)[0]).device)
  await delivery.settled()
  assert.deepEqual(await days(), ["2026-12-14", "2026-12-07"])
})

test("what could not be written is kept, and what comes meanwhile is not lost; nobody fills the memory with addresses", async () => {
  const clock = { timeMs: Date.UTC(2026, 11, 1), nowMs: () => clock.timeMs }
  const written: string[] = []
  const broken = { is: true }
  const presence = createPresence({
    clock,
    store: {
      noteSeen: async ({ seen }) => {
        if (broken.is) throw new Error("disk")
        for (const one of seen) written.push(`${one.accountId[0] ?? 0} ${one.addresses.length}`)
      },
    },
  })
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
