import assert from "node:assert/strict"
import { rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { KeylogError, formatLogEntry, parseCheckpoint, parseNote, rekeyInput } from "@nodoor/keylog"
import { serverCrypto } from "../../core/crypto.ts"
import { random } from "../../fixtures/device.ts"
import {
  TestFeed,
  TestReader,
  advance,
  auditShown,
  configEntry,
  filesIn,
  handleLabel,
  labelOf,
  logFolder,
  logOrigin,
  openTestKeeper,
  startMs,
} from "../../fixtures/log.ts"
import { ServerError } from "../../core/server-error.ts"
import { type LogKeys, addSigningKey, loadLogKeys } from "./log-keys.ts"

const refusedWith = (code: string) => (error: unknown) =>
  (error instanceof ServerError || error instanceof KeylogError) && error.code === code

test("a new log begins with config, policy and an empty epoch, and an auditor accepts it", () => {
  const { keeper, close } = openTestKeeper(logFolder())
  assert.equal(keeper.checkpoint(), undefined)
  advance(keeper, new TestFeed(), startMs)
  const auditor = auditShown(keeper)
  assert.deepEqual([auditor.size, auditor.keyCount, auditor.pin?.origin], [3, 0, logOrigin])
  assert.equal(keeper.status().publishedSize, 3)
  close()
})

test("an account is found by its handle with its whole chain, and who is not there is proven absent", async () => {
  const { keeper, close } = openTestKeeper(logFolder())
  const feed = new TestFeed()
  advance(keeper, feed, startMs)
  const [alice] = [feed.register("alice"), feed.register("bob")]
  feed.update(alice)
  advance(keeper, feed, startMs + 1000)
  const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  const first = await reader.look([handleLabel("alice"), handleLabel("carol")], startMs + 2000)
  assert.deepEqual(
    first.lookups.map(({ status }) => status),
    ["handle", "absent", "account"],
  )
  const account = first.lookups[2]
  assert.ok(account?.status === "account")
  assert.deepEqual([account.account.state.version, account.chain.length], [1, 2])
  assert.deepEqual(Buffer.from(account.account.signed), Buffer.from(alice.state.signed))

  feed.update(alice)
  advance(keeper, feed, startMs + 3000)
  const second = await reader.look([labelOf(alice)], startMs + 4000)
  assert.ok(second.lookups[0]?.status === "account")
  assert.deepEqual([second.lookups[0].account.state.version, second.lookups[0].chain.length], [2, 1])
  assert.equal(auditShown(keeper).keyCount, 6)
  assert.equal(keeper.latestVersion({ label: labelOf(alice) }), 2)
  close()
})

test("nothing of an epoch is shown before its checkpoint is published", async () => {
  const { keeper, close } = openTestKeeper(logFolder())
  const feed = new TestFeed()
  const alice = feed.register("alice")
  advance(keeper, new TestFeed(), startMs)
  const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  assert.equal(keeper.build({ rows: feed.after(0), nowMs: startMs + 1000 }), true)
  assert.deepEqual([keeper.status().size, keeper.status().publishedSize], [4, 3])
  assert.equal((await reader.look([labelOf(alice)], startMs + 1000)).lookups[0]?.status, "absent")
  assert.equal(keeper.file({ path: "delta/1" }), undefined)
  assert.equal(keeper.file({ path: "tile/0/000.p/4" }), undefined)
  assert.equal(keeper.latestVersion({ label: labelOf(alice) }), undefined)
  keeper.publish({ note: keeper.draft({ knownSizes: [] }).note, nowMs: startMs + 1000 })
  assert.equal((await reader.look([labelOf(alice)], startMs + 1000)).lookups[0]?.status, "account")
  assert.ok(keeper.file({ path: "delta/1" }))
  close()
})

test("a keeper that is closed and opened again at every step goes on where it was, and never signs two trees of one size", async () => {
  const folder = logFolder()
  const feed = new TestFeed()
  const roots = new Map<number, string>()
  const reopened = <T>(use: (keeper: ReturnType<typeof openTestKeeper>["keeper"]) => T): T => {
    const { keeper, close } = openTestKeeper(folder)
    try {
      return use(keeper)
    } finally {
      close()
    }
  }
  for (let round = 0; round < 4; round++) {
    const nowMs = startMs + round * 1000
    if (round > 0) feed.update(feed.rows.length === 0 ? feed.register("alice") : feed.register(`user${round}`))
    reopened((keeper) => keeper.prepare({ rows: feed.after(keeper.status().feedPosition) }))
    assert.equal(
      reopened((keeper) => keeper.build({ rows: feed.after(keeper.status().feedPosition), nowMs })),
      true,
    )
    const note = reopened((keeper) => keeper.draft({ knownSizes: [] }).note)
    const { size, root } = parseCheckpoint(parseNote(note).text)
    roots.set(size, Buffer.from(root).toString("hex"))
    reopened((keeper) => keeper.publish({ note, nowMs }))
  }
  assert.equal(roots.size, 4)
  reopened((keeper) => {
    const auditor = auditShown(keeper)
    assert.deepEqual([auditor.size, auditor.keyCount], [6, 9])
    assert.equal(keeper.build({ rows: feed.after(keeper.status().feedPosition), nowMs: startMs }), false)
  })
})

test("a checkpoint that a witness outgrew, or of another tree, is neither signed nor published", () => {
  const { keeper, close } = openTestKeeper(logFolder())
  advance(keeper, new TestFeed(), startMs)
  assert.throws(() => keeper.draft({ knownSizes: [3, 4] }), refusedWith("log_behind_witness"))
  assert.equal(keeper.draft({ knownSizes: [3, 2] }).size, 3)
  const { note } = keeper.draft({ knownSizes: [] })
  const other = Uint8Array.from(note)
  other[other.length - 10] = other[other.length - 10] === 65 ? 66 : 65
  assert.throws(() => keeper.publish({ note: other, nowMs: startMs }), KeylogError)
  close()
})

test("two keepers on one file: the second to write is refused and wrote nothing", () => {
  const folder = logFolder()
  const one = openTestKeeper(folder)
  advance(one.keeper, new TestFeed(), startMs)
  const two = openTestKeeper(folder)
  const feed = new TestFeed()
  feed.register("alice")
  assert.equal(one.keeper.build({ rows: feed.after(0), nowMs: startMs + 1 }), true)
  assert.throws(() => two.keeper.build({ rows: feed.after(0), nowMs: startMs + 2 }), refusedWith("log_raced"))
  const { note } = one.keeper.draft({ knownSizes: [] })
  one.keeper.publish({ note, nowMs: startMs + 2 })
  assert.equal(auditShown(one.keeper).size, 4)
  assert.equal(two.keeper.status().size, 4, "it has read the file again")
  one.close()
  two.close()
})

test("accounts that do not follow what the log holds are refused, and nothing is written", () => {
  const { keeper, close } = openTestKeeper(logFolder())
  const feed = new TestFeed()
  const alice = feed.register("alice")
  advance(keeper, feed, startMs)
  feed.update(alice)
  feed.update(alice)
  const [, , second] = feed.rows
  assert.ok(second)
  assert.throws(() => keeper.build({ rows: [second], nowMs: startMs + 1 }), refusedWith("log_behind_accounts"))
  assert.throws(() => keeper.build({ rows: feed.rows.slice(0, 1), nowMs: startMs + 1 }), refusedWith("log_behind_accounts"))
  assert.equal(keeper.status().size, 3)
  advance(keeper, feed, startMs + 1000)
  assert.equal(auditShown(keeper).keyCount, 4)
  close()
})

test("epoch times rise even when the clock is set back", () => {
  const { keeper, close } = openTestKeeper(logFolder())
  const feed = new TestFeed()
  advance(keeper, feed, startMs)
  feed.register("alice")
  advance(keeper, feed, startMs - 3_600_000)
  assert.equal(auditShown(keeper).epoch?.timeMs, startMs + 1)
  close()
})

test("the signing key changes by an entry that both keys sign, and readers follow it", async () => {
  const folder = logFolder()
  let { keeper, close } = openTestKeeper(folder)
  advance(keeper, new TestFeed(), startMs)
  const reader = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  await reader.look([handleLabel("nobody")], startMs)
  const { folder: keyFolder } = filesIn(folder)
  const [old] = loadLogKeys(keyFolder, { random, create: false }).signing
  assert.ok(old)
  const fresh = addSigningKey(keyFolder, random)
  const content = { origin: logOrigin, oldKey: old.publicKey, newKey: fresh.publicKey }
  const sign = (privateKey: Uint8Array): Uint8Array => serverCrypto.signEd25519({ privateKey, message: rekeyInput(content) })
  const entry = formatLogEntry({ kind: "rekey", ...content, oldSignature: sign(old.privateKey), newSignature: sign(fresh.privateKey) })
  assert.throws(() => keeper.enqueue({ entry }), refusedWith("log_refused"), "a key that this process did not read")
  close()
  ;({ keeper, close } = openTestKeeper(folder))
  const forged = formatLogEntry({ kind: "rekey", ...content, oldSignature: sign(fresh.privateKey), newSignature: sign(fresh.privateKey) })
  assert.throws(() => keeper.enqueue({ entry: forged }), refusedWith("log_refused"))
  keeper.enqueue({ entry })
  advance(keeper, new TestFeed(), startMs + 1000)
  assert.equal(auditShown(keeper).size, 5)
  const found = await reader.look([handleLabel("nobody")], startMs + 1000)
  assert.deepEqual(found.changes, ["log key"])
  assert.deepEqual(Buffer.from(found.head.logKey), Buffer.from(fresh.publicKey))
  const late = new TestReader(configEntry(keeper), (request) => keeper.search({ request }))
  assert.deepEqual(Buffer.from((await late.look([handleLabel("nobody")], startMs + 1000)).head.logKey), Buffer.from(fresh.publicKey))
  close()
})

test("after its end the log takes one last epoch and nothing more", () => {
  const { keeper, close } = openTestKeeper(logFolder())
  const feed = new TestFeed()
  advance(keeper, feed, startMs)
  const end = formatLogEntry({ kind: "end", timeMs: startMs, successor: "chat.example/kt/2" })
  keeper.enqueue({ entry: end })
  assert.throws(() => keeper.enqueue({ entry: end }), refusedWith("log_refused"))
  feed.register("alice")
  advance(keeper, feed, startMs + 1000)
  assert.equal(auditShown(keeper).keyCount, 2)
  feed.register("bob")
  assert.equal(keeper.build({ rows: feed.after(keeper.status().feedPosition), nowMs: startMs + 2000 }), false)
  assert.throws(() => keeper.enqueue({ entry: end }), refusedWith("log_refused"))
  assert.equal(keeper.status().ended, true)
  close()
})

test("an entry that would break the log is refused before it is written", () => {
  const { keeper, close } = openTestKeeper(logFolder())
  advance(keeper, new TestFeed(), startMs)
  const notice = (day: string): Uint8Array => formatLogEntry({ kind: "notice", day, slot: random(32), opened: [] })
  const policy = { kind: "policy", quorum: 1, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] } as const
  assert.throws(() => keeper.enqueue({ entry: formatLogEntry(policy) }), refusedWith("log_refused"))
  assert.throws(() => keeper.enqueue({ entry: configEntry(keeper) }), refusedWith("log_refused"))
  assert.throws(() => keeper.enqueue({ entry: random(40) }), refusedWith("log_refused"))
  keeper.enqueue({ entry: notice("2026-02-01") })
  assert.throws(() => keeper.enqueue({ entry: notice("2026-02-01") }), refusedWith("log_refused"))
  keeper.enqueue({ entry: notice("2026-02-02") })
  keeper.enqueue({
    entry: formatLogEntry({ kind: "release", version: "1.0.0", manifestHash: random(32), effectiveMs: startMs, emergency: false }),
  })
  advance(keeper, new TestFeed(), startMs + 1000)
  assert.throws(() => keeper.enqueue({ entry: notice("2026-02-02") }), refusedWith("log_refused"))
  const { epoch } = auditShown(keeper)
  assert.deepEqual([epoch?.notice?.index, epoch?.release?.index], [4, 5])
  close()
})

