import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { decodeSearchRequest, tokenKeyLabel } from "@nodoor/keylog"
import { TestLog, nodeLogCrypto, testOrigin } from "@nodoor/keylog/fixtures"
import { NetworkError } from "../../core/client-error.ts"
import { logConfig, logSearch } from "@nodoor/wire"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { KeyLog } from "./key-log.ts"

const random = (sizeBytes: number): Uint8Array => new Uint8Array(randomBytes(sizeBytes))

/** A device that asks the log about some labels, and a server that answers. `before`: called before the answer with its number. */
async function world() {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const log = new TestLog()
  const config = log.entries[0] as Uint8Array
  let underWay = 0
  const state = { most: 0, asked: 0, before: (_asked: number): void => undefined, log }
  const ask = async (route: unknown, request: { readonly request?: Uint8Array }) => {
    if (route === logConfig) return { config }
    assert.equal(route, logSearch)
    const nth = state.asked++
    state.most = Math.max(state.most, ++underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay--
    state.before(nth)
    return { response: state.log.search(decodeSearchRequest(request.request ?? new Uint8Array())) }
  }
  const session = { serverAheadMs: 0, call: ask, alone: ask, asDevice: ask }
  const own = { origin: testOrigin.replace("/kt/1", ""), accountId: random(16) }
  const clock = { nowMs: () => state.log.timeMs }
  const keyLog = new KeyLog({ transactions, session, crypto: nodeLogCrypto, random, clock, own } as never)
  const search = (nth: number) => ({ labels: [tokenKeyLabel(nth)], subject: "several" as const, take: async () => nth })
  const searchAll = (all: readonly ReturnType<typeof search>[]) => Promise.allSettled(all.map((one) => keyLog.search(one)))
  const searches = (count: number) => Array.from({ length: count }, (_, nth) => search(nth))
  const publish = (nth: number, value = 1, on = log): void =>
    on.publish([{ label: tokenKeyLabel(nth), value: new Uint8Array(32).fill(value) }])
  const heads = async (): Promise<number> => Number((await database.read("SELECT COUNT(*) AS n FROM log_head"))[0]?.["n"])
  return { keyLog, searchAll, searches, publish, state, database, heads }
}

test("Many searches go 32 at a time once the log is pinned, and each is settled for itself in the order in which it was given", async () => {
  const { searchAll, searches, publish, state } = await world()
  publish(3)
  const ends = await searchAll(searches(50))
  assert.deepEqual(
    ends.map((end) => end.status === "fulfilled" && end.value),
    Array.from({ length: 50 }, (_, nth) => nth),
  )
  assert.deepEqual([state.most, state.asked], [32, 50])
})

test("One that gets no answer keeps no other back", async () => {
  const { searchAll, searches, publish, state } = await world()
  publish(3)
  state.before = (nth) => {
    if (nth === 4) throw new NetworkError("nothing came back", { maybeDone: false })
  }
  const ends = await searchAll(searches(9))
  assert.deepEqual(
    ends.flatMap((end, nth) => (end.status === "rejected" ? [nth] : [])),
    [4],
  )
  assert.ok(ends[4]?.status === "rejected" && ends[4].reason instanceof NetworkError)
})

test("When the log grows meanwhile, answers that lead elsewhere than what is stored are asked for again from there", async () => {
  const { keyLog, searchAll, searches, publish, state } = await world()
  publish(30)
  await searchAll(searches(1))
  state.asked = 0
  state.before = (nth) => {
    if (nth === 4) publish(31)
  }
  const ends = await searchAll(searches(8))
  assert.ok(ends.every(({ status }) => status === "fulfilled"))
  assert.ok(state.asked > 8, "some were asked again")
  assert.equal(keyLog.stored?.head.size, state.log.tree.size)
})

test("A server that shows two logs side by side is found: what was stored first stands, and the other is refused", async () => {
  const { keyLog, searchAll, searches, publish, state, database } = await world()
  // Two logs under one key, with one past.
  const [one, other] = [state.log, new TestLog()]
  for (const log of [one, other]) publish(30, 1, log)
  await searchAll(searches(1))
  publish(31, 2, one)
  publish(31, 3, other)
  state.asked = 0
  state.before = (nth) => (state.log = nth % 2 === 0 ? one : other)
  const [first, second] = await searchAll(searches(2))
  assert.deepEqual([first?.status, second?.status], ["fulfilled", "rejected"])
  assert.equal(toHex(keyLog.stored?.head.root ?? new Uint8Array()), toHex(one.tree.root()))
  assert.equal((await database.read("SELECT 1 FROM alarm WHERE level = 'red'")).length, 1)
})
