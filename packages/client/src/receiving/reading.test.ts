import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import { messageOf } from "../core/group-record.ts"
import { encodePolicy } from "../core/policy.ts"
import type { Transaction } from "../core/transaction.ts"
import { StoreError } from "../core/store-error.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { migrate } from "../store/schema.ts"
import { insertOwnSeat } from "../store/group/seats.ts"
import { insertHistory } from "../store/group/history.ts"
import { Undecided } from "../trust/device/undecided.ts"
import { groupIdOf, join, post, readingWorld, seatOf } from "./fixtures/reading-world.ts"

const cursors = "SELECT hex(substr(group_id, 1, 1)) AS g, after FROM reading ORDER BY group_id"
const waiting = "SELECT hex(substr(group_id, 1, 1)) AS g, ord FROM waiting_record ORDER BY group_id, ord"
const alarms = "SELECT code FROM alarm ORDER BY code"

/** The group as a chat of this device, so that alarms have a place. */
async function putGroup(world: { readonly transactions: { run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> } }, group: number) {
  await world.transactions.run(async (tx) => {
    tx.write(
      `INSERT INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due)
       VALUES (?, ?, 'active', 1, ?, 0, 0, 0, 0, 0)`,
      groupIdOf(group),
      groupIdOf(group),
      encodePolicy({
        kind: "group",
        name: "",
        picture: undefined,
        roles: [],
        rules: { add: "admins", rename: "admins", post: "everyone" },
        expiryS: undefined,
      }),
    )
    insertOwnSeat(tx, { ...seatOf(group), secret: new Uint8Array(32) })
  })
}

test("A frame is taken in with one transaction, group by group in its order, and acknowledged once for each group", async () => {
  const disk = await openMemoryDatabase()
  await migrate(disk)
  let commits = 0
  const world = await readingWorld({
    seats: [seatOf(1), seatOf(2)],
    disk: { ...disk, commit: (statements) => (commits++, disk.commit(statements)) },
  })
  await world.answer(3)
  await world.rest()
  const before = commits
  world.say(post(1, 1), post(2, 1), post(1, 2), post(2, 2), post(1, 3), post(2, 3))
  await world.until(() => world.reading.status.status === "online")
  assert.deepEqual(world.taken, ["01:1", "02:1", "01:2", "02:2", "01:3", "02:3"])
  assert.equal(commits - before, 1)
  assert.deepEqual(world.acks(), [
    [1, 3],
    [2, 3],
  ])
  assert.deepEqual(await world.rows(cursors), [
    { g: "01", after: 3 },
    { g: "02", after: 3 },
  ])
  assert.ok(world.reading.caughtUp)
})

test("A record that cannot be decided waits with what comes after it in its group; the others of the frame are taken in", async () => {
  const world = await readingWorld({ seats: [seatOf(1), seatOf(2)] })
  world.intake = (_tx, record) => {
    if (record.groupId[0] === 1 && record.order === 2) throw new Undecided({ waitMs: 60_000 })
  }
  await world.answer(3)
  world.say(post(1, 1), post(2, 1), post(1, 2), post(2, 2), post(1, 3), post(2, 3))
  await world.until(() => world.reading.status.status === "online")
  assert.deepEqual(world.taken.toSorted(), ["01:1", "02:1", "02:2", "02:3"])
  assert.deepEqual(await world.rows(waiting), [
    { g: "01", ord: 2 },
    { g: "01", ord: 3 },
  ])
  assert.deepEqual(world.acks(), [
    [1, 3],
    [2, 3],
  ])
  assert.deepEqual(world.faults, [])
})

test("A record that brings out an error nobody foresaw waits with those of its group, is told once, and is taken in when it can be", async () => {
  const world = await readingWorld({ seats: [seatOf(1), seatOf(2)] })
  let broken = true
  world.intake = (_tx, record) => {
    if (broken && record.groupId[0] === 1 && record.order === 1) throw new TypeError("a bug")
  }
  await world.answer(2)
  world.say(post(1, 1), post(2, 1), post(1, 2), post(2, 2))
  await world.until(() => world.reading.status.status === "online")
  world.reading.retryUndecided()
  await world.rest()
  assert.deepEqual(world.taken, ["02:1", "02:2"])
  assert.equal(world.faults.length, 1)
  broken = false
  world.reading.retryUndecided()
  await world.until(() => world.taken.length === 4)
  assert.deepEqual(world.taken.slice(2), ["01:1", "01:2"])
  assert.deepEqual(await world.rows(waiting), [])
})

