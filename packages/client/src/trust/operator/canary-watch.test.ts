import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type TestContext, test } from "node:test"
import { toHex, toUtf8 } from "@nodoor/bytes"
import { type Canary, canaryMaxBytes, formatCanary, nobleLogCrypto } from "@nodoor/keylog"
import { draftCanary, signedCanary, signer } from "@nodoor/keylog/fixtures"
import type { CanaryView } from "../../store/trust/canary-view.ts"
import { CanaryWatch } from "./canary-watch.ts"
import type { Jobs } from "../../core/jobs.ts"
import { manualJobs } from "./fixtures/manual-jobs.ts"
import { ClientError } from "../../core/client-error.ts"
import { httpNetwork } from "../../platform/http-network.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { readCanaryRow, writeCanaryRow } from "../../store/trust/canary.ts"
import { Transactions } from "../../core/transaction.ts"

const dayMs = 86_400_000
const hourMs = 3_600_000
const firstMs = Date.UTC(2026, 11, 2)

interface World {
  readonly watch: CanaryWatch
  online(): void
  offline(): void
  readonly events: string[]
  readonly faults: unknown[]
  /** What the server answers from now on: a file, a status, or nothing at all. */
  answer: Uint8Array | number | "cut"
  /** Happens once, before the next answer. */
  meanwhile: ((transactions: Transactions) => Promise<void>) | undefined
  /** What it has by hash. */
  readonly earlier: Map<string, Uint8Array>
  readonly asked: { readonly path: string; readonly headers: readonly string[] }[]
  nowMs: number
  pass(ms: number): Promise<void>
  /** Looks, and answers what is known then. */
  see(answer: Uint8Array | Canary | number | "cut"): Promise<CanaryView>
  /** The same store, opened again. */
  reopen(): void
}

/** What a device knows of the canary of a server that answers what a test wants, over a real socket. */
async function newWorld(t: TestContext): Promise<World> {
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    world.asked.push({ path, headers: Object.keys(request.headers) })
    const hash = /^\/canary\/([0-9a-f]{64})\.json$/.exec(path)?.[1]
    const answer = hash === undefined ? world.answer : (world.earlier.get(hash) ?? 404)
    if (answer === "cut") return void request.socket.destroy()
    response.statusCode = typeof answer === "number" ? answer : 200
    const send = (): void => void response.end(typeof answer === "number" ? "no" : answer)
    const { meanwhile } = world
    world.meanwhile = undefined
    if (meanwhile) meanwhile(transactions).then(send, (error: unknown) => faults.push(error))
    else send()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const database = await openMemoryDatabase()
  await migrate(database)
  const events: string[] = []
  const faults: unknown[] = []
  const clock = { timeMs: firstMs, nowMs: (): number => clock.timeMs }
  const transactions = new Transactions(database, { show: ({ canary }) => void (canary && events.push("canary")) })
  const time = manualJobs({ clock, transactions, fault: (error) => void faults.push(error) })
  const opened = (): { readonly watch: CanaryWatch; readonly jobs: Jobs } => {
    const jobs = time.open()
    const file = (path: string, maxBytes: number): Promise<Uint8Array | undefined> => {
      underWay++
      return httpNetwork.file(url, path, maxBytes).finally(() => underWay--)
    }
    const session = { file }
    const watch = new CanaryWatch({ own: { origin: "chat.example" }, clock, crypto: nobleLogCrypto, transactions, session, jobs })
    return { watch, jobs }
  }
  let underWay = 0
  let { watch, jobs } = opened()
  /** Until nothing is asked any more, however slow the machine is. */
  const rest = async (): Promise<void> => {
    for (let quiet = 0; quiet < 4; quiet = underWay === 0 ? quiet + 1 : 0) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      await transactions.idle()
    }
  }
  const world: World = {
    get watch() {
      return watch
    },
    online: () => {
      jobs.online()
      watch.online()
    },
    offline: () => {
      jobs.offline()
      watch.offline()
    },
    events,
    faults,
    answer: 404,
    meanwhile: undefined,
    earlier: new Map(),
    asked: [],
    get nowMs() {
      return clock.timeMs
    },
    set nowMs(timeMs) {
      clock.timeMs = timeMs
    },
    pass: async (ms) => {
      world.nowMs += ms
      time.runDue()
      await rest()
    },
    see: async (answer) => {
      world.answer = typeof answer === "object" && !(answer instanceof Uint8Array) ? formatCanary(answer) : answer
      return await world.watch.look()
    },
    reopen: () => {
      watch.close()
      jobs.close()
      ;({ watch, jobs } = opened())
    },
  }
  t.after(async () => {
    world.watch.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await database.close()
    assert.deepEqual(faults, [])
  })
  return world
}

