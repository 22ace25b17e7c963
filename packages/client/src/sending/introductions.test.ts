import assert from "node:assert/strict"
import { test } from "node:test"
import { NetworkError } from "../core/client-error.ts"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { insertChat } from "../store/chat/chats.ts"
import { insertGroup } from "../store/group/groups.ts"
import { insertIntroduction, releaseIntroductions } from "../store/group/introductions.ts"
import { deleteSeats, insertSeat } from "../store/group/seats.ts"
import { migrate } from "../store/schema.ts"
import { IntroductionSending } from "./introductions.ts"

const groupId = new Uint8Array(32).fill(1)
const dm = new Uint8Array(32).fill(2)
const commitHash = new Uint8Array(32).fill(3)
const policy = {
  kind: "dm",
  name: "",
  picture: undefined,
  roles: [],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiryS: undefined,
} as const

const hourMs = 3_600_000
const startMs = 1_800_000_000_000

interface Sent {
  readonly alone: boolean
  readonly addresses: readonly number[]
}

/** So many people with so many devices each, whose introductions are ready to go. */
async function world({
  people,
  devices = 1,
  viaGroup = false,
}: {
  readonly people: number
  readonly devices?: number
  readonly viaGroup?: boolean
}) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const sent: Sent[] = []
  const passed: string[] = []
  const state = { fails: false, nowMs: startMs, over: [] as readonly Uint8Array[] }
  const ask = (alone: boolean) => async (_: unknown, request: { readonly introductions: readonly { readonly address: Uint8Array }[] }) => {
    if (state.fails) throw new NetworkError("lost", { maybeDone: true })
    sent.push({ alone, addresses: request.introductions.map(({ address }) => (address[0] ?? 0) * 256 + (address[1] ?? 0)) })
    return { unknown: state.over }
  }
  const jobs = fakeJobs()
  const sending = new IntroductionSending({
    jobs: jobs.jobs,
    session: { call: ask(false), alone: ask(true) } as never,
    transactions,
    clock: { nowMs: () => state.nowMs },
    random: (length) => new Uint8Array(length),
    pass: async (_, group) => void passed.push(String(group.groupId[0])),
  })
  await transactions.run(async (tx) => {
    insertChat(tx, { chatId: dm, kind: "dm", state: "active", groupId: dm, peer: undefined, activityMs: 0 })
    insertGroup(tx, { groupId: dm, chatId: dm, epoch: 0, policy, order: 0, profileDue: 0 })
    let nth = 0
    for (let person = 0; person < people; person++)
      for (let device = 0; device < devices; device++) {
        const accountId = new Uint8Array(16).fill(person & 255, 0, 8).fill(person >> 8, 8)
        const route = viaGroup ? { viaGroup: dm } : { address: Uint8Array.of(nth >> 8, nth & 255, ...new Uint8Array(30)) }
        insertIntroduction(
          tx,
          { groupId, commitHash },
          { ...route, accountId, deviceId: new Uint8Array(16).fill(device), seat: seatAt(nth), sealed: new Uint8Array(4096) },
        )
        const adder = { adderAccount: undefined, adderDevice: undefined, addedMs: startMs }
        insertSeat(tx, groupId, { leafIndex: nth + 1, seat: seatAt(nth), publicKey: new Uint8Array(32), own: false, ...adder })
        nth++
      }
  })
  const run = async (): Promise<void> => {
    sending.due()
    jobs.due.find(({ kind }) => kind === "introductions-send")?.run()
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  const left = async (): Promise<number> => Number((await database.read("SELECT COUNT(*) AS n FROM introduction"))[0]?.["n"])
  const waiting = async (): Promise<number> =>
    Number((await database.read("SELECT COUNT(*) AS n FROM introduction WHERE sent = 0"))[0]?.["n"])
  const release = (): Promise<void> => transactions.run(async (tx) => releaseIntroductions(tx, groupId, commitHash))
  const later = (hours: number): Promise<void> => {
    state.nowMs += hours * hourMs
    return run()
  }
  const forgotten = async (): Promise<void> => {
    await sending.forgotten()
    await run()
  }
  return { transactions, run, later, forgotten, left, waiting, release, sent, passed, state }
}