test("A store that fails once and works again takes in the very records it failed at, in their order, and acknowledges them only then", async () => {
  for (const failing of [1, 2, 3]) {
    const disk = await openMemoryDatabase()
    await migrate(disk)
    let commits = 0
    const world = await readingWorld({
      seats: [seatOf(1, { isOwn: false })],
      disk: {
        ...disk,
        commit: async (statements) => {
          const isRecord = statements.some(({ sql }) => sql.includes("INTO reading"))
          if (isRecord && (++commits === failing || commits === failing + 1)) throw new StoreError("store_full")
          await disk.commit(statements)
        },
      },
    })
    const deliver = async (): Promise<void> => {
      const stream = world.opened()
      await world.answer(3)
      const after = world.asked.find((item) => item.type === "subscribe")?.after ?? 0
      for (let order = after + 1; order <= 3 && world.opened() === stream; order++) world.say(post(1, order))
    }
    await deliver()
    const isOnline = (): boolean => world.reading.status.status === "online"
    for (let stream = 1; !isOnline(); stream++) {
      await world.until(() => world.opened() > stream || isOnline())
      if (!isOnline()) await deliver()
      await world.rest()
    }
    assert.deepEqual(world.taken, ["01:1", "01:2", "01:3"])
    assert.equal(world.acks().at(-1)?.[1], 3)
    for (const { order, taken } of world.acknowledged) assert.ok(order <= taken, `${order} after ${taken}`)
    assert.ok(world.statuses.some((status) => status.status === "offline" && status.trouble?.code === "store_full"))
    world.reading.close()
  }
})

test("A store that fails in the middle of a record is neither a fault of the record nor a reason to keep it as waiting", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  let failing = true
  world.intake = () => {
    if (failing) throw new StoreError("store_busy")
  }
  await world.answer(1)
  world.say(post(1, 1))
  await world.until(() => world.statuses.some(({ status }) => status === "offline"))
  failing = false
  await world.until(() => world.opened() === 2)
  await world.answer(1)
  world.say(post(1, 1))
  await world.until(() => world.reading.status.status === "online")
  assert.deepEqual([world.taken, world.faults, await world.rows(waiting)], [["01:1"], [], []])
})

test("Records for a subscription that was never made, or has ended, are ignored", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  await world.answer(1)
  world.say(post(7, 1), { type: "gap", sub: 8, through: 9 }, { type: "subscribed", sub: 9, head: 5, acked: 5, epoch: 1 }, post(1, 1))
  await world.until(() => world.reading.status.status === "online")
  assert.deepEqual(world.taken, ["01:1"])
  world.seats = []
  world.reading.seatsChanged()
  await world.until(() => world.asked.some(({ type }) => type === "unsubscribe"))
  world.say(post(1, 2))
  await world.rest()
  assert.deepEqual(world.taken, ["01:1"])
  assert.deepEqual(world.faults, [])
})

test("A record that comes again is not taken in again; another one at its place is told to the person", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  await putGroup(world, 1)
  world.intake = (tx, record) => {
    const bodyHash = new Uint8Array(createHash("sha256").update(messageOf(record)).digest())
    insertHistory(tx, record.groupId, { order: record.order, bodyHash, chain: undefined })
  }
  await world.answer(2)
  world.say(post(1, 1), post(1, 2))
  await world.until(() => world.acks().length === 1)
  world.say(post(1, 1))
  await world.rest()
  assert.deepEqual(await world.rows(alarms), [])
  world.say(post(1, 1, { body: 99 }))
  await world.rest()
  assert.deepEqual(await world.rows(alarms), [{ code: "log_repeated" }])
  assert.deepEqual(world.taken, ["01:1", "01:2"])
})

test("What is missing is asked for once more, and nothing that came after it is taken in before it", async () => {
  const world = await readingWorld({ seats: [seatOf(1), seatOf(2)] })
  await world.answer(3)
  world.say(post(1, 1), post(1, 3), post(2, 1))
  await world.until(() => world.asked.filter(({ type }) => type === "subscribe").length === 3)
  assert.deepEqual(world.taken, ["01:1", "02:1"])
  const again = world.asked.findLast((item) => item.type === "subscribe")
  assert.deepEqual([again?.sub, again?.after], [3, 1])
  world.say({ type: "subscribed", sub: 3, head: 3, acked: 1, epoch: 1 }, post(3, 2), post(3, 3))
  await world.until(() => world.taken.length === 4)
  assert.deepEqual(world.taken.slice(2), ["01:2", "01:3"])
})