const hashOf = (canary: Canary): string => toHex(nobleLogCrypto.sha256(formatCanary(canary)))
const first = signedCanary()
const renewal = (before: Canary, n: number, more: Partial<Canary> = {}): Canary => {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  const issuedMs = Date.parse("2026-12-01") + n * 28 * dayMs
  return signedCanary({ issued: day(issuedMs), expires: day(issuedMs + 35 * dayMs), previous: hashOf(before), ...more })
}
const read = async (world: World): Promise<void> => {
  const view = await world.watch.view()
  assert.ok(view.status === "changed" || view.status === "expired", view.status)
  await world.watch.acknowledge(view.readingId)
}
const changesOf = (view: CanaryView): readonly unknown[] => (view.status === "changed" ? view.changes : [`status ${view.status}`])
const kindsOf = (view: CanaryView): readonly string[] =>
  view.status === "changed" ? view.changes.map(({ kind }) => kind) : [`status ${view.status}`]

test("before the first look nothing was checked; a server without a canary has none; a look without an answer passes for neither", async (t) => {
  const world = await newWorld(t)
  assert.equal((await world.watch.view()).status, "not_checked")
  const failed = await world.see("cut")
  assert.deepEqual([failed.status, failed.checkedAtMs, failed.failedAtMs], ["not_checked", undefined, firstMs])
  assert.equal((await world.see(500)).status, "not_checked")
  const none = await world.see(404)
  assert.deepEqual([none.status, none.checkedAtMs, none.failedAtMs], ["none", firstMs, undefined])
  assert.deepEqual(
    [...new Set(world.asked.flatMap(({ headers }) => headers))].filter((name) => /cookie|auth|origin|referer/.test(name)),
    [],
  )
})

test("a canary is fresh until its own day, offline too, then expired, and renewals follow one another in silence", async (t) => {
  const world = await newWorld(t)
  const fresh = await world.see(first)
  assert.ok(fresh.status === "fresh")
  assert.deepEqual([fresh.untilMs, fresh.known.statements, fresh.known.signedBy.length], [Date.UTC(2027, 0, 5), first.statements, 2])
  world.nowMs = fresh.untilMs - 1
  const offline = await world.see("cut")
  assert.deepEqual([offline.status, offline.checkedAtMs, offline.failedAtMs], ["fresh", firstMs, world.nowMs])
  world.nowMs++
  const expired = await world.watch.view()
  assert.deepEqual([expired.status, expired.status === "expired" && expired.acknowledgedAtMs], ["expired", undefined])
  await read(world)
  const after = await world.watch.view()
  assert.equal(after.status === "expired" && after.acknowledgedAtMs, world.nowMs)
  let last = first
  for (const n of [1, 2, 3]) {
    last = renewal(last, n)
    world.nowMs = Date.parse(last.issued)
    assert.equal((await world.see(last)).status, "fresh", String(n))
  }
})

test("other keys, another threshold and statements that are gone, reworded or new are shown with what was and what is, until a person accepts them", async (t) => {
  const world = await newWorld(t)
  await world.see(first)
  const keys = [0, 1, 3].map((n) => signer(n).name).toSorted()
  const [one = "", two = "", three = ""] = first.statements
  const changed = renewal(first, 0, { keys, threshold: 1, statements: [one, "In other words.", "More."] })
  const view = await world.see(changed)
  assert.deepEqual(changesOf(view), [
    { kind: "keys", was: first.keys, now: keys },
    { kind: "threshold", was: 2, now: 1 },
    { kind: "statement_reworded", was: two, now: "In other words." },
    { kind: "statement_reworded", was: three, now: "More." },
  ])
  assert.ok(view.status === "changed")
  assert.deepEqual([view.known?.statements, view.latest?.statements], [first.statements, changed.statements])
  world.reopen()
  assert.deepEqual(changesOf(await world.watch.view()), view.changes, "also after a restart")
  assert.deepEqual(changesOf(await world.see("cut")), view.changes, "and when the server does not answer")
  // The next one, built on the changed one, is compared with what the person knows.
  const next = renewal(changed, 1, { keys, threshold: 1, statements: [one] })
  world.nowMs = Date.parse(next.issued)
  assert.deepEqual(kindsOf(await world.see(next)), ["keys", "threshold", "statement_gone", "statement_gone"])
  await read(world)
  const accepted = await world.watch.view()
  assert.deepEqual([accepted.status, accepted.status === "fresh" && accepted.known.statements], ["fresh", [one]])
  assert.deepEqual(kindsOf(await world.see(renewal(next, 2, { keys, threshold: 1, statements: [one, "And."] }))), ["not_yet"])
  world.nowMs += 28 * dayMs
  assert.deepEqual(kindsOf(await world.see(renewal(next, 2, { keys, threshold: 1, statements: [one, "And."] }))), ["statement_added"])
})

