import assert from "node:assert/strict"
import { cpSync } from "node:fs"
import { test } from "node:test"
import { KeylogError, parseCheckpoint, parseNote } from "@nodoor/keylog"
import { serverCrypto } from "../core/crypto.ts"
import {
  TestFeed,
  TestReader,
  auditShown,
  configEntry,
  handleLabel,
  labelOf,
  logFolder,
  logOrigin,
  openTestKeeper,
  startMs,
} from "../fixtures/log.ts"
import { type TestNetwork, type TestWitness, testNetwork } from "../fixtures/witness.ts"
import { ServerError } from "../core/server-error.ts"
import type { LogKeeper } from "./keeper/log-keeper.ts"
import { type LogSettings, defaultLogSettings, planLog } from "./log-settings.ts"
import { keeperOf } from "./keeper/open-keeper.ts"
import { Sequencer, type Step } from "./sequencer.ts"

interface World {
  readonly network: TestNetwork
  readonly witnesses: TestWitness[]
  readonly feed: TestFeed
  readonly folder: string
  readonly logged: string[]
  readonly settings: Partial<LogSettings>
}

function newWorld(count: number, settings: Partial<LogSettings> = {}): World {
  const network = testNetwork(startMs)
  const witnesses = Array.from({ length: count }, (_, i) => network.witness(`w${i}.example/w`))
  const lines = witnesses.map(({ line }) => line)
  return { network, witnesses, feed: new TestFeed(), folder: logFolder(), logged: [], settings: { witnesses: lines, ...settings } }
}

interface Running {
  readonly keeper: LogKeeper
  readonly sequencer: Sequencer
  step(): Promise<Step>
  /** Steps until everything stored is published. */
  settle(): Promise<void>
  close(): void
}

/** Starts a log server on the world's folder, or on a copy of it. */
function start(world: World, folder: string = world.folder): Running {
  const settings = { ...defaultLogSettings, ...world.settings }
  const plan = planLog(settings, logOrigin)
  const { keeper, close } = openTestKeeper(folder, { beginning: { policy: plan.policy } })
  const status = keeper.status()
  if (status.size > 0 && Buffer.compare(status.policies[0] ?? new Uint8Array(), plan.policy) !== 0) keeper.enqueue({ entry: plan.policy })
  const sequencer = new Sequencer(
    {
      crypto: serverCrypto,
      keeper: keeperOf(keeper),
      store: { accountFeed: async ({ after }) => ({ rows: world.feed.after(after), newest: world.feed.rows.length, tokenKeys: [] }) },
      network: world.network,
      clock: { nowMs: () => world.network.nowMs },
      log: (level, event, facts) => void world.logged.push(JSON.stringify({ level, event, ...facts })),
      delay: () => Promise.resolve(),
    },
    { origin: logOrigin, epochMs: 1000, witnesses: plan.witnesses, auditors: plan.auditors },
  )
  const step = (): Promise<Step> => {
    world.network.nowMs += 1000
    return sequencer.step()
  }
  return {
    keeper,
    sequencer,
    step,
    settle: async () => {
      for (let i = 0; i < 5; i++) await step()
      assert.deepEqual([keeper.status().publishedSize, keeper.status().feedPosition], [keeper.status().size, world.feed.rows.length])
    },
    close,
  }
}

const shownSize = (keeper: LogKeeper): number => parseCheckpoint(parseNote(keeper.checkpoint() ?? new Uint8Array()).text).size

test("without witnesses an epoch is published in the step that builds it, and not more often than the cadence", async () => {
  const world = newWorld(0)
  const { sequencer, keeper, close } = start(world)
  await sequencer.step()
  assert.equal(shownSize(keeper), 3)
  world.feed.register("alice")
  world.network.nowMs += 400
  const { waitMs } = await sequencer.step()
  assert.deepEqual([waitMs, shownSize(keeper)], [600, 3])
  world.network.nowMs += 600
  await sequencer.step()
  assert.equal(shownSize(keeper), 4)
  close()
})

test("a checkpoint is published with the signatures of its witnesses, and devices count them", async () => {
  const world = newWorld(3)
  const alice = world.feed.register("alice")
  const { keeper, settle, close } = start(world)
  await settle()
  const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  const found = await reader.look([labelOf(alice)], world.network.nowMs)
  assert.equal(found.statement.tier, "witnessed")
  assert.equal(found.statement.witnesses.length, 3)
  world.feed.update(alice)
  await settle()
  assert.equal((await reader.look([labelOf(alice)], world.network.nowMs)).head.size, 4)
  close()
})