test("What the server withholds again does not hold back the rest; the record behind it is taken in", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  await world.answer(3)
  world.say(post(1, 1), post(1, 3))
  await world.until(() => world.asked.filter(({ type }) => type === "subscribe").length === 2)
  world.say({ type: "subscribed", sub: 2, head: 3, acked: 1, epoch: 1 }, post(2, 3))
  await world.until(() => world.taken.length === 2)
  assert.deepEqual(world.taken, ["01:1", "01:3"])
  assert.equal(world.asked.filter(({ type }) => type === "subscribe").length, 2)
})

test("A gap is told once, moves no cursor by itself, and cannot reach beyond the head", async () => {
  const world = await readingWorld({ seats: [seatOf(1)], soonMs: 0 })
  await putGroup(world, 1)
  await world.answer(5)
  world.say({ type: "gap", sub: 1, through: 2 ** 50 })
  await world.rest()
  assert.deepEqual(await world.rows(alarms), [])
  world.say({ type: "gap", sub: 1, through: 3 })
  await world.rest()
  assert.deepEqual(await world.rows(alarms), [{ code: "log_gap" }])
  assert.deepEqual(await world.rows("SELECT after, gap_through FROM reading"), [{ after: 0, gap_through: 3 }])
  world.say({ type: "gap", sub: 1, through: 2 }, post(1, 4), post(1, 5))
  await world.until(() => world.reading.status.status === "online")
  assert.deepEqual(world.taken, ["01:4", "01:5"])
  assert.deepEqual(await world.rows("SELECT after, gap_through FROM reading"), [{ after: 5, gap_through: 3 }])
  assert.equal((await world.rows(alarms)).length, 1)
})

test("An hour that goes back or far ahead is not believed", async () => {
  const world = await readingWorld({ seats: [seatOf(1)], nowMs: 100 * 3_600_000 })
  await world.answer(4)
  world.say(post(1, 1, { hour: 90 }), post(1, 2, { hour: 10 }), post(1, 3, { hour: 2 ** 32 - 1 }), post(1, 4, { hour: 100 }))
  await world.until(() => world.taken.length === 4)
  assert.deepEqual(
    world.records.map((record) => record.timeMs / 3_600_000),
    [90, 90, 100, 100],
  )
})

test("A group in which the server knows of more than the store is healed before anything is sent there, and goes on being read", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  await world.answer(0)
  await world.until(() => world.reading.status.status === "online")
  world.reading.close()
  const older = await readingWorld({ seats: [seatOf(1)], disk: world.database })
  await putGroup(older, 1)
  await older.answer(4, 3)
  older.say(post(1, 1), post(1, 2), post(1, 3), post(1, 4))
  await older.until(() => older.reading.status.status === "online")
  assert.deepEqual(await older.rows("SELECT reason FROM healing"), [{ reason: "copy" }])
  assert.deepEqual(older.taken, ["01:1", "01:2", "01:3", "01:4"])
})

test("A store whose place another copy has taken asks the server for nothing, and says why", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  world.reading.close()
  await world.transactions.run(async (tx) => tx.write("INSERT INTO older_copy (id) VALUES (1)"))
  const again = await readingWorld({ seats: [seatOf(1)], disk: world.database })
  await again.rest()
  const { status } = again.reading
  assert.equal(status.status === "refused" && status.code, "older_copy")
  assert.deepEqual(again.asked, [])
})

test("Somebody who acknowledged in place of this device, while others could, makes no older copy of its store", async () => {
  const world = await readingWorld({ seats: [seatOf(1, { isOwn: false })] })
  await putGroup(world, 1)
  await world.answer(3, 3)
  await world.rest()
  assert.deepEqual(await world.rows(alarms), [{ code: "seat_taken" }])
  world.say(post(1, 1), post(1, 2), post(1, 3))
  await world.until(() => world.reading.status.status === "online")

  // The seat is re-keyed. What was acknowledged before counts for nothing, what is acknowledged later does.
  world.seats = [seatOf(1, { readSecret: new Uint8Array(32).fill(9) })]
  world.reading.seatsChanged()
  await world.until(() => world.asked.filter(({ type }) => type === "subscribe").length === 2)
  world.say({ type: "subscribed", sub: 2, head: 3, acked: 7, epoch: 1 })
  await world.rest()
  assert.equal(world.reading.status.status, "online")
  world.reading.close()
  await world.transactions.run(async (tx) => tx.write("DELETE FROM healing"))
  for (const [acked, expected] of [
    [7, []],
    [8, [{ reason: "copy" }]],
  ] as const) {
    const later = await readingWorld({ seats: world.seats, disk: world.database })
    await later.answer(3, acked)
    await later.until(() => later.reading.status.status === "online")
    assert.deepEqual(await later.rows("SELECT reason FROM healing"), expected)
    later.reading.close()
  }
})