test("a canary that vanished is a change also when a person has read it, and what comes back is compared with what was there", async (t) => {
  const world = await newWorld(t)
  await world.see(first)
  assert.deepEqual(changesOf(await world.see(404)), [{ kind: "gone" }])
  assert.equal((await world.see(first)).status, "fresh")
  await world.see(404)
  await read(world)
  for (const view of [await world.watch.view(), await world.see(404)]) {
    assert.deepEqual(changesOf(view), [{ kind: "gone" }])
    assert.equal(view.status === "changed" && view.acknowledgedAtMs, world.nowMs)
  }
  const others = signedCanary({ keys: [3, 4].map((n) => signer(n).name).toSorted() }, [3, 4])
  assert.deepEqual(kindsOf(await world.see(others)), ["keys", "not_following"], "nobody slips others in by a pause")
  await world.see(404)
  await read(world)
  assert.deepEqual(kindsOf(await world.see(others)), ["keys", "not_following"], "nor while the others are not accepted")
  assert.equal((await (await newWorld(t)).see(404)).status, "none")
})

test("one that leaves another out, or goes back to an older one, is a change that no later one heals by itself", async (t) => {
  const world = await newWorld(t)
  const second = renewal(first, 1)
  const third = renewal(second, 2)
  const fourth = renewal(third, 3)
  await world.see(first)
  world.nowMs = Date.parse(third.issued)
  const missing = { kind: "not_following", was: first.issued, now: third.issued }
  assert.deepEqual(changesOf(await world.see(third)), [missing])
  world.nowMs = Date.parse(fourth.issued)
  assert.deepEqual(changesOf(await world.see(toUtf8("{}")))[1], missing, "nor by showing something else between")
  assert.deepEqual(changesOf(await world.see(fourth)), [missing])
  await read(world)
  assert.equal((await world.watch.view()).status, "fresh")
  const back = { kind: "older", was: fourth.issued, now: first.issued }
  assert.deepEqual(changesOf(await world.see(first)), [back])
  assert.deepEqual(changesOf(await world.see(fourth)), [back])
})

test("a device that was away reads those between by their hashes, shows what changed meanwhile, and believes no gap and no forgery in between", async (t) => {
  const [one = "", ...others] = first.statements
  const second = renewal(first, 1, { statements: others })
  const third = renewal(second, 2)
  const fourth = renewal(third, 3)
  const keep = (world: World, ...canaries: Canary[]): void =>
    canaries.forEach((canary) => world.earlier.set(hashOf(canary), formatCanary(canary)))

  const away = await newWorld(t)
  await away.see(first)
  keep(away, second, third)
  away.nowMs = Date.parse(fourth.issued)
  assert.deepEqual(changesOf(await away.see(fourth)), [{ kind: "statement_gone", was: one }], "although it is said again")

  const silent = await newWorld(t)
  silent.nowMs = Date.parse(second.issued)
  await silent.see(second)
  keep(silent, third)
  silent.nowMs = Date.parse(fourth.issued)
  assert.deepEqual(kindsOf(await silent.see(fourth)), ["statement_added"])

  const gap = await newWorld(t)
  await gap.see(first)
  keep(gap, third)
  gap.nowMs = Date.parse(fourth.issued)
  assert.deepEqual(kindsOf(await gap.see(fourth)), ["not_following"])

  const forged = await newWorld(t)
  await forged.see(first)
  forged.earlier.set(hashOf(third), formatCanary(renewal(first, 2)))
  forged.nowMs = Date.parse(fourth.issued)
  assert.deepEqual(kindsOf(await forged.see(fourth)), ["not_following"])

  const endless = await newWorld(t)
  const line = [first]
  for (let n = 1; n <= 45; n++) line.push(renewal(line[n - 1] as Canary, n))
  const [begin, newest] = [line[0], line.at(-1)] as [Canary, Canary]
  await endless.see(begin)
  keep(endless, ...line)
  endless.nowMs = Date.parse(newest.issued)
  assert.deepEqual(kindsOf(await endless.see(newest)), ["not_following"])
  assert.ok(endless.asked.length < 45, `${endless.asked.length} requests`)
})