test("without a quorum nothing is published and nothing is lost; when witnesses come back everything is", async () => {
  const world = newWorld(3)
  const { keeper, sequencer, step, settle, close } = start(world)
  await settle()
  for (const witness of world.witnesses.slice(1)) witness.silent = true
  const alice = world.feed.register("alice")
  for (let i = 0; i < 3; i++) await step()
  assert.deepEqual([shownSize(keeper), keeper.status().size], [3, 4])
  assert.deepEqual(sequencer.state, { status: "waiting", reason: "witnesses" })
  const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  assert.equal((await reader.look([labelOf(alice)], world.network.nowMs)).lookups[0]?.status, "absent")
  ;(world.witnesses[1] as TestWitness).silent = false
  await settle()
  const found = await reader.look([labelOf(alice)], world.network.nowMs)
  assert.deepEqual([found.lookups[0]?.status, found.statement.witnesses.length], ["account", 2])
  close()
})

test("a witness that missed some checkpoints says its size and is shown the growth from there", async () => {
  const world = newWorld(3)
  const { keeper, settle, close } = start(world)
  await settle()
  const [late] = world.witnesses as [TestWitness]
  late.silent = true
  for (const name of ["alice", "bob", "carol"]) {
    world.feed.register(name)
    await settle()
  }
  late.silent = false
  world.feed.register("dave")
  await settle()
  assert.deepEqual([late.head?.size, shownSize(keeper)], [7, 7])
  close()
})

test("a server started again asks its witnesses first, and goes on", async () => {
  const world = newWorld(3)
  const first = start(world)
  await first.settle()
  first.close()
  world.feed.register("alice")
  const second = start(world)
  await second.settle()
  assert.equal(shownSize(second.keeper), 4)
  assert.equal(auditShown(second.keeper).size, 4)
  second.close()
})

test("restored from an old backup the log signs nothing, says why, and its witnesses keep what they had", async () => {
  const world = newWorld(3)
  const first = start(world)
  await first.settle()
  first.close()
  const backup = logFolder()
  cpSync(world.folder, backup, { recursive: true })
  world.feed.register("alice")
  const second = start(world)
  await second.settle()
  second.close()

  const restored = start(world, backup)
  const published = restored.keeper.checkpoint()
  for (let i = 0; i < 3; i++) await restored.step()
  assert.equal(restored.sequencer.state.status, "refused")
  assert.ok(world.logged.some((line) => line.includes("log_behind_witness")))
  assert.equal(restored.keeper.status().size, 3, "no epoch was written either")
  assert.deepEqual(restored.keeper.checkpoint(), published)
  assert.deepEqual(
    world.witnesses.map(({ head }) => head?.size),
    [4, 4, 4],
  )
  restored.close()
})

test("until a quorum has said what it knows nothing new is built or signed", async () => {
  const world = newWorld(3)
  const first = start(world)
  await first.settle()
  first.close()
  for (const witness of world.witnesses.slice(1)) witness.silent = true
  world.feed.register("alice")
  const second = start(world)
  await second.step()
  assert.deepEqual([second.sequencer.state.status, second.keeper.status().size], ["waiting", 3])
  second.close()
})

test("two signers race: the one whose tree a witness outgrew stops for good, and no witness signs both", async () => {
  const world = newWorld(3)
  const first = start(world)
  await first.settle()
  first.close()
  const copy = logFolder()
  cpSync(world.folder, copy, { recursive: true })
  const one = start(world)
  const two = start(world, copy)
  await one.step()
  await two.step()
  world.feed.register("alice")
  await Promise.all([one.step(), two.step()])
  for (let i = 0; i < 3; i++) {
    world.feed.register(`user${i}`)
    await Promise.all([one.step(), two.step()])
  }
  const shown = [one, two].map(({ keeper }) => keeper.checkpoint() as Uint8Array)
  const heads = shown.map((note) => parseCheckpoint(parseNote(note).text))
  const [a, b] = heads as [(typeof heads)[0], (typeof heads)[0]]
  assert.ok(a.size !== b.size || Buffer.compare(a.root, b.root) === 0, "two trees of one size were published")
  assert.notDeepEqual([one.sequencer.state.status, two.sequencer.state.status], ["running", "running"])
  one.close()
  two.close()
})