test("What is stored and was not acknowledged, because the process ended, is acknowledged at the next opening", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  await world.answer(2)
  world.say(post(1, 1), post(1, 2))
  await world.until(() => world.acks().length === 1)
  world.reading.close()
  const next = await readingWorld({ seats: [seatOf(1)], disk: world.database })
  await next.answer(2, 1)
  await next.until(() => next.reading.status.status === "online")
  assert.deepEqual(next.acks(), [[1, 2]])
})

test("A head below what this device has is told to the person, and nothing is lost", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  await putGroup(world, 1)
  await world.answer(2)
  world.say(post(1, 1), post(1, 2))
  await world.until(() => world.acks().length === 1)
  world.reading.close()
  const next = await readingWorld({ seats: [seatOf(1)], disk: world.database })
  await next.answer(1)
  await next.until(() => next.reading.status.status === "online")
  assert.deepEqual(await next.rows(alarms), [{ code: "log_rewound" }])
  next.say(post(1, 3))
  await next.until(() => next.taken.length === 1)
  assert.deepEqual(await next.rows(cursors), [{ g: "01", after: 3 }])
})

test("A seat that the server does not know is told in its chat, asked for again later, and holds no other back", async () => {
  for (const code of ["seat_unknown", "group_not_found", "seat_rekeyed"] as const) {
    const world = await readingWorld({ seats: [seatOf(1), seatOf(2)], soonMs: 0 })
    await putGroup(world, 1)
    await world.answer(1)
    world.say({ type: "unsubscribed", sub: 1, code }, post(2, 1))
    await world.until(() => world.reading.status.status === "online")
    assert.deepEqual(await world.rows(alarms), [{ code: "seat_lost" }], code)
    const [retry] = world.due.filter(({ kind }) => kind === "resubscribe")
    retry?.run()
    await world.until(() => world.asked.filter(({ type }) => type === "subscribe").length === 3)
    world.reading.close()
  }
})

test("A seat that is being re-keyed here is no news when its old secret ends, and is read with the new one", async () => {
  const world = await readingWorld({ seats: [seatOf(1, { isChanging: true, isOwn: false })], soonMs: 0 })
  await putGroup(world, 1)
  await world.answer(0)
  world.say({ type: "unsubscribed", sub: 1, code: "seat_rekeyed" })
  await world.rest()
  assert.deepEqual(await world.rows(alarms), [])
  world.seats = [seatOf(1, { readSecret: new Uint8Array(32).fill(9) })]
  world.reading.seatsChanged()
  await world.until(() => world.asked.filter(({ type }) => type === "subscribe").length === 2)
  assert.deepEqual(world.asked.findLast((item) => item.type === "subscribe")?.readSecret, new Uint8Array(32).fill(9))
})

test("Another copy of this device stops it; an adder who reads in its place is told in the chat", async () => {
  const copied = await readingWorld({ seats: [seatOf(1)] })
  await copied.answer(0)
  copied.say({ type: "unsubscribed", sub: 1, code: "seat_taken" })
  await copied.until(() => copied.reading.status.status === "refused")

  const added = await readingWorld({ seats: [seatOf(1, { isOwn: false })], soonMs: 0 })
  await putGroup(added, 1)
  await added.answer(0)
  added.say({ type: "unsubscribed", sub: 1, code: "seat_taken" })
  await added.rest()
  assert.equal(added.reading.status.status, "online")
  assert.deepEqual(await added.rows(alarms), [{ code: "seat_taken" }])
})

