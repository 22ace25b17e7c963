import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, bytes, toHex } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import fc from "fast-check"
import { type Stamp, type SyncEntry, syncKeys, syncLimits } from "../store/sync/sync-entry.ts"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { insertChat } from "../store/chat/chats.ts"
import { insertGroup } from "../store/group/groups.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { countEntries, findEntry, listDueEntries, listSyncEntries } from "../store/sync/entries.ts"
import { mergeSyncEntries } from "./merge.ts"
import { timeToSend } from "./stamp.ts"
import { Sync } from "./sync.ts"

const hour = 3_600_000
const nowMs = 500_000 * hour
const device = (nth: number): Uint8Array => new Uint8Array(16).fill(nth)
const groupId = new Uint8Array(32).fill(1)
const account = new Uint8Array(16).fill(2)

/** A store of one of the devices, with what merges there and what notes changes. */
async function replica({ nth = 1, clockMs = () => nowMs }: { readonly nth?: number; readonly clockMs?: () => number } = {}) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const reader = readerOf(database)
  const parts = {
    own: { accountId: bytes<"AccountId">(account), deviceId: bytes<"DeviceId">(device(nth)) },
    crypto: nodeProvider,
    watch: { now: () => undefined },
    kick: () => undefined,
    receiptsWait: () => undefined,
    proposalsWait: () => undefined,
  }
  const sync = new Sync({
    ...parts,
    session: {
      get serverNowMs() {
        return clockMs()
      },
      serverAheadMs: 0,
      token: async () => new Uint8Array(),
    },
    transactions,
    jobs: { register: () => undefined, schedule: () => undefined },
    post: async () => undefined,
    fault: (error) => assert.fail(String(error)),
  })
  return {
    reader,
    merge: (entries: readonly SyncEntry[], placedMs?: number) =>
      transactions.run((tx) => mergeSyncEntries(parts, tx, entries, placedMs === undefined ? {} : { placedMs })),
    write: (key: string, value: CborValue) => transactions.run((tx) => sync.synced(tx, key, value)),
    due: () => listDueEntries(reader, 1_000),
    told: async () => transactions.run(async (tx) => tx.write("UPDATE sync_entry SET due = 0, shared_ms = ms, shared_counter = counter")),
    values: async () => Object.fromEntries((await listSyncEntries(reader)).map(({ key, value }) => [key, value])),
    entry: (key: string) => findEntry(reader, key),
    fill: (count: number) =>
      database.commit([
        {
          sql: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO sync_entry SELECT 'filler/' || i, x'f5', 1, 0, x'00', 0, 1, 0, 0 FROM n`,
          values: [count],
        },
      ]),
    transactions,
    close: () => database.close(),
  }
}
type Replica = Awaited<ReturnType<typeof replica>>

const comparable = async ({ reader }: Replica): Promise<unknown> =>
  (await listSyncEntries(reader)).map(({ key, value, stamp }) => ({
    key,
    value,
    stamp: [stamp.ms, stamp.counter, toHex(stamp.deviceId)],
  }))

const stampOf = fc.record({
  ms: fc.integer({ min: nowMs - 3, max: nowMs + 3 }),
  counter: fc.integer({ min: 0, max: 2 }),
  deviceId: fc.integer({ min: 1, max: 3 }).map(device),
})
const keysAndValues: fc.Arbitrary<{ readonly key: string; readonly value: CborValue }> = fc.oneof(
  fc.record({ key: fc.constant(syncKeys.read(groupId)), value: fc.nat({ max: 9 }) }),
  fc.record({ key: fc.constant(syncKeys.cleared(groupId)), value: fc.nat({ max: 9 }) }),
  fc.record({ key: fc.constant(syncKeys.deleted(groupId, new Uint8Array(32))), value: fc.constant(true) }),
  fc.record({ key: fc.constantFrom("chat/" + "0a".repeat(32) + "/muted", syncKeys.contact(account, "blocked")), value: fc.boolean() }),
  fc.record({ key: fc.constantFrom("setting/theme", "later/kind"), value: fc.oneof(fc.string(), fc.nat(), fc.constant(null)) }),
  fc.record({ key: fc.constant(syncKeys.profileName), value: fc.constantFrom("Ann", "Bea") }),
)
const entryOf: fc.Arbitrary<SyncEntry> = fc.tuple(keysAndValues, stampOf).map(([entry, stamp]) => ({ ...entry, stamp }))

test("entries in any order, a part of them first, and some twice, leave the same on every device", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entryOf, { maxLength: 30 }).chain((entries) =>
        fc.record({
          entries: fc.constant(entries),
          shuffled: fc.shuffledSubarray(entries, { minLength: entries.length }),
          some: fc.subarray(entries),
        }),
      ),
      async ({ entries, shuffled, some }) => {
        const [one, other] = [await replica(), await replica()]
        await one.merge(entries)
        await other.merge(some)
        for (const entry of shuffled) await other.merge([entry])
        await other.merge(some)
        assert.deepEqual(await comparable(other), await comparable(one))
        await Promise.all([one.close(), other.close()])
      },
    ),
    { numRuns: 60 },
  )
})

/** A random run: devices write, with clocks that differ, and hear of some of what others told. */
const step = fc.oneof(
  fc.record({ what: fc.constant("write" as const), at: fc.nat({ max: 3 }), change: keysAndValues, ms: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ what: fc.constant("hear" as const), at: fc.nat({ max: 3 }), from: fc.nat({ max: 3 }) }),
)

test("two to four devices that write and hear of each other in any order end alike once everything was told", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 4 }), fc.array(step, { maxLength: 40 }), async (count, steps) => {
      let ms = nowMs
      const devices = await Promise.all(Array.from({ length: count }, (_, nth) => replica({ nth: nth + 1, clockMs: () => ms })))
      const at = (n: number): Replica => devices[n % count] as Replica
      for (const one of steps) {
        if (one.what === "write") {
          ms = nowMs + one.ms
          await at(one.at).write(one.change.key, one.change.value)
        } else await at(one.at).merge(await listSyncEntries(at(one.from).reader))
      }
      const all = await Promise.all(devices.map(({ reader }) => listSyncEntries(reader)))
      for (const one of devices) for (const entries of all) await one.merge(entries)
      const [first, ...others] = await Promise.all(devices.map(comparable))
      for (const other of others) assert.deepEqual(other, first)
      await Promise.all(devices.map(({ close }) => close()))
    }),
    { numRuns: 60 },
  )
})

test("two values with the same stamp, which no honest device makes, end alike whichever came first", async () => {
  const stamp: Stamp = { ms: nowMs, counter: 0, deviceId: device(9) }
  for (const values of [
    ["dark", "light"],
    ["light", "dark"],
  ]) {
    const here = await replica()
    for (const value of values) await here.merge([{ key: "setting/theme", value, stamp }])
    assert.equal((await here.values())["setting/theme"], "light")
  }
})

test("what was written after it had been heard of is later, whatever the clock says", async () => {
  let ms = nowMs
  const here = await replica({ clockMs: () => ms })
  const stamp: Stamp = { ms: nowMs + 5_000, counter: 7, deviceId: device(9) }
  await here.merge([{ key: "setting/theme", value: "dark", stamp }])
  ms = nowMs - 365 * 24 * hour
  await here.write("setting/theme", "light")
  const entry = await here.entry("setting/theme")
  assert.deepEqual([entry?.value, entry?.stamp.ms, entry?.stamp.counter], ["light", nowMs + 5_000, 8])
})

test("reading goes only forward, and a deletion stays, whoever wrote last", async () => {
  const here = await replica()
  const late: Stamp = { ms: nowMs + 60_000, counter: 0, deviceId: device(9) }
  await here.merge([{ key: syncKeys.read(groupId), value: 9, stamp: { ms: 1, counter: 0, deviceId: device(2) } }])
  await here.merge([{ key: syncKeys.read(groupId), value: 4, stamp: late }])
  await here.write(syncKeys.read(groupId), 5)
  assert.equal((await here.values())[syncKeys.read(groupId)], 9)
  const deleted = syncKeys.deleted(groupId, new Uint8Array(32).fill(3))
  await here.write(deleted, true)
  for (const value of [false, null, 0]) await here.merge([{ key: deleted, value, stamp: late }])
  assert.equal((await here.values())[deleted], true)
})

test("a device that was ahead of the server's time is not believed, unless what is shared is as far ahead", async () => {
  const here = await replica()
  const yearAhead = nowMs + 365 * 24 * hour
  const entry = (value: string, ms: number, counter = 0): SyncEntry => ({
    key: "setting/theme",
    value,
    stamp: { ms, counter, deviceId: device(9) },
  })
  await here.merge([entry("allowed", nowMs + hour + 5 * 60_000)], nowMs)
  assert.equal((await here.values())["setting/theme"], "allowed")
  await here.merge([entry("refused", nowMs + hour + 5 * 60_000 + 1)], nowMs)
  await here.merge([entry("refused", yearAhead)], nowMs)
  await here.merge([entry("refused", nowMs + hour + 5 * 60_000, 2 ** 32)], nowMs)
  assert.equal((await here.values())["setting/theme"], "allowed")
  // The server's time was wrong once, and is right again.
  await here.merge([entry("then", yearAhead)], yearAhead)
  await here.merge([entry("since", yearAhead, 1)], nowMs)
  assert.equal((await here.values())["setting/theme"], "since")
  await here.merge([entry("refused", yearAhead + 1)], nowMs)
  assert.equal((await here.values())["setting/theme"], "since")
})

test("a value that its key cannot have, a malformed key and a value that is too large are left out", async () => {
  const here = await replica()
  const stamp: Stamp = { ms: nowMs, counter: 0, deviceId: device(9) }
  const bad: readonly (readonly [string, CborValue])[] = [
    [syncKeys.read(groupId), -1],
    [syncKeys.read(groupId), "9"],
    [syncKeys.read(groupId), null],
    [syncKeys.contact(account, "blocked"), 1],
    [syncKeys.contact(account, "accepted"), false],
    [syncKeys.contact(account, "verified"), { genesis: new Uint8Array(31), resets: 0, atMs: 1 }],
    [syncKeys.contact(account, "verified"), { genesis: new Uint8Array(32), resets: 0, atMs: 1, more: 1 }],
    [syncKeys.profileName, ""],
    [syncKeys.profileName, "a\nb"],
    [syncKeys.deviceName(account), "x".repeat(65)],
    ["chat/" + "0a".repeat(32) + "/folder", "x".repeat(65)],
    ["chat/" + "0a".repeat(31) + "/muted", true],
    ["chat/" + "0a".repeat(32) + "/invented", true],
    ["setting/large", "x".repeat(syncLimits.valueBytes)],
  ]
  await here.merge(bad.map(([key, value]) => ({ key, value, stamp })))
  assert.deepEqual(await here.values(), {})
  await here.merge([{ key: "setting/large", value: "x".repeat(syncLimits.valueBytes - 3), stamp }])
  await here.merge([{ key: "chat/" + "0a".repeat(32) + "/draft", value: "x".repeat(syncLimits.draftBytes - 5), stamp }])
  assert.equal((await countEntries(here.reader)).all, 2)
})

test("what a newer version wrote is kept and given on, and no more of it than fits", async () => {
  const here = await replica()
  const stamp: Stamp = { ms: nowMs, counter: 0, deviceId: device(9) }
  await here.merge([{ key: "later/kind", value: { colour: "red" }, stamp }])
  assert.deepEqual((await here.values())["later/kind"], { colour: "red" })
  const flood = Array.from({ length: syncLimits.openEntries + 50 }, (_, nth) => ({
    key: `chat/${nth.toString(16).padStart(64, "0")}/muted`,
    value: true,
    stamp,
  }))
  await here.merge(flood)
  assert.equal((await countEntries(here.reader)).open, syncLimits.openEntries)
  // A key that is there is still merged.
  await here.merge([{ ...flood[0], key: flood[0]?.key ?? "", value: false, stamp: { ...stamp, counter: 1 } }])
  assert.equal((await here.values())[flood[0]?.key ?? ""], false)
})

test("a device keeps so many entries and no more, and what it has is still merged", async () => {
  const here = await replica()
  await here.fill(syncLimits.entries - 1)
  const stamp: Stamp = { ms: nowMs, counter: 0, deviceId: device(9) }
  await here.merge([
    { key: "setting/one", value: 1, stamp },
    { key: "setting/two", value: 2, stamp },
    { key: "setting/one", value: 3, stamp: { ...stamp, counter: 1 } },
  ])
  assert.deepEqual([(await here.entry("setting/one"))?.value, await here.entry("setting/two")], [3, undefined])
})

test("a stamp that is ahead of the server's time is sent as one of now, later than what is shared", () => {
  const shared = { ms: nowMs - 10, counter: 3 }
  const [right, ahead] = [
    { ms: nowMs + 300_000, counter: 0 },
    { ms: nowMs + 300_001, counter: 5 },
  ]
  assert.deepEqual(timeToSend(right, shared, nowMs), right)
  assert.deepEqual(timeToSend(ahead, shared, nowMs), { ms: nowMs, counter: 0 })
  assert.deepEqual(timeToSend(ahead, { ms: nowMs + 7, counter: 3 }, nowMs), { ms: nowMs + 7, counter: 4 })
  assert.deepEqual(timeToSend(ahead, { ms: nowMs + 7, counter: 2 ** 32 - 1 }, nowMs), { ms: nowMs + 8, counter: 0 })
})

test("what is written here while another device writes the same is told as later than what that one told", async () => {
  const here = await replica()
  await here.write("setting/theme", "here")
  const [due] = await here.due()
  await here.merge([{ key: "setting/theme", value: "there", stamp: { ms: nowMs - 1, counter: 4, deviceId: device(9) } }])
  assert.deepEqual((await here.values())["setting/theme"], "here")
  const entry = await here.entry("setting/theme")
  assert.deepEqual([entry?.due, entry?.stamp, entry?.shared], [true, due?.stamp, { ms: nowMs - 1, counter: 4 }])
})

test("a group's chat is known by the ids of the groups that it went through, on a device that has been in the last one only", async () => {
  const here = await replica()
  const [first, last] = [new Uint8Array(32).fill(4), new Uint8Array(32).fill(5)]
  const stamp: Stamp = { ms: nowMs, counter: 0, deviceId: device(9) }
  const key = syncKeys.chat(toHex(first), "muted")
  await here.merge([{ key, value: true, stamp }])
  assert.equal((await here.entry(key))?.open, true)
  await here.transactions.run(async (tx) => {
    insertChat(tx, { chatId: last, kind: "group", state: "active", groupId: last, peer: undefined, activityMs: 0 })
    const rules = { add: "admins", rename: "admins", post: "everyone" } as const
    const policy = { kind: "group", name: "", picture: undefined, roles: [], rules, expiryS: undefined } as const
    const broken = { groupId: bytes<"GroupId">(first), epoch: 1, commitHash: new Uint8Array(32) }
    const predecessors = [{ ...broken, accountId: bytes<"AccountId">(account), deviceId: bytes<"DeviceId">(device(3)) }]
    insertGroup(tx, { groupId: last, chatId: last, epoch: 0, policy, predecessors, order: 0, profileDue: 0 })
  })
  await here.merge([{ key, value: true, stamp: { ...stamp, counter: 1 } }])
  const [chat] = await here.reader.read("SELECT muted FROM chat")
  assert.deepEqual([chat?.["muted"], (await here.entry(key))?.open], [1, false])
})
