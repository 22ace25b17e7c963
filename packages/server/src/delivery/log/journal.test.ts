import assert from "node:assert/strict"
import { test } from "node:test"
import { random } from "../../fixtures/device.ts"
import type { Change } from "../store/delivery-store.ts"
import { ChangeEntry } from "./entries.ts"
import { Group } from "./group.ts"
import { Journal } from "./journal.ts"

const seatGone = (group: Group): Change => ({ kind: "seatGone", groupId: group.id, seat: random(16) })

/** A journal on a store that writes when it is told to. */
function arranged() {
  const batches: (readonly Change[])[] = []
  const waiting: { resolve(): void; reject(): void }[] = []
  const lost: Group[] = []
  const journal = new Journal({
    store: {
      write: ({ changes }) =>
        new Promise((resolve, reject) => {
          batches.push(changes)
          waiting.push({ resolve, reject: () => reject(new RangeError("disk")) })
        }),
    },
    turn: (run) => void setImmediate(run),
    log: () => {},
    lost: (groups) => lost.push(...groups),
  })
  const next = async (): Promise<{ resolve(): void; reject(): void }> => {
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
    return waiting.shift() as { resolve(): void; reject(): void }
  }
  return { journal, batches, lost, next, waiting }
}

test("a group with much to write does not hold up the others: groups take turns, each in its own order", async () => {
  const { journal, batches, next, waiting } = arranged()
  const [busy, quiet] = [new Group(random(32)), new Group(random(32))]
  const written: string[] = []
  const add = (group: Group, name: string): void => journal.add(new ChangeEntry(group, seatGone(group), () => written.push(name)))
  for (let at = 0; at < 10_000; at++) add(busy, `busy ${at}`)
  add(quiet, "quiet 0")
  const first = await next()
  add(quiet, "quiet 1")
  first.resolve()
  ;(await next()).resolve()
  while (written.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.ok((batches[0]?.length ?? 0) < 1_000, "a batch holds a few of each group")
  assert.ok(written.includes("quiet 0") && written.indexOf("quiet 0") < 1_000)
  while (written.length < 10_002) {
    waiting.shift()?.resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const order = written.filter((name) => name.startsWith("busy"))
  assert.deepEqual(
    order,
    order.map((_, at) => `busy ${at}`),
  )
})

test("what is written together stands in one batch, before what waits, and a failed batch fails all that was decided on top of it", async () => {
  const { journal, batches, lost, next } = arranged()
  const [one, two] = [new Group(random(32)), new Group(random(32))]
  const settled: boolean[] = []
  const entry = (group: Group, change = seatGone(group)) => new ChangeEntry(group, change, (isWritten) => void settled.push(isWritten))
  journal.add(entry(one))
  journal.addTogether(
    [two],
    Array.from({ length: 9_000 }, () => seatGone(two)),
  )
  const first = await next()
  assert.deepEqual([batches[0]?.length, one.isIdle, two.isIdle], [9_001, false, false])
  journal.add(entry(one))
  first.reject()
  await journal.settled()
  assert.deepEqual(settled, [false, false])
  assert.deepEqual(new Set(lost), new Set([one, two]))
  assert.ok(one.isIdle && two.isIdle && journal.waiting.entries === 0 && journal.waiting.bytes === 0)
  journal.add(entry(one))
  ;(await next()).resolve()
  await journal.settled()
  assert.deepEqual(settled, [false, false, true])
})