test("a witness that answers 409 because another request of ours was faster is asked again from there", async () => {
  const world = newWorld(1)
  const { keeper, settle, step, close } = start(world)
  await settle()
  const [witness] = world.witnesses as [TestWitness]
  world.feed.register("alice")
  let raced = false
  witness.before = async (again) => {
    if (raced) return
    raced = true
    await again()
  }
  await step()
  assert.deepEqual([raced, shownSize(keeper), witness.asked], [true, 4, 4], "asked at first, then twice at once, then once more")
  close()
})

test("a witness that hangs delays nobody once a quorum has signed, neither now nor after a restart", async () => {
  const world = newWorld(3)
  const first = start(world)
  await first.settle()
  const [hanging] = world.witnesses as [TestWitness]
  hanging.before = () => new Promise(() => {})
  world.feed.register("alice")
  await first.step()
  assert.equal(shownSize(first.keeper), 4)
  world.feed.register("bob")
  await first.step()
  assert.equal(shownSize(first.keeper), 5)
  first.close()
})

test("a log that is never idle still hands out what its auditors sign", async () => {
  const network = testNetwork(startMs)
  const auditor = network.auditor("auditor.example/a")
  const world: World = { ...newWorld(0, { auditors: [auditor.line] }), network }
  const { keeper, step, close } = start(world)
  await step()
  auditor.sign(keeper.checkpoint() as Uint8Array)
  for (let i = 0; i < 15; i++) {
    world.feed.register(`user${i}`)
    await step()
  }
  await new Promise((resolve) => setImmediate(resolve))
  assert.ok(keeper.file({ path: "audited" }))
  close()
})

test("waiting for witnesses it asks ever less often, and at once again when they are back", async () => {
  const world = newWorld(3)
  const { sequencer, settle, step, close } = start(world)
  await settle()
  for (const witness of world.witnesses) witness.silent = true
  world.feed.register("alice")
  const waits: number[] = []
  for (let i = 0; i < 8; i++) waits.push((await step()).waitMs)
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000])
  for (const witness of world.witnesses) witness.silent = false
  await settle()
  assert.equal(sequencer.state.status, "running")
  close()
})

test("an idle log is shown to its witnesses again every ten minutes, at the same size", async () => {
  const world = newWorld(1)
  const { keeper, settle, step, close } = start(world)
  await settle()
  const [witness] = world.witnesses as [TestWitness]
  const before = keeper.checkpoint() as Uint8Array
  const { asked } = witness
  await step()
  assert.equal(witness.asked, asked)
  world.network.nowMs += 10 * 60_000
  await step()
  assert.equal(witness.asked, asked + 1)
  const after = keeper.checkpoint() as Uint8Array
  assert.equal(parseNote(after).text, parseNote(before).text)
  assert.notDeepEqual(after, before)
  close()
})

test("a log that nobody adds anything to has an epoch every twenty hours, also one that was dated ahead", async () => {
  const world = newWorld(0)
  world.network.nowMs += 48 * 3_600_000
  const ahead = start(world)
  await ahead.settle()
  const { epoch, publishedAtMs } = ahead.keeper.status()
  ahead.close()
  // The clock is put right, and the server starts again.
  world.network.nowMs -= 48 * 3_600_000
  const { keeper, settle, step, close } = start(world)
  await settle()
  assert.deepEqual([keeper.status().epoch, keeper.status().publishedAtMs], [epoch + 1, (publishedAtMs ?? 0) + 1])
  for (const [hours, epochs] of [
    [19, 1],
    [21, 2],
    [40, 2],
    [42, 3],
  ] as const) {
    world.network.nowMs = startMs + hours * 3_600_000
    await step()
    assert.equal(keeper.status().epoch, epoch + epochs, `${hours} h`)
  }
  close()
})

