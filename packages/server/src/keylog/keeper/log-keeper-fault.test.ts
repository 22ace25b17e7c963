// The fault table of the log: {every statement and commit of an epoch} × {not written, written anyway} × {goes on, starts again}.

import assert from "node:assert/strict"
import { test } from "node:test"
import { parseCheckpoint, parseNote } from "@nodoor/keylog"
import { TestFeed, TestReader, advance, auditShown, configEntry, labelOf, logFolder, openTestKeeper, startMs } from "../../fixtures/log.ts"
import type { Step } from "../../sqlite/database.ts"
import type { LogKeeper } from "./log-keeper.ts"

type Break = { readonly at: number; readonly kind: Step }

/** A keeper whose file fails at one step, with an account logged and the next change waiting. */
function breakable(): {
  readonly open: () => { readonly keeper: LogKeeper; close(): void }
  readonly feed: TestFeed
  readonly steps: () => number
  readonly breakAt: (next: Break | undefined) => void
  readonly hit: () => boolean
  readonly alice: ReturnType<TestFeed["register"]>
} {
  const folder = logFolder()
  const feed = new TestFeed()
  const alice = feed.register("alice")
  let count = 0
  let armed: Break | undefined
  let hit = false
  const onStep = (kind: Step): void => {
    if (kind !== "committed") count++
    if (armed === undefined) return
    const now = armed.kind === "committed" ? kind === "committed" && count >= armed.at : kind !== "committed" && count === armed.at
    if (!now) return
    armed = undefined
    hit = true
    throw Object.assign(new Error("disk I/O error"), { errcode: 10 })
  }
  const first = openTestKeeper(folder, { onStep })
  advance(first.keeper, feed, startMs)
  first.close()
  feed.update(alice)
  feed.register("bob")
  return {
    open: () => openTestKeeper(folder, { onStep }),
    feed,
    alice,
    steps: () => count,
    hit: () => hit,
    breakAt: (next) => {
      armed = next
      count = 0
      hit = false
    },
  }
}

/** Runs an epoch with one fault, then goes on as a sequencer would. Returns whether the fault was met. */
async function epochWithFault(fault: Break, { restart }: { readonly restart: boolean }): Promise<boolean> {
  const world = breakable()
  const notes: Uint8Array[] = []
  let opened = world.open()
  world.breakAt(fault)
  try {
    notes.push(...advanceNoting(opened.keeper, world.feed, notes))
  } catch (error) {
    assert.match(String(error), /disk I\/O error/)
  }
  const hit = world.hit()
  world.breakAt(undefined)
  if (restart) {
    opened.close()
    opened = world.open()
  }
  const { keeper } = opened
  advanceNoting(keeper, world.feed, notes)
  const auditor = auditShown(keeper)
  assert.equal(auditor.keyCount, 5, "every version once: alice 0 and 1, bob 0, two handles")
  assert.equal(keeper.status().feedPosition, world.feed.rows.length)
  assert.equal(keeper.build({ rows: [], nowMs: startMs + 9000 }), false, "nothing is left over")
  const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  const found = await reader.look([labelOf(world.alice)], startMs + 9000)
  assert.ok(found.lookups[0]?.status === "account" && found.lookups[0].account.state.version === 1)
  const roots = new Map<number, string>()
  for (const note of notes) {
    const { size, root } = parseCheckpoint(parseNote(note).text)
    const text = Buffer.from(root).toString("hex")
    assert.equal(roots.get(size) ?? text, text, "two trees of one size were signed")
    roots.set(size, text)
  }
  opened.close()
  return hit
}

/** As `advance`, noting each signature before anything else can fail. */
function advanceNoting(keeper: LogKeeper, feed: TestFeed, notes: Uint8Array[]): Uint8Array[] {
  const nowMs = startMs + 1000 + notes.length
  const publish = (): void => {
    const { note } = keeper.draft({ knownSizes: [] })
    notes.push(note)
    keeper.publish({ note, nowMs })
  }
  if (keeper.status().publishedSize < keeper.status().size) publish()
  if (keeper.build({ rows: feed.after(keeper.status().feedPosition), nowMs })) publish()
  return []
}

const world = breakable()
const counted = world.open()
world.breakAt(undefined)
advanceNoting(counted.keeper, world.feed, [])
const steps = world.steps()
counted.close()

test(`every one of the ${steps} steps of an epoch can fail, and going on logs everything once and signs one tree per size`, async () => {
  assert.ok(steps > 20)
  for (let at = 1; at <= steps; at++) assert.equal(await epochWithFault({ at, kind: "statement" }, { restart: false }), true, `step ${at}`)
})

test("the same with a restart in between", async () => {
  for (let at = 1; at <= steps; at += 3)
    assert.equal(await epochWithFault({ at, kind: "statement" }, { restart: true }), true, `step ${at}`)
})

test("a commit that reached the disk and could not say so is not done twice", async () => {
  let met = 0
  for (let at = 1; at <= steps; at += 1) {
    if (at > 1 && at % 5 !== 0) continue
    for (const restart of [false, true]) if (await epochWithFault({ at, kind: "committed" }, { restart })) met++
  }
  assert.ok(met >= 4, "the first and the second commit were met, each both ways")
})