test("Where this device is about to join, nothing counts before the commit that added it; where it is, none adds it again", async () => {
  const world = await readingWorld({ seats: [seatOf(1, { joined: false, isOwn: false }), seatOf(2)] })
  await world.answer(0)
  world.say(post(1, 1), post(1, 17), join(1, 16), post(1, 17), join(2, 1))
  await world.until(() => world.taken.length === 3)
  assert.deepEqual(
    world.records.map(({ kind, order }) => `${kind} ${order}`),
    ["join 16", "post 17", "commit 1"],
  )
})

test("When a place from an archive ends, whatever was dropped before, the place that was asked for is looked at again at once", async () => {
  const asked = { joined: false, isOwn: false, isAsked: true } as const
  const [old, fresh] = [seatOf(1, asked), seatOf(1, { ...asked, seat: new Uint8Array(16).fill(9) })]
  const world = await readingWorld({ seats: [old, fresh] })
  await world.answer(6, 3)
  world.say({ type: "unsubscribed", sub: 2, code: "seat_unknown" })
  const { type: _, groupInfo: __, ...details } = join(1, 6) as Extract<ReturnType<typeof join>, { type: "join" }>
  const commit = (order: number, removes: readonly Uint8Array[]) => ({ ...details, type: "commit", order, removes }) as const
  world.say({ type: "gap", sub: 1, through: 3 }, post(1, 4), commit(5, []))
  await world.rest()
  assert.equal(world.asked.filter(({ type }) => type === "subscribe").length, 2)
  world.say(commit(6, [old.seat]))
  await world.until(() => world.asked.filter(({ type }) => type === "subscribe").length === 3)
  assert.deepEqual(world.asked.findLast((item) => item.type === "subscribe")?.seat, fresh.seat)
  assert.deepEqual([world.taken, world.acks()], [[], []], "nothing is taken in or let go of there")
})

test("A frame that is none closes the stream; what comes faster than it can be taken in closes it until that is done", async () => {
  const world = await readingWorld({ seats: [seatOf(1)] })
  await world.answer(0)
  world.sayBytes(Uint8Array.of(255))
  await world.until(() => world.opened() === 2)
  await world.answer(0)
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  world.intake = () => held
  const large = (order: number) => ({ type: "post", sub: 1, order, hour: 0, body: new Uint8Array(250_000) }) as const
  for (let frame = 0; frame < 10; frame++) world.say(...Array.from({ length: 60 }, (_, at) => large(60 * frame + at + 1)))
  await world.rest()
  assert.equal(world.opened(), 2)
  release()
  await world.until(() => world.opened() === 3)
  // Those up to the bound were taken in, and no more of them were kept.
  assert.ok(world.taken.length >= 240 && world.taken.length < 400, String(world.taken.length))
})

test("How far it has come with much that waited is told, at most once for each hundredth", async () => {
  const world = await readingWorld({ seats: [seatOf(1), seatOf(2)] })
  await world.answer(1_000)
  for (let order = 1; order <= 1_000; order += 2) world.say(post(1, order), post(2, order), post(1, order + 1), post(2, order + 1))
  await world.until(() => world.reading.status.status === "online")
  const told = world.statuses.flatMap((status) => (status.status === "connecting" && status.catchUp ? [status.catchUp] : []))
  assert.ok(told.length > 20 && told.length <= 101, String(told.length))
  assert.ok(told.every(({ total }) => total === 2_000))
  assert.deepEqual(told.at(-1), { taken: 2_000, total: 2_000 })
})

test("Of more chats than a stream has room for, those that come first are read, and the person is told", async () => {
  const seats = Array.from({ length: limits.subscriptions + 2 }, (_, nth) => {
    const groupId = new Uint8Array(32)
    new DataView(groupId.buffer).setUint32(0, nth)
    return { ...seatOf(1), groupId }
  })
  const world = await readingWorld({ seats })
  await world.until(() => world.asked.some(({ type }) => type === "open"))
  world.say({ type: "opened", pass: Uint8Array.of(1), expiryHour: 1, hour: 0, postsLeft: 0 })
  await world.until(() => world.asked.filter(({ type }) => type === "subscribe").length >= limits.subscriptions)
  await world.rest()
  const asked = world.asked.filter((item) => item.type === "subscribe").map(({ groupId }) => toHex(groupId))
  assert.deepEqual(
    asked,
    seats.slice(0, limits.subscriptions).map(({ groupId }) => toHex(groupId)),
  )
  assert.deepEqual(await world.rows("SELECT code, level FROM alarm"), [{ code: "too_many_chats", level: "warn" }])
  world.reading.close()
})
