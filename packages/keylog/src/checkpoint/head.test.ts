import assert from "node:assert/strict"
import { test } from "node:test"
import { decodeTls, encodeTls, toHex } from "@nodoor/bytes"
import { formatCheckpoint } from "./checkpoint.ts"
import { signCosignature } from "./cosignature.ts"
import { digest, ed25519PublicKey, nodeLogCrypto as crypto, testOrigin } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { type TestCosigner, TestLog, cosigner, fillerRow } from "../fixtures/test-log.ts"
import { encodeDelta } from "../audit/auditor.ts"
import {
  type HeadProof,
  type HeadState,
  decodeHeadState,
  encodeHeadState,
  pinLog,
  readHeadProof,
  verifyHead,
  writeHeadProof,
} from "./head.ts"
import { type RekeyEntry, formatLogEntry, rekeyInput } from "../tree/log-entry.ts"
import { formatNote, parseNote } from "./signed-note.ts"

const day = 86_400_000

function first(log: TestLog): HeadState {
  const proof = log.headProof({ lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined })
  return verifyHead(crypto, { pin: log.pin, stored: undefined, proof, nowMs: log.timeMs }).head
}

function next(log: TestLog, stored: HeadState, more: Partial<HeadProof> = {}): ReturnType<typeof verifyHead> {
  const proof = log.headProof({ lastSize: Math.min(stored.size, log.tree.size), logKey: stored.logKey, knownPolicy: log.policy.hash })
  return verifyHead(crypto, { pin: log.pin, stored, proof: { ...proof, ...more }, nowMs: log.timeMs })
}

const fill = (i: number): Uint8Array => encodeDelta([fillerRow(i)])

test("A head advances from the stored one, again and again, and survives storage", () => {
  const log = new TestLog()
  let stored = first(log)
  for (let i = 0; i < 5; i++) {
    log.publishDelta(fill(i))
    const verified = next(log, stored)
    assert.deepEqual(verified.changes, [])
    stored = decodeHeadState(encodeHeadState(verified.head))
    assert.deepEqual(stored, verified.head)
  }
  assert.deepEqual(next(log, stored).head, stored)
  assert.equal(stored.epoch, 5)
})

test("T2: a checkpoint smaller than the stored one is refused", () => {
  const log = new TestLog()
  const stored = first(log)
  const longer = new TestLog()
  longer.publishDelta(fill(1))
  refuses("tree_smaller", () => next(log, first(longer)))
  assert.equal(stored.size, 3)
})

test("T3: an equal size with a different root is a fork, and so is a larger log that is no continuation", () => {
  const [mine, other] = [new TestLog(), new TestLog()]
  mine.publishDelta(fill(1))
  other.publishDelta(fill(2))
  const stored = first(mine)
  refuses("tree_fork", () => next(other, stored))
  other.publishDelta(fill(3))
  refuses("tree_consistency", () => next(other, stored))
})

test("E2: a fresh checkpoint whose last leaf is no epoch, or an older epoch beside it, is refused", () => {
  const log = new TestLog()
  const epoch = log.entries.at(-1) as Uint8Array
  const index = log.entries.length - 1
  log.noteEntry({ kind: "release", version: "1", manifestHash: digest("m"), effectiveMs: 0, emergency: false })
  refuses("epoch_not_last", () => first(log))
  const proof = log.headProof({ lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined })
  const older = { ...proof, epochEntry: epoch, inclusion: log.tree.inclusionProof(index) }
  refuses("tree_inclusion", () => verifyHead(crypto, { pin: log.pin, stored: undefined, proof: older, nowMs: log.timeMs }))
})

test("E3: an epoch that names another config than the pinned one is refused", () => {
  const log = new TestLog()
  const stored = first(log)
  log.publishDelta(fill(1), { configHash: digest("other config") })
  refuses("config_changed", () => next(log, stored))
})

test("E4: an epoch more than 31 days ahead is refused, and one that is less is not", () => {
  for (const [days, refused] of [
    [30, false],
    [32, true],
  ] as const) {
    const log = new TestLog()
    const stored = first(log)
    const nowMs = log.timeMs
    log.publishDelta(fill(1), { timeMs: nowMs + days * day })
    const advance = (): HeadState => next(Object.assign(log, { timeMs: nowMs }), stored).head
    if (refused) refuses("epoch_future", advance)
    else assert.equal(advance().epochTimeMs, nowMs + days * day)
  }
})