test("a signature that does not hold, too few of them and another server's canary are changes that cannot be accepted, only read", async (t) => {
  const world = await newWorld(t)
  const text = Buffer.from(formatCanary(first)).toString()
  assert.deepEqual(changesOf(await world.see(toUtf8(text.replace("2027-01-05", "2027-01-04")))), [
    { kind: "invalid", code: "canary_signature" },
  ])
  assert.deepEqual(changesOf(await world.see(draftCanary())), [{ kind: "invalid", code: "canary_unsigned" }])
  const foreign = signedCanary({ origin: "other.example" })
  const origin = { kind: "origin", was: "chat.example", now: "other.example" }
  assert.deepEqual(changesOf(await world.see(foreign)), [origin])
  await read(world)
  const again = await world.see(foreign)
  assert.ok(again.status === "changed")
  assert.equal(again.acknowledgedAtMs, firstMs)
  const other = await world.see(draftCanary())
  assert.equal(other.status === "changed" ? other.acknowledgedAtMs : 0, undefined, "something else is to be read again")
  const late = (error: unknown): boolean => error instanceof ClientError && error.code === "not_found"
  await assert.rejects(world.watch.acknowledge(again.readingId), late, "what a person read is not what there is now")
  assert.equal((await world.see(first)).status, "fresh")
  assert.deepEqual(kindsOf(await world.see(foreign)), ["origin"])
  await read(world)
  assert.equal((await world.see(first)).status, "fresh", "what was known before is known still")
})

test("hostile answers are refused with their rule, cost no more than their bound, and leave what is known as it was", async (t) => {
  const world = await newWorld(t)
  await world.see(first)
  const text = Buffer.from(formatCanary(first)).toString()
  for (const file of [
    toUtf8(""),
    toUtf8("<!doctype html><title>log in here</title>"),
    toUtf8(text.replace('"threshold":2', '"threshold":2,"threshold":2')),
    toUtf8(text.replace('"threshold":2', '"threshold":"2"')),
    toUtf8(text.replace('"threshold":2', `"threshold":2${"0".repeat(400)}`)),
    toUtf8(text.replace('"threshold":2', '"threshold":2e0')),
    toUtf8(text.replace('{"expires"', '{"__proto__":{"x":1},"expires"')),
    toUtf8("[".repeat(canaryMaxBytes)),
    toUtf8('{"a":'.repeat(3_000)),
    toUtf8("null\n"),
    Uint8Array.from(Buffer.from(text)).with(40, 0xff),
    new Uint8Array(canaryMaxBytes + 1).fill(0x20),
    new Uint8Array(20 * 1024 * 1024).fill(0x5b),
  ])
    assert.deepEqual(changesOf(await world.see(file)), [{ kind: "invalid", code: "canary_malformed" }])
  assert.equal((await world.see(first)).status, "fresh")
})

test("it looks when the device signs in and every six hours after that, not with every connection, and tells when something may be another", async (t) => {
  const world = await newWorld(t)
  world.answer = formatCanary(first)
  world.online()
  await world.pass(0)
  assert.deepEqual([world.asked.length, world.events], [1, ["canary"]])
  for (let n = 0; n < 5; n++) {
    world.offline()
    world.online()
    await world.pass(hourMs)
  }
  assert.equal(world.asked.length, 1)
  await world.pass(hourMs)
  assert.equal(world.asked.length, 2)
  world.reopen()
  world.online()
  await world.pass(0)
  assert.equal(world.asked.length, 2, "a device that is opened again at once does not ask again")
  await world.pass(10 * 60_000)
  assert.equal(world.asked.length, 3)
  world.offline()
  await world.pass(2 * dayMs)
  assert.equal(world.asked.length, 3)
  world.answer = "cut"
  world.online()
  await world.pass(0)
  assert.equal(world.asked.length, 4)
  assert.equal((await world.watch.view()).status, "fresh")
  await world.pass(5 * hourMs)
  assert.equal(world.asked.length, 4, "a server that does not answer is not asked more often")
  world.offline()
  world.online()
  await world.pass(0)
  assert.equal(world.asked.length, 5, "a connection that came back is another chance")
  world.offline()
  await world.pass(0)
  const told = world.events.length
  for (let n = 0; n < 5 * 31; n++) world.nowMs += 6 * hourMs
  await world.pass(6 * hourMs)
  assert.equal((await world.watch.view()).status, "expired")
  assert.ok(world.events.length > told, "the end is told without a connection")
})

test("a look that compared with a canary that is no longer the known one is repeated soon, and once", async (t) => {
  const world = await newWorld(t)
  const second = renewal(first, 1)
  await world.see(first)
  world.answer = formatCanary(second)
  world.nowMs = Date.parse(second.issued)
  world.meanwhile = async (transactions) =>
    await transactions.run(async (tx) => writeCanaryRow(tx, { ...(await readCanaryRow(tx)), held: formatCanary(second) }))
  world.online()
  await world.pass(0)
  assert.deepEqual([world.asked.length, (await world.watch.view()).checkedAtMs], [2, firstMs])
  await world.pass(999)
  assert.equal(world.asked.length, 2, "not at once, so that it cannot go on without a pause")
  await world.pass(1)
  assert.deepEqual([world.asked.length, (await world.watch.view()).checkedAtMs], [3, world.nowMs])
  await world.pass(hourMs)
  assert.equal(world.asked.length, 3)
})
