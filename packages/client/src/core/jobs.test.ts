import assert from "node:assert/strict"
import { test } from "node:test"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { jobStore } from "../store/jobs.ts"
import { migrate } from "../store/schema.ts"
import { type JobEnd, type JobKind, Jobs } from "./jobs.ts"
import type { Database } from "./ports.ts"
import { Transactions } from "./transaction.ts"

const secondMs = 1_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs

interface World {
  readonly database: Database
  readonly transactions: Transactions
  jobs: Jobs
  readonly ran: string[]
  readonly faults: unknown[]
  /** What the device's clock says; `pass` moves it on with the time, a test sets it as it likes. */
  clockMs: number
  /** What the next runs do, then nothing. */
  readonly ends: (() => Promise<JobEnd> | JobEnd)[]
  readonly timers: () => number
  /** This much time passes, second by second. */
  pass(ms: number, stepMs?: number): Promise<void>
  /** The process ends and the device is opened again. */
  reopen(): Promise<void>
}

async function newWorld(kinds: readonly Omit<JobKind, "run">[] = [{ kind: "stored", stored: true }, { kind: "quick" }]): Promise<World> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>()
  let passedMs = 0
  const faults: unknown[] = []
  const transactions = new Transactions(database)
  const make = async (): Promise<Jobs> => {
    const jobs = new Jobs({
      transactions,
      clock: { nowMs: () => world.clockMs },
      timers: {
        after: (delayMs, run) => {
          const timer = { atMs: passedMs + delayMs, run }
          timers.add(timer)
          return () => void timers.delete(timer)
        },
      },
      store: jobStore({ read: (sql, ...values) => database.read(sql, values) }),
      fault: (error) => void faults.push(error),
    })
    for (const kind of kinds)
      jobs.register({
        ...kind,
        kind: kind.kind as "a kind of the tests",
        run: (key, tries) => {
          world.ran.push(`${kind.kind}/${key}${tries > 0 ? ` ${tries}` : ""}`)
          return world.ends.shift()?.()
        },
      })
    await jobs.open()
    return jobs
  }
  const world: World = {
    database,
    transactions,
    jobs: undefined as unknown as Jobs,
    ran: [],
    faults,
    clockMs: 1_800_000_000_000,
    ends: [],
    timers: () => timers.size,
    pass: async (ms, stepMs = secondMs) => {
      for (let left = ms; ;) {
        const step = Math.min(left, stepMs)
        left -= step
        passedMs += step
        world.clockMs += step
        for (const timer of [...timers].filter(({ atMs }) => atMs <= passedMs)) {
          timers.delete(timer)
          timer.run()
        }
        for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
        await transactions.idle()
        if (left <= 0) return
      }
    },
    reopen: async () => {
      world.jobs.close()
      timers.clear()
      world.jobs = await make()
    },
  }
  world.jobs = await make()
  return world
}

const rows = async ({ database }: World): Promise<readonly unknown[]> =>
  (await database.read("SELECT kind, key FROM job ORDER BY kind, key")).map((row) => `${String(row["kind"])}/${String(row["key"])}`)

test("A job runs once when it is due, with one timer for all, and leaves nothing behind", async () => {
  const world = await newWorld()
  world.jobs.schedule({ kind: "stored", key: "a", inMs: 20 * secondMs })
  world.jobs.schedule({ kind: "quick", key: "b", inMs: 5 * secondMs })
  world.jobs.schedule({ kind: "quick", key: "c", inMs: 10 * secondMs })
  assert.equal(world.timers(), 1)
  await world.pass(9 * secondMs)
  assert.deepEqual(world.ran, ["quick/b"])
  assert.deepEqual(await rows(world), ["stored/a"])
  await world.pass(60 * secondMs)
  assert.deepEqual(world.ran, ["quick/b", "quick/c", "stored/a"])
  assert.deepEqual(await rows(world), [])
  assert.equal(world.timers(), 0)
})

test("What is scheduled again takes the place of what waits, or keeps the sooner of both", async () => {
  const world = await newWorld()
  for (const kind of ["stored", "quick"]) {
    world.jobs.schedule({ kind, inMs: 5 * secondMs })
    world.jobs.schedule({ kind, inMs: 20 * secondMs })
    await world.pass(10 * secondMs)
    assert.deepEqual(world.ran, [])
    world.jobs.schedule({ kind, inMs: 60 * secondMs, keepSooner: true })
    await world.pass(10 * secondMs)
    assert.deepEqual(world.ran.splice(0), [`${kind}/`])
    await world.pass(100 * secondMs)
    assert.deepEqual(world.ran, [])
  }
})

