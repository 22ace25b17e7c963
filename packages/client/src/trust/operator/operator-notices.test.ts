import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { test } from "node:test"
import { setImmediate } from "node:timers/promises"
import { type CborValue, encodeCbor, fromHex } from "@nodoor/bytes"
import type { OperatorNotice } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import { type NoticeParts, OperatorNotices } from "./operator-notices.ts"
import { httpNetwork } from "../../platform/http-network.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { Transactions } from "../../core/transaction.ts"
import { manualJobs } from "./fixtures/manual-jobs.ts"

const dayMs = 86_400_000

function noticeOf(number: number, more: Partial<OperatorNotice> = {}): OperatorNotice {
  return {
    caseId: number.toString(16).padStart(10, "0"),
    authority: "District Court of Somewhere",
    country: "DE",
    instrument: "court_order",
    legalBasis: "section 100j of the code",
    reference: `12 Gs ${number}/26`,
    received: "2026-11-03",
    closed: "2026-11-05",
    outcome: "partial",
    sought: ["holder_name", "content"],
    disclosed: ["holder_name"],
    impossible: ["content"],
    ...more,
  }
}

interface World {
  readonly notices: OperatorNotices
  online(): void
  offline(): void
  readonly events: string[]
  readonly faults: unknown[]
  /** What the server answers from now on: notices as they are, or any bytes; a refusal by its code. */
  answer: readonly unknown[] | Uint8Array | { readonly code: string }
  asked: number
  nowMs: number
  /** Lets time pass, and what is due then happen. */
  pass(ms: number): Promise<void>
  rest(): Promise<void>
  close(): Promise<void>
}

/** The notices of a device against a server that answers what a test wants, over a real socket. */
async function newWorld(): Promise<World> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      world.asked++
      const { answer } = world
      const refused = !(answer instanceof Uint8Array) && !Array.isArray(answer)
      response.statusCode = refused ? 404 : 200
      const body = refused ? { ...answer, message: "no" } : { notices: answer }
      response.end(answer instanceof Uint8Array ? answer : encodeCbor(body as unknown as CborValue))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  server.unref() // a test that fails ends all the same
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const database = await openMemoryDatabase()
  await migrate(database)
  const events: string[] = []
  const faults: unknown[] = []
  const clock = { timeMs: Date.UTC(2026, 10, 23), nowMs: (): number => clock.timeMs }
  const transactions = new Transactions(database, {
    show: ({ operatorNotices }) => void (operatorNotices && events.push("operator_notices")),
  })
  const fault = (error: unknown): void => void faults.push(error)
  const time = manualJobs({ clock, transactions, fault })
  const jobs = time.open()
  const parts: NoticeParts = {
    own: { origin: "chat.example" },
    clock,
    timers: time.timers,
    crypto: { sha256: (data) => new Uint8Array(createHash("sha256").update(data).digest()) },
    transactions,
    session: { call: (route, request) => httpNetwork.call(url, route, request) },
    jobs,
    fault,
  }
  const world: World = {
    notices: new OperatorNotices(parts),
    online: () => {
      jobs.online()
      world.notices.online()
      time.runDue()
    },
    offline: () => {
      jobs.offline()
      world.notices.offline()
    },
    events,
    faults,
    answer: [],
    asked: 0,
    get nowMs() {
      return clock.timeMs
    },
    set nowMs(timeMs) {
      clock.timeMs = timeMs
    },
    pass: async (ms) => {
      world.nowMs += ms
      time.runDue()
      await world.rest()
    },
    // `list` waits for the answer that is under way.
    rest: async () => {
      await setImmediate()
      await world.notices.list()
    },
    close: async () => {
      world.notices.close()
      jobs.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await database.close()
    },
  }
  return world
}

const caseIds = async (world: World): Promise<readonly string[]> => (await world.notices.list()).map(({ caseId }) => caseId)

test("a notice is fetched when the device connects, told once, kept when the server has forgotten it, and read when the person says so", async () => {
  const world = await newWorld()
  world.answer = [noticeOf(1)]
  world.online()
  const [told] = await world.notices.list()
  assert.deepEqual(world.events, ["operator_notices"])
  const { id, origin, arrivedAtMs, acknowledgedAtMs, ...said } = told ?? assert.fail("there is one")
  assert.deepEqual([said, origin, arrivedAtMs, acknowledgedAtMs], [noticeOf(1), "chat.example", world.nowMs, undefined])

  world.answer = []
  await world.pass(dayMs)
  assert.equal(world.asked, 2)
  assert.deepEqual(await caseIds(world), [noticeOf(1).caseId])
  assert.equal(world.events.length, 1, "nothing new, nothing shown")

  await world.notices.acknowledge(fromHex(id))
  assert.equal((await world.notices.list())[0]?.acknowledgedAtMs, world.nowMs)
  world.nowMs++
  await world.notices.acknowledge(fromHex(id))
  assert.equal((await world.notices.list())[0]?.acknowledgedAtMs, world.nowMs - 1, "the first time counts")
  assert.equal(world.events.length, 2)
  const unknown = world.notices.acknowledge(new Uint8Array(16))
  await assert.rejects(unknown, (error) => error instanceof ClientError && error.code === "not_found")
  await world.close()
})

