import assert from "node:assert/strict"
import { test } from "node:test"
import { NetworkError } from "../core/client-error.ts"
import type { JobKind } from "../core/jobs.ts"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { insertArrived } from "../store/group/arrived-introductions.ts"
import { migrate } from "../store/schema.ts"
import { Introductions } from "./introductions.ts"

const sealed = (byte: number): Uint8Array => new Uint8Array(4096).fill(byte)
const id = (byte: number): Uint8Array => new Uint8Array(16).fill(byte)

/** A device, and a server that holds introductions until it is told that they are done. */
async function world() {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const state = { nowMs: 0, waits: true, hangs: false, fails: new Set<number>() }
  const held = new Map<number, Uint8Array>()
  const asked: { readonly waitMs: number; readonly done: readonly number[] }[] = []
  const taken: number[] = []
  const jobs = fakeJobs()
  const introductions = new Introductions({
    jobs: {
      register: (kind: JobKind) =>
        jobs.jobs.register({
          ...kind,
          run: async (key: string, tries: number) => {
            const end = await kind.run(key, tries)
            ends.push(end)
            return end
          },
        } as never),
      schedule: jobs.jobs.schedule,
    },
    session: {
      call: async (
        _: unknown,
        { waitMs, done }: { readonly waitMs: number; readonly done: readonly Uint8Array[] },
        { unwanted }: { readonly unwanted: Promise<void> },
      ) => {
        if (state.hangs) {
          await unwanted
          throw new NetworkError("given up", { maybeDone: true })
        }
        asked.push({ waitMs, done: done.map((one) => one[0] ?? 0) })
        for (const one of done) held.delete(one[0] ?? 0)
        if (held.size === 0 && state.waits) state.nowMs += waitMs
        return { introductions: [...held].map(([byte, one]) => ({ id: id(byte), sealed: one })) }
      },
    } as never,
    transactions,
    clock: { nowMs: () => state.nowMs },
    intake: {
      take: async (one) => {
        if (state.fails.has(one[0] ?? 0)) throw new NetworkError("lost", { maybeDone: false })
        taken.push(one[0] ?? 0)
      },
    },
  })
  const ends: unknown[] = []
  const run = async (kind = "introductions-take"): Promise<unknown> => {
    const before = ends.length
    jobs.jobs.schedule({ kind, inMs: 0 })
    jobs.due.find((job) => job.kind === kind)?.run()
    for (let turn = 0; turn < 200 && ends.length === before; turn++) await new Promise((resolve) => setImmediate(resolve))
    return ends.at(-1)
  }
  return { introductions, transactions, database, run, held, asked, taken, state, jobs }
}

test("The first question after connecting does not wait; those after it do, one after the other", async () => {
  const { introductions, run, asked } = await world()
  introductions.online()
  assert.deepEqual(await run(), { againInMs: 0 })
  assert.deepEqual(await run(), { againInMs: 0 })
  assert.deepEqual(
    asked.map(({ waitMs }) => waitMs),
    [0, 25_000],
  )
})

for (const ends of ["offline", "close"] as const)
  test(`A question that waits ends when the device says ${ends}: nothing waits for it`, async () => {
    const { introductions, run, state } = await world()
    state.hangs = true
    const ended = run()
    await new Promise((resolve) => setImmediate(resolve))
    introductions[ends]()
    assert.equal(await ended, "failed")
  })

test("An introduction is done when it was taken, and the server is told with the next question", async () => {
  const { run, held, asked, taken } = await world()
  held.set(7, sealed(7)).set(8, sealed(8))
  assert.deepEqual(await run(), { againInMs: 0 })
  assert.deepEqual([taken, asked[0]?.done], [[7, 8], []])
  await run()
  assert.deepEqual([asked[1]?.done, held.size], [[7, 8], 0])
})

test("One that cannot be checked now is not done and is tried again later; it keeps no other back", async () => {
  const { run, held, asked, taken, state } = await world()
  state.fails.add(7)
  held.set(7, sealed(7)).set(8, sealed(8))
  assert.equal(await run(), "failed")
  assert.deepEqual(taken, [8])
  state.fails.clear()
  assert.deepEqual(await run(), { againInMs: 0 })
  assert.deepEqual([taken, asked[1]?.done], [[8, 7], [8]])
})

test("A server that does not wait is asked every five seconds and not more often", async () => {
  const { run, state } = await world()
  state.waits = false
  await run()
  assert.deepEqual(await run(), { againInMs: 5_000 })
})

test("What came inside a chat of two is opened once, and again if it could not be checked; no more than 256 wait", async () => {
  const { run, transactions, database, taken, state } = await world()
  await transactions.run(async (tx) => {
    for (let nth = 0; nth < 300; nth++) insertArrived(tx, Uint8Array.of(nth & 255, nth >> 8))
    insertArrived(tx, Uint8Array.of(7, 0))
  })
  state.fails.add(7)
  assert.equal(await run("introductions-open"), "failed")
  assert.equal(taken.length, 255)
  state.fails.clear()
  assert.equal(await run("introductions-open"), undefined)
  assert.equal(taken.length, 256)
  assert.deepEqual(await database.read("SELECT COUNT(*) AS n FROM arrived_introduction"), [{ n: 0 }])
})