test("E5: an epoch that is backdated, as old as the stored one, repeated, or of a smaller map is refused", () => {
  for (const change of ["timeMs", "epoch", "keyCount"] as const) {
    const log = new TestLog()
    log.publishDelta(fill(0))
    const stored = first(log)
    const value = { timeMs: stored.epochTimeMs, epoch: stored.epoch, keyCount: 0 }[change]
    log.publishDelta(fill(1), { [change]: value })
    refuses("epoch_order", () => next(log, stored))
  }
})

test("E6: an epoch that does not name the stored epoch before it is refused", () => {
  const log = new TestLog()
  const stored = first(log)
  log.publishDelta(fill(1), { prev: digest("another epoch") })
  refuses("epoch_prev", () => next(log, stored))
})

function rekey(
  log: TestLog,
  { oldSeed, newSeed }: { oldSeed: Uint8Array; newSeed: Uint8Array },
  more: Partial<RekeyEntry> = {},
): Uint8Array {
  const content = { origin: testOrigin, oldKey: ed25519PublicKey(oldSeed), newKey: ed25519PublicKey(newSeed), ...more }
  const message = rekeyInput(content)
  const sign = (privateKey: Uint8Array): Uint8Array => new Uint8Array(crypto.signEd25519({ privateKey, message }))
  const entry = log.append({ kind: "rekey", oldSignature: sign(oldSeed), newSignature: sign(newSeed), ...content })
  log.rekeys.push({ index: log.entries.length - 1, entry, oldKey: ed25519PublicKey(oldSeed) })
  return entry
}

test("E7: the log's key changes only by an entry that both keys signed; then the change is told", () => {
  const log = new TestLog()
  const stored = first(log)
  const newSeed = digest("new log key")
  rekey(log, { oldSeed: log.privateKey, newSeed })
  log.privateKey = newSeed
  log.publishDelta(fill(1))
  assert.deepEqual(next(log, stored).changes, ["log key"])
  refuses("note_unsigned", () => next(log, stored, { rekeys: [] }))
  assert.equal(first(log).size, log.tree.size)

  const thief = new TestLog()
  const before = first(thief)
  const stolen = digest("thief")
  rekey(thief, { oldSeed: stolen, newSeed: stolen }, { oldKey: thief.pin.logKey })
  thief.rekeys = thief.rekeys.map((one) => ({ ...one, oldKey: thief.pin.logKey }))
  thief.privateKey = stolen
  thief.publishDelta(fill(1))
  refuses("rekey", () => next(thief, before))
})

test("E7: a rekey from a key that is not in force, or of another log, is refused although both its keys signed", () => {
  const stolen = digest("thief")
  const foreign: [Uint8Array, Partial<RekeyEntry>][] = [
    [stolen, {}],
    [new TestLog().privateKey, { origin: "other.example/kt/1" }],
  ]
  for (const [oldSeed, more] of foreign) {
    const log = new TestLog()
    const stored = first(log)
    rekey(log, { oldSeed, newSeed: stolen }, more)
    log.rekeys = log.rekeys.map((one) => ({ ...one, oldKey: log.pin.logKey }))
    log.privateKey = stolen
    log.publishDelta(fill(1))
    refuses("rekey", () => next(log, stored))
  }
})

test("E7: a rekey that is not in the log is refused", () => {
  const log = new TestLog()
  const stored = first(log)
  const aside = new TestLog()
  const newSeed = digest("new log key")
  rekey(aside, { oldSeed: log.privateKey, newSeed })
  log.privateKey = newSeed
  log.publishDelta(fill(1))
  const [made] = aside.rekeys
  const proof = { index: 3, entry: made?.entry as Uint8Array, inclusion: log.tree.inclusionProof(3) }
  refuses("tree_inclusion", () => next(log, stored, { rekeys: [proof] }))
})