test("static files have one name each, end at the published checkpoint and lead nowhere else", () => {
  const { keeper, close } = openTestKeeper(logFolder())
  const feed = new TestFeed()
  advance(keeper, feed, startMs)
  feed.register("alice")
  advance(keeper, feed, startMs + 1000)
  const size = (path: string): number | undefined => keeper.file({ path })?.bytes.length
  assert.equal(size("tile/0/000.p/4"), 128)
  assert.equal(size("tile/0/000.p/2"), 64)
  assert.equal(size("delta/1"), 128)
  assert.equal(size("delta/0"), 0)
  assert.ok(size("policy"))
  const none = [
    "tile/0/000",
    "tile/0/000.p/5",
    "tile/0/000.p/04",
    "tile/1/000.p/1",
    "tile/0/001.p/1",
    "tile/entries/000",
    "delta/2",
    "delta/01",
  ]
  for (const path of [...none, "audited", "", "../keys/vrf.key", "keys/vrf.key", "tile/../checkpoint", "checkpoint/", "entries"]) {
    assert.equal(size(path), undefined, path)
  }
  close()
})

test("keys are readable by the server alone, made once, and a log whose keys or database are gone does not begin again", () => {
  const folder = logFolder()
  const { keeper, close } = openTestKeeper(folder)
  advance(keeper, new TestFeed(), startMs)
  close()
  const { folder: keys, databasePath } = filesIn(folder)
  for (const name of ["vrf.key", "signing-1.key"]) assert.equal(statSync(join(keys, name)).mode & 0o777, 0o600)
  const keyBytes = ({ vrf, signing }: LogKeys): unknown => [vrf.publicKey, vrf.scalar, signing]
  const before = loadLogKeys(keys, { random, create: true })
  assert.deepEqual(keyBytes(before), keyBytes(loadLogKeys(keys, { random, create: false })))
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${databasePath}${suffix}`, { force: true })
  assert.throws(() => openTestKeeper(folder), refusedWith("log_lost"))
  const other = logFolder()
  const second = openTestKeeper(other)
  advance(second.keeper, new TestFeed(), startMs)
  second.close()
  rmSync(filesIn(other).folder, { recursive: true })
  assert.throws(() => openTestKeeper(other), refusedWith("log_keys_unreadable"))
})
