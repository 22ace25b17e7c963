import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import { limits, putRendezvous, takeRendezvous } from "@nodoor/wire"
import { refuses } from "../fixtures/refuses.ts"
import { newWorld } from "../fixtures/world.ts"

const bytes = (size: number, fill?: number): Uint8Array =>
  fill === undefined ? new Uint8Array(randomBytes(size)) : new Uint8Array(size).fill(fill)

async function meeting(rates = {}) {
  const world = await newWorld({ rates: { rendezvous: { burst: 100_000, perSecond: 100_000 }, ...rates } })
  const { caller, clock } = world
  const id = bytes(16)
  const put = (slot: number, sealed: Uint8Array, at = id): Promise<unknown> => caller.call(putRendezvous, { id: at, slot, sealed })
  const take = async (slot: number, { taker = bytes(32, 1), waitMs = 0, at = id } = {}): Promise<Uint8Array | undefined> =>
    (await caller.call(takeRendezvous, { id: at, slot, taker, waitMs })).sealed
  return { ...world, clock, id, put, take }
}

test("what one device leaves in a slot the other takes, at once or when it comes; both need no session", async () => {
  const { put, take } = await meeting()
  assert.equal(await take(0), undefined)
  const waits = take(0, { waitMs: 25_000 })
  await put(0, bytes(100, 7))
  assert.deepEqual(await waits, bytes(100, 7))
  await put(1, bytes(5, 8))
  assert.deepEqual(await take(1), bytes(5, 8))
})

test("a slot is written once and taken once; the same message and the same taker again are no error", async () => {
  const { put, take } = await meeting()
  await put(0, bytes(10, 1))
  await put(0, bytes(10, 1))
  await refuses("rendezvous_used", put(0, bytes(10, 2)))
  assert.deepEqual(await take(0), bytes(10, 1))
  assert.deepEqual(await take(0), bytes(10, 1), "the answer was lost")
  await refuses("rendezvous_used", take(0, { taker: bytes(32, 2) }))
})

test("a meeting ends two minutes after its first message, or five when somebody has answered, and its slots are free again", async () => {
  const { put, take, clock } = await meeting()
  await put(0, bytes(10, 1))
  clock.timeMs += limits.rendezvousMs - 1
  assert.ok(await take(0))
  clock.timeMs += 1
  assert.equal(await take(0), undefined)
  await put(0, bytes(10, 2))
  clock.timeMs += limits.rendezvousMs - 1
  await put(1, bytes(10, 3))
  clock.timeMs += limits.rendezvousAnsweredMs - limits.rendezvousMs
  assert.ok(await take(1))
  clock.timeMs += 1
  assert.equal(await take(1), undefined)
})

test("ids, slots and messages have their sizes, and nothing else is taken", async () => {
  const { put, take } = await meeting()
  await refuses("bad_request", put(0, bytes(10), bytes(15)))
  await refuses("bad_request", put(limits.rendezvousSlots, bytes(10)))
  await refuses("bad_request", put(-1, bytes(10)))
  await refuses("bad_request", put(0.5, bytes(10)))
  await refuses("bad_request", take(0, { taker: bytes(31) }))
  await put(0, bytes(limits.rendezvousBytes))
  await refuses("bad_request", put(1, bytes(limits.rendezvousBytes + 1)))
})

test("a flood fills a bounded memory, throws nobody out, and ends with its meetings", async () => {
  const { put, take, clock } = await meeting()
  await put(0, bytes(10, 9))
  let taken = 0
  const flood = async (): Promise<void> => {
    while (taken < 4_200) {
      await put(0, bytes(1_000, 0), bytes(16))
      taken++
    }
  }
  await refuses("unavailable", flood())
  assert.ok(taken >= 4_000 && taken <= 4_096, String(taken))
  assert.deepEqual(await take(0), bytes(10, 9), "who was there is still there")
  await put(1, bytes(10, 9))
  clock.timeMs += limits.rendezvousMs
  await put(0, bytes(10), bytes(16))
})

test("a flood of large messages is refused by what it holds in all", async () => {
  const { put } = await meeting()
  let taken = 0
  const flood = async (): Promise<void> => {
    for (;;) {
      await put(0, bytes(limits.rendezvousBytes, 0), bytes(16))
      taken++
    }
  }
  await refuses("unavailable", flood())
  assert.equal(taken, 1_024)
})

test("an address leaves and takes so many messages", async () => {
  const { put, take } = await meeting({ rendezvous: { burst: 3, perSecond: 1 } })
  await put(0, bytes(1))
  await take(0)
  await put(1, bytes(1))
  await refuses("rate_limited", put(2, bytes(1)))
  await refuses("rate_limited", take(0))
})

test("a newer request for a slot ends the older one, and so does the end of the server", async () => {
  const { take, delivery } = await meeting()
  const older = take(0, { waitMs: 25_000 })
  const newer = take(0, { waitMs: 25_000 })
  assert.equal(await older, undefined)
  delivery.close()
  assert.equal(await newer, undefined)
})