test("W7: a policy entry that the epoch does not name is refused; a change of policy is told", () => {
  const log = new TestLog()
  const stored = first(log)
  const witness = cosigner("w.example")
  log.setPolicy([witness])
  log.publishDelta(fill(1))
  refuses("policy_unknown", () => next(log, stored))
  refuses("policy_unknown", () => next(log, stored, { policyEntry: formatLogEntry(weak) }))
  const verified = next(log, stored, { policyEntry: log.policyEntry, checkpoint: log.checkpoint([witness]) })
  assert.deepEqual(verified.changes, ["policy"])
  assert.equal(verified.statement.witnesses.length, 1)
  refuses("witness_quorum", () => next(log, stored, { policyEntry: log.policyEntry }))
  log.timeMs += 2 * day
  refuses("witness_stale", () =>
    next(log, stored, { policyEntry: log.policyEntry, checkpoint: log.checkpoint([witness], { timeMs: log.timeMs - 2 * day }) }),
  )
})

/** The log's checkpoint of that size, but under another name, and cosigned so. */
function withOrigin(log: TestLog, by: TestCosigner, size: number): Uint8Array {
  const text = formatCheckpoint({ origin: "other.example/kt/1", ...log.tree.head(size) })
  const timeSeconds = Math.floor(log.timeMs / 1000)
  return formatNote({ text, signatures: [signCosignature(crypto, { text, key: by.key, privateKey: by.privateKey, timeSeconds })] })
}

test("W8: a policy that drops the witnesses is refused unless they saw it come, now or when it came", () => {
  const [old, young] = [cosigner("old.example"), cosigner("young.example")]
  const log = new TestLog({ witnesses: [old] })
  const proof = log.headProof({ lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined }, [old])
  const stored = verifyHead(crypto, { pin: log.pin, stored: undefined, proof, nowMs: log.timeMs }).head
  log.setPolicy([young])
  log.publishDelta(fill(1))
  const size = log.tree.size
  const policyEntry = log.policyEntry
  refuses("policy_change", () => next(log, stored, { policyEntry, checkpoint: log.checkpoint([young]) }))
  assert.deepEqual(next(log, stored, { policyEntry, checkpoint: log.checkpoint([old, young]) }).changes, ["policy"])

  const change = {
    note: log.checkpoint([old]),
    epochEntry: log.entries[size - 1] as Uint8Array,
    inclusion: log.tree.inclusionProof(size - 1),
  }
  log.timeMs += 10 * day
  log.setPolicy([])
  log.publishDelta(fill(2))
  const consistency = log.tree.consistencyProof({ older: size })
  const missed = { ...change, policyEntry, consistency }
  const changes = [missed]
  const last = { policyEntry: log.policyEntry, checkpoint: log.checkpoint([young]) }
  assert.equal(next(log, stored, { ...last, policyChanges: changes }).statement.tier, "solo")
  refuses("policy_change", () => next(log, stored, { ...last, policyChanges: [] }))
  refuses("policy_change", () => next(log, stored, { ...last, policyChanges: [{ ...missed, note: log.checkpoint([young], { size }) }] }))
  refuses("policy_change", () => next(log, stored, { policyEntry: log.policyEntry, policyChanges: changes }))
  refuses("policy_unknown", () => next(log, stored, { ...last, policyChanges: [{ ...missed, policyEntry: log.policyEntry }] }))
  refuses("tree_consistency", () => next(log, stored, { ...last, policyChanges: [{ ...missed, consistency: [] }] }))
  const otherLog = { ...missed, note: withOrigin(log, old, size) }
  refuses("wrong_origin", () => next(log, stored, { ...last, policyChanges: [otherLog] }))
  const policyOnly = { inclusion: log.tree.inclusionProof(size - 2, size - 1), epochEntry: policyEntry }
  const noEpoch = { ...missed, ...policyOnly, note: log.checkpoint([old], { size: size - 1 }) }
  const earlier = { ...noEpoch, consistency: log.tree.consistencyProof({ older: size - 1 }) }
  refuses("epoch_not_last", () => next(log, stored, { ...last, policyChanges: [earlier] }))
  const other = { ...missed, epochEntry: log.entries[3] as Uint8Array, inclusion: log.tree.inclusionProof(3, size) }
  refuses("tree_inclusion", () => next(log, stored, { ...last, policyChanges: [other] }))
})

const weak = { kind: "policy", quorum: 0, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] } as const