test("the server is asked once a day, not with every connection, and an hour after it failed", async () => {
  const world = await newWorld()
  for (let i = 0; i < 5; i++) {
    world.online()
    await world.rest()
    world.offline()
  }
  assert.equal(world.asked, 1)
  await world.pass(dayMs)
  assert.equal(world.asked, 1, "nothing is asked without a connection")
  world.answer = new Uint8Array([0xff])
  world.online()
  await world.rest()
  assert.equal(world.asked, 2)
  await world.pass(3_599_999)
  assert.equal(world.asked, 2)
  world.answer = { code: "not_found" }
  await world.pass(1)
  assert.equal(world.asked, 3)
  await world.pass(3_600_000)
  assert.equal(world.asked, 3, "a server without notices is asked again after a day")
  await world.pass(dayMs)
  assert.equal(world.asked, 4)
  world.notices.close()
  await world.pass(10 * dayMs)
  assert.equal(world.asked, 4)
  assert.deepEqual(world.faults, [])
  await world.close()
})

test("an answer that is malformed, too long or holds anything but notices changes nothing, and nothing of it is shown", async () => {
  const world = await newWorld()
  world.answer = [noticeOf(1)]
  world.online()
  await world.rest()
  const hostile: readonly World["answer"][] = [
    new Uint8Array(0),
    new Uint8Array(1_000_000),
    new Uint8Array([0xa1, 0x67]),
    [noticeOf(2), { ...noticeOf(3), authority: "Security alarm:\nyour device was stolen" }],
    [noticeOf(2), { ...noticeOf(3), reference: "\u202ekcatta" }],
    [{ ...noticeOf(2), authority: "\u0000" }],
    [{ ...noticeOf(2), legalBasis: "x".repeat(901) }],
    [{ ...noticeOf(2), text: "a message from Bob" }],
    [{ ...noticeOf(2), outcome: "alarm" }],
    [{ ...noticeOf(2), closed: "2026-13-01" }],
    Array.from({ length: 10_000 }, (_, i) => noticeOf(i)),
    Array.from({ length: 101 }, (_, i) => noticeOf(i)),
    ["text"],
  ]
  for (const answer of hostile) {
    world.answer = answer
    await world.pass(dayMs)
  }
  assert.equal(world.asked, hostile.length + 1)
  assert.deepEqual(await caseIds(world), [noticeOf(1).caseId])
  assert.deepEqual(world.events, ["operator_notices"])
  assert.deepEqual(world.faults, [])
  await world.close()
})

test("the same notice twice is one; other words under the same case number stand beside what was said first", async () => {
  const world = await newWorld()
  world.answer = [noticeOf(1), noticeOf(1)]
  world.online()
  assert.equal((await world.notices.list()).length, 1)
  world.answer = [noticeOf(1, { disclosed: [] })]
  await world.pass(dayMs)
  const both = await world.notices.list()
  assert.deepEqual(both.map(({ disclosed }) => disclosed.length).toSorted(), [0, 1])
  assert.equal(new Set(both.map(({ id }) => id)).size, 2)
  world.answer = [noticeOf(1), noticeOf(1, { disclosed: [] }), noticeOf(2)]
  await world.pass(dayMs)
  assert.equal((await world.notices.list()).length, 3)
  await world.close()
})

test("at most a thousand are kept: what was read longest ago makes room, what was not read is never pushed out", async () => {
  const world = await newWorld()
  const hundred = (from: number): readonly OperatorNotice[] => Array.from({ length: 100 }, (_, i) => noticeOf(from + i))
  world.online()
  for (let from = 0; from < 1_100; from += 100) {
    world.answer = hundred(from)
    await world.pass(dayMs)
  }
  const full = await world.notices.list()
  assert.equal(full.length, 1_000)
  assert.ok(!full.some(({ caseId }) => caseId === noticeOf(1_000).caseId), "no room, nothing unread goes")
  const [first, second] = [noticeOf(5), noticeOf(7)].map(({ caseId }) => full.find((one) => one.caseId === caseId))
  await world.notices.acknowledge(fromHex(first?.id ?? ""))
  world.nowMs++
  await world.notices.acknowledge(fromHex(second?.id ?? ""))
  world.answer = [noticeOf(2_000)]
  await world.pass(dayMs)
  const after = await caseIds(world)
  assert.equal(after.length, 1_000)
  assert.ok(after.includes(noticeOf(2_000).caseId) && !after.includes(noticeOf(5).caseId) && after.includes(noticeOf(7).caseId))
  await world.close()
})

test("the newest case stands first", async () => {
  const world = await newWorld()
  world.answer = [noticeOf(1, { closed: "2026-01-02" }), noticeOf(2, { closed: "2026-10-02" }), noticeOf(3, { closed: "2025-12-31" })]
  world.online()
  assert.deepEqual(await caseIds(world), [noticeOf(2).caseId, noticeOf(1).caseId, noticeOf(3).caseId])
  await world.close()
})