test("an auditor's signature over an earlier checkpoint is handed out with the proof, and one of another log is not", async () => {
  const network = testNetwork(startMs)
  const auditor = network.auditor("auditor.example/a")
  const witness = network.witness("w.example/w")
  const settings = { witnesses: [witness.line], auditors: [auditor.line] }
  const world: World = { network, witnesses: [witness], feed: new TestFeed(), folder: logFolder(), logged: [], settings }
  const { keeper, settle, step, close } = start(world)
  await settle()
  const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  const code = (error: unknown): boolean => error instanceof KeylogError && error.code === "audit_missing"
  await assert.rejects(reader.look([handleLabel("alice")], network.nowMs), code)
  assert.equal(reader.head, undefined)

  const other = openTestKeeper(logFolder())
  other.keeper.build({ rows: [], nowMs: startMs })
  other.keeper.publish({ note: other.keeper.draft({ knownSizes: [] }).note, nowMs: startMs })
  auditor.sign(other.keeper.checkpoint() as Uint8Array)
  network.nowMs += 60_000
  await step()
  await assert.rejects(reader.look([handleLabel("alice")], network.nowMs), code)
  other.close()

  auditor.sign(keeper.checkpoint() as Uint8Array)
  network.nowMs += 60_000
  await step()
  world.feed.register("alice")
  network.nowMs += 1000
  await step()
  const found = await reader.look([handleLabel("alice")], network.nowMs)
  assert.deepEqual([found.head.size, found.statement.auditors.length], [4, 1])
  assert.ok(keeper.file({ path: "audited" }))
  close()
})

test("another policy needs the signatures of the old one's witnesses, and a device that was away is shown the change", async () => {
  const world = newWorld(3)
  const first = start(world)
  await first.settle()
  const reader = new TestReader(configEntry(first.keeper), (request) => first.keeper.search({ request }))
  await reader.look([handleLabel("alice")], world.network.nowMs)
  first.close()

  const fresh = ["x", "y", "z"].map((name) => world.network.witness(`${name}.example/w`))
  const lines = fresh.map(({ line }) => line)
  const changed: World = { ...world, settings: { witnesses: lines, operators: world.witnesses.map(({ line }) => line) } }
  for (const witness of world.witnesses) witness.silent = true
  const second = start(changed)
  for (let i = 0; i < 3; i++) await second.step()
  assert.equal(shownSize(second.keeper), 3, "the old witnesses have not seen it")
  for (const witness of world.witnesses) witness.silent = false
  await second.settle()
  changed.feed.register("alice")
  await second.settle()

  const away = new TestReader(configEntry(second.keeper), (request) => second.keeper.search({ request }))
  Object.assign(away, { head: reader.head })
  const found = await away.look([handleLabel("alice")], world.network.nowMs)
  assert.deepEqual(found.changes, ["policy"])
  assert.deepEqual(found.statement.witnesses.map(({ key }) => key.name).toSorted(), ["x.example/w", "y.example/w", "z.example/w"])
  second.close()
})

test("accounts that are older than the log stop it with the reason", async () => {
  const world = newWorld(0)
  world.feed.register("alice")
  const first = start(world)
  await first.settle()
  first.close()
  const second = start({ ...world, feed: new TestFeed() })
  await second.step()
  assert.equal(second.sequencer.state.status, "refused")
  assert.ok(world.logged.some((line) => line.includes("log_behind_accounts")))
  second.close()
})

test("no line of the log names an account, a handle or a key", async () => {
  const world = newWorld(2)
  const alice = world.feed.register("alice")
  const { settle, close, step } = start(world)
  await settle()
  for (const witness of world.witnesses) witness.silent = true
  world.feed.update(alice)
  for (let i = 0; i < 3; i++) await step()
  assert.ok(world.logged.length > 0)
  const text = world.logged.join("\n")
  assert.doesNotMatch(text, /alice/)
  assert.ok(!text.includes(Buffer.from(alice.accountId).toString("hex")))
  close()
})

test("settings that keep no promise are refused with the way to mend them", () => {
  const network = testNetwork(startMs)
  const lines = ["a", "b", "c", "d"].map((name) => network.witness(`${name}.example/w`).line)
  const own = network.witness("chat.example/w").line
  const plan = (settings: Partial<LogSettings>): unknown => planLog({ ...defaultLogSettings, ...settings }, logOrigin)
  const invalid = (error: unknown): boolean => error instanceof ServerError && error.code === "config_invalid"
  for (const settings of [
    { witnesses: [lines[0] as string], quorum: 0 },
    { witnesses: lines, quorum: 2 },
    { witnesses: lines, quorum: 5 },
    { witnesses: lines, quorum: 3, faults: 2 },
    { witnesses: [own] },
    { witnesses: [lines[0] as string, lines[0] as string] },
    { witnesses: ["a.example/w https://a.example"] },
    { witnesses: [(lines[0] as string).replace("https://", "ftp://")] },
    { auditors: [lines[0] as string], audits: 2 },
    { epochMs: 5 },
  ]) {
    assert.throws(() => plan(settings), invalid, JSON.stringify(settings))
  }
  assert.ok(plan({ witnesses: lines, faults: 1 }))
  assert.ok(plan({ operators: [own] }))
})