test("A job scheduled in a transaction that fails is not scheduled, and one that is cancelled does not run", async () => {
  const world = await newWorld()
  await assert.rejects(
    world.transactions.run(async (tx) => {
      world.jobs.schedule({ kind: "stored", key: "a", inMs: 0 }, tx)
      tx.write("INSERT INTO nowhere VALUES (1)")
    }),
  )
  await world.transactions.run(async (tx) => world.jobs.schedule({ kind: "stored", key: "b", inMs: 0 }, tx))
  await world.transactions.run(async (tx) => world.jobs.schedule({ kind: "stored", key: "c", inMs: 0 }, tx))
  await world.transactions.run(async (tx) => world.jobs.cancel("stored", "c", tx))
  await world.pass(60 * secondMs)
  assert.deepEqual(world.ran, ["stored/b"])
  assert.deepEqual(await rows(world), [])
})

test("A stored job survives a restart with its tries, and what became due meanwhile runs at the opening", async () => {
  const world = await newWorld()
  world.ends.push(
    () => "failed",
    () => "failed",
  )
  world.jobs.schedule({ kind: "stored", key: "a", inMs: 0 })
  world.jobs.schedule({ kind: "quick", key: "b", inMs: hourMs })
  await world.pass(2 * secondMs)
  assert.deepEqual(world.ran.splice(0), ["stored/a", "stored/a 1"])
  await world.reopen()
  await world.pass(secondMs)
  assert.deepEqual(world.ran.splice(0), [], "the back-off goes on")
  world.jobs.close()
  world.clockMs += dayMs
  await world.reopen()
  await world.pass(0)
  assert.deepEqual(world.ran.splice(0), ["stored/a 2"])
  await world.reopen()
  await world.pass(2 * hourMs, 60 * secondMs)
  assert.deepEqual(world.ran, [], "it is done, and what was not stored is forgotten")
})

test("A job that throws is told and tried again, later and later, and others do not wait for it", async () => {
  const world = await newWorld([
    { kind: "broken", backoff: { firstMs: 4 * secondMs, lastMs: 8 * secondMs } },
    { kind: "slow" },
    { kind: "quick" },
  ])
  const bug = new RangeError("a bug")
  for (let n = 0; n < 4; n++)
    world.ends.push(() => {
      throw bug
    })
  world.jobs.schedule({ kind: "broken", key: "a", inMs: 0 })
  await world.pass(23 * secondMs)
  assert.deepEqual(world.ran.splice(0), ["broken/a", "broken/a 1", "broken/a 2", "broken/a 3"])
  assert.deepEqual(world.faults, [bug, bug, bug, bug])
  await world.pass(8 * secondMs)
  assert.deepEqual(world.ran.splice(0), ["broken/a 4"])
  let finish = (): void => {}
  world.ends.push(() => new Promise<void>((resolve) => (finish = resolve)))
  world.jobs.schedule({ kind: "slow", key: "a", inMs: 0 })
  world.jobs.schedule({ kind: "slow", key: "b", inMs: secondMs })
  world.jobs.schedule({ kind: "quick", inMs: secondMs })
  await world.pass(10 * secondMs)
  assert.deepEqual(world.ran.splice(0), ["slow/a", "quick/"], "two of a kind never run at once")
  finish()
  await world.pass(2 * secondMs)
  assert.deepEqual(world.ran, ["slow/b"])
})

test("A job that says when to come again does, and what is scheduled while it runs counts more", async () => {
  const world = await newWorld()
  world.ends.push(
    () => ({ againInMs: 10 * secondMs }),
    () => {
      world.jobs.schedule({ kind: "stored", inMs: 30 * secondMs })
    },
    () => ({ againInMs: dayMs }),
  )
  world.jobs.schedule({ kind: "stored", inMs: 0 })
  await world.pass(12 * secondMs)
  assert.equal(world.ran.length, 2)
  await world.pass(25 * secondMs)
  assert.equal(world.ran.length, 2)
  await world.pass(10 * secondMs)
  assert.equal(world.ran.length, 3)
  assert.deepEqual(await rows(world), ["stored/"])
})