test("A1: a head stored for another log, or an audit of another log, is refused", () => {
  const log = new TestLog()
  const stored = first(log)
  refuses("wrong_origin", () => next(log, { ...stored, origin: "other.example/kt/1" }))
})

test("V1: a pin whose keys are unfit is refused", () => {
  const entry = { kind: "config", origin: testOrigin, vrfKey: new Uint8Array(32), logKey: digest("k"), resetDelayMs: 0 } as const
  refuses("vrf_key", () => pinLog(crypto, formatLogEntry(entry)))
  refuses("entry_malformed", () => pinLog(crypto, formatLogEntry(weak)))
})

test("An auditor's statement over an ancestor counts, with the proof that it is one", () => {
  const auditor = cosigner("audit.example")
  const log = new TestLog()
  log.setPolicy([], { auditors: [auditor] })
  log.publishDelta(fill(0))
  const note = log.checkpoint([auditor])
  const size = log.tree.size
  log.publishDelta(fill(1))
  const proof = log.headProof({ lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined })
  const verify = (audit: HeadProof["audit"]): unknown =>
    verifyHead(crypto, { pin: log.pin, stored: undefined, proof: { ...proof, audit }, nowMs: log.timeMs })
  verify({ note, consistency: log.tree.consistencyProof({ older: size }) })
  refuses("audit_missing", () => verify(undefined))
  refuses("tree_consistency", () => verify({ note, consistency: [] }))
  const consistency = log.tree.consistencyProof({ older: size })
  refuses("wrong_origin", () => verify({ note: withOrigin(log, auditor, size), consistency }))
})

/** A head with all that can stand in one: a new key, a policy that came meanwhile, an earlier audit, witnesses. */
function fullProof(): { log: TestLog; stored: HeadState; proof: HeadProof } {
  const [old, young, auditor] = [cosigner("old.example"), cosigner("young.example"), cosigner("audit.example")]
  const log = new TestLog({ witnesses: [old] })
  const request = { lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined }
  const proof = log.headProof(request, [old])
  const stored = verifyHead(crypto, { pin: log.pin, stored: undefined, proof, nowMs: log.timeMs }).head
  const newSeed = digest("new log key")
  rekey(log, { oldSeed: log.privateKey, newSeed })
  log.privateKey = newSeed
  log.setPolicy([young], { auditors: [auditor] })
  log.publishDelta(fill(1))
  const size = log.tree.size
  const statement = (by: TestCosigner): Uint8Array => {
    const { text, signatures } = parseNote(log.checkpoint([by]))
    return formatNote({ text, signatures: signatures.filter(({ name }) => name === by.key.name) })
  }
  const change = { note: statement(old), epochEntry: log.entries[size - 1] as Uint8Array, inclusion: log.tree.inclusionProof(size - 1) }
  const note = statement(auditor)
  log.publishDelta(fill(2))
  const consistency = log.tree.consistencyProof({ older: size })
  const base = log.headProof({ lastSize: stored.size, logKey: stored.logKey, knownPolicy: log.policy.hash }, [young])
  const policyChanges = [{ ...change, consistency, policyEntry: log.policyEntry }]
  return { log, stored, proof: { ...base, policyChanges, audit: { note, consistency } } }
}

test("Every flipped bit of a head proof with everything in it is refused with a code", () => {
  const { log, stored, proof } = fullProof()
  const verify = (one: HeadProof): unknown => verifyHead(crypto, { pin: log.pin, stored, proof: one, nowMs: log.timeMs })
  assert.deepEqual((verify(proof) as ReturnType<typeof verifyHead>).changes, ["policy", "log key"])
  const encoded = encodeTls((w) => writeHeadProof(w, proof))
  const again = encodeTls((w) => writeHeadProof(w, decodeTls(encoded, readHeadProof)))
  assert.equal(toHex(again), toHex(encoded))
  for (let i = 0; i < encoded.length; i++) {
    for (const mask of process.env["NODOOR_LONG"] === "1" ? [1, 2, 4, 8, 16, 32, 64, 128] : [1 << (i % 8)]) {
      let read: HeadProof
      try {
        read = decodeTls(encoded.with(i, (encoded[i] as number) ^ mask), readHeadProof)
      } catch {
        continue
      }
      refuses(undefined, () => verify(read))
    }
  }
})