function seatAt(nth: number): Uint8Array {
  return Uint8Array.of(nth >> 8, nth & 255, ...new Uint8Array(14))
}

test("Nothing is sent before the commit is taken in; then each person is introduced alone, with all devices", async () => {
  const { run, left, waiting, release, sent } = await world({ people: 16, devices: 2 })
  await run()
  assert.deepEqual([sent.length, await left()], [0, 32])
  await release()
  await run()
  assert.equal(await waiting(), 0)
  assert.equal(sent.length, 16)
  for (const [nth, { alone, addresses }] of sent.entries()) assert.deepEqual([alone, addresses], [true, [2 * nth, 2 * nth + 1]])
})

test("More than sixteen people go together, 64 introductions in a request, and every one once", async () => {
  const { run, waiting, release, sent } = await world({ people: 700 })
  await release()
  await run()
  assert.equal(await waiting(), 0)
  assert.equal(sent.length, 11)
  assert.ok(sent.every(({ addresses }) => addresses.length <= 64))
  assert.equal(new Set(sent.flatMap(({ addresses }) => addresses)).size, 700)
})

test("What got no answer stays, and is sent again", async () => {
  const { run, waiting, release, sent, state } = await world({ people: 2 })
  await release()
  state.fails = true
  await run()
  assert.equal(await waiting(), 2)
  state.fails = false
  await run()
  assert.deepEqual([sent.length, await waiting()], [2, 0])
})

test("One whose KeyPackage came in a chat of two goes there, and the account service hears nothing", async () => {
  const { run, left, release, sent, passed } = await world({ people: 1, viaGroup: true })
  await release()
  await run()
  assert.deepEqual([sent.length, passed, await left()], [0, ["2"], 0])
})

test("Until the device has taken its seat, its introduction is left again, less and less often", async () => {
  const { run, later, left, release, sent, transactions } = await world({ people: 2 })
  await release()
  await run()
  await later(0.9)
  assert.equal(sent.length, 2)
  const asked: number[] = []
  for (let hour = 1; hour < 60; hour++) {
    const before = sent.length
    await later(1)
    if (sent.length > before) asked.push(hour)
  }
  assert.deepEqual(asked, [1, 3, 7, 15, 27, 39, 51], "after one hour, two, four, eight, and then every twelve")
  await transactions.run(async (tx) => tx.write("UPDATE seat SET own = 1 WHERE leaf_index = 1"))
  await later(12)
  assert.equal(await left(), 1)
  assert.equal(sent.length, 17, "only the other one")
  await transactions.run(async (tx) => deleteSeats(tx, groupId))
  await later(12)
  assert.deepEqual([await left(), sent.length], [0, 17])
})

test("An introduction goes when its address is over, by what the server says or after 15 days", async () => {
  const { run, later, left, release, sent, state } = await world({ people: 2 })
  await release()
  await run()
  state.over = [Uint8Array.of(0, 1, ...new Uint8Array(30))]
  await later(1)
  assert.equal(await left(), 1)
  state.over = []
  const before = sent.length
  await later(15 * 24)
  assert.deepEqual([await left(), sent.length], [0, before])
})

test("A server that has forgotten everything is left all of them again at once, and one that forgets all the time only every ten minutes", async () => {
  const { run, later, forgotten, release, sent } = await world({ people: 2 })
  await release()
  await run()
  assert.equal(sent.length, 2)
  await forgotten()
  assert.equal(sent.length, 4)
  await forgotten()
  await later(0.15)
  await forgotten()
  assert.equal(sent.length, 4)
  await later(0.05)
  await forgotten()
  assert.equal(sent.length, 6)
})