test("A job that is scheduled while it runs runs again, also where a sooner one is kept", async () => {
  for (const kind of ["stored", "plain"]) {
    const world = await newWorld([{ kind: "stored", stored: true }, { kind: "plain" }])
    world.ends.push(() => world.jobs.schedule({ kind, inMs: 5 * secondMs, keepSooner: true }))
    world.jobs.schedule({ kind, inMs: 0 })
    await world.pass(secondMs)
    assert.deepEqual([world.ran.length, world.jobs.isScheduled(kind)], [1, true], kind)
    if (kind === "stored") assert.deepEqual(await rows(world), ["stored/"])
    await world.pass(10 * secondMs)
    assert.equal(world.ran.length, 2, kind)
  }
})

test("What needs the connection waits for it, and nothing runs after the end", async () => {
  const world = await newWorld([{ kind: "remote", whileOnline: true, stored: true }, { kind: "local" }])
  world.jobs.schedule({ kind: "remote", inMs: 5 * secondMs })
  world.jobs.schedule({ kind: "local", inMs: 5 * secondMs })
  await world.pass(10 * secondMs)
  assert.deepEqual(world.ran.splice(0), ["local/"])
  world.jobs.online()
  await world.pass(0)
  assert.deepEqual(world.ran.splice(0), ["remote/"])
  world.jobs.schedule({ kind: "remote", inMs: 5 * secondMs })
  world.jobs.offline()
  await world.pass(10 * secondMs)
  world.jobs.close()
  world.jobs.online()
  await world.pass(10 * secondMs)
  assert.deepEqual(world.ran, [])
  assert.equal(world.timers(), 0)
})

test("A clock that is set back, once, to the year 2000, or again and again, puts nothing off", async () => {
  const world = await newWorld()
  world.jobs.schedule({ kind: "stored", inMs: hourMs })
  await world.pass(20 * 60 * secondMs, 60 * secondMs)
  world.clockMs = 946_684_800_000
  await world.pass(41 * 60 * secondMs, 60 * secondMs)
  assert.deepEqual(world.ran.splice(0), ["stored/"])
  world.jobs.schedule({ kind: "stored", inMs: hourMs })
  const startMs = world.clockMs
  for (let minute = 0; minute < 61; minute++) {
    await world.pass(60 * secondMs, 10 * secondMs)
    world.clockMs = startMs
  }
  assert.equal(world.ran.filter((name) => name === "stored/").length, 1)
})

test("A clock that was set back while the device was closed puts a job off by its own delay at most", async () => {
  const world = await newWorld()
  world.jobs.schedule({ kind: "stored", inMs: hourMs })
  await world.transactions.idle()
  world.clockMs -= 1_000 * dayMs
  await world.reopen()
  await world.pass(hourMs, 60 * secondMs)
  assert.deepEqual(world.ran, ["stored/"])
})

test("A clock that is set forward by years runs every job once, whatever its period", async () => {
  const world = await newWorld()
  const again = (): JobEnd => ({ againInMs: hourMs })
  world.ends.push(...Array.from({ length: 20 }, () => again))
  for (const key of ["a", "b", "c"]) world.jobs.schedule({ kind: "stored", key, inMs: hourMs })
  world.clockMs += 10 * 365 * dayMs
  await world.pass(hourMs + 5 * 60 * secondMs, 60 * secondMs)
  assert.deepEqual(world.ran.splice(0), ["stored/a", "stored/b", "stored/c"])
  await world.pass(50 * 60 * secondMs, 60 * secondMs)
  assert.deepEqual(world.ran, [])
  await world.pass(20 * 60 * secondMs, 60 * secondMs)
  assert.equal(world.ran.length, 3)
})

test("A wait that is longer than a platform's timers can wait is waited for all the same", async () => {
  const world = await newWorld()
  world.jobs.schedule({ kind: "quick", inMs: 40 * dayMs })
  await world.pass(39 * dayMs, hourMs)
  assert.deepEqual(world.ran, [])
  await world.pass(2 * dayMs, hourMs)
  assert.deepEqual(world.ran, ["quick/"])
})
