import assert from "node:assert/strict"
import { test } from "node:test"
import { appendSignatures, signCosignature } from "./cosignature.ts"
import { nodeLogCrypto as crypto, testOrigin } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { type TestCosigner, TestLog, cosigner } from "../fixtures/test-log.ts"
import { type PolicyEntry, formatLogEntry } from "../tree/log-entry.ts"
import { formatVerifierKey, noteKey, parseNote } from "./signed-note.ts"
import { type WitnessStatement, cosignatureLifetimeMs, judgeCosignatures, parsePolicy } from "./witness-policy.ts"

const witnesses = ["w1", "w2", "w3"].map((name) => cosigner(`${name}.example/witness`))
const [w1, w2, w3] = witnesses as [TestCosigner, TestCosigner, TestCosigner]
const auditor = cosigner("audit.example/a")
const log = new TestLog({ witnesses })
const nowMs = log.timeMs
const logKey = log.logKey.publicKey

function policy(more: Partial<PolicyEntry> = {}): ReturnType<typeof parsePolicy> {
  const keys = witnesses.map(({ key }) => formatVerifierKey(key))
  const entry: PolicyEntry = { kind: "policy", quorum: 2, faults: 0, audits: 0, witnesses: keys, operators: [], auditors: [], ...more }
  return parsePolicy(crypto, { entry: formatLogEntry(entry), origin: testOrigin, logKey })
}

function judge(note: Uint8Array, more: Partial<PolicyEntry> = {}, at: number = nowMs): WitnessStatement {
  return judgeCosignatures(crypto, { note: parseNote(note), policy: policy(more), nowMs: at })
}

test("A quorum of fresh cosignatures counts, and a log without witnesses says that it is solo", () => {
  const statement = judge(log.checkpoint([w1, w3]))
  assert.deepEqual([statement.tier, statement.witnesses.length], ["witnessed", 2])
  assert.equal(judge(log.checkpoint(), { witnesses: [], quorum: 0 }).tier, "solo")
})

test("W1: a policy whose quorums need not share an honest witness is refused", () => {
  for (const more of [{ quorum: 1 }, { quorum: 4 }, { quorum: 0 }, { quorum: 2, faults: 1 }, { quorum: 1, witnesses: [] }, { audits: 1 }]) {
    refuses("policy_unsafe", () => policy(more))
  }
  assert.equal(policy({ quorum: 3, faults: 2 }).faults, 2)
})

test("W2: the operator's own witness never counts, by key, by host or twice", () => {
  const own = cosigner("chat.example/witness")
  const keys = witnesses.map(({ key }) => formatVerifierKey(key))
  refuses("policy_own_witness", () => policy({ witnesses: [...keys, formatVerifierKey(own.key)], quorum: 3 }))
  refuses("policy_own_witness", () => policy({ operators: [keys[0] as string] }))
  refuses("policy_own_witness", () => policy({ witnesses: [...keys, keys[0] as string], quorum: 3 }))
  const renamed = noteKey(crypto, { name: "other.example", type: 4, publicKey: w1.key.publicKey })
  refuses("policy_own_witness", () => policy({ witnesses: [...keys, formatVerifierKey(renamed)], quorum: 3 }))
  const logAsWitness = noteKey(crypto, { name: "other.example", type: 4, publicKey: logKey })
  refuses("policy_own_witness", () => policy({ witnesses: [...keys, formatVerifierKey(logAsWitness)], quorum: 3 }))
  const operator = cosigner("chat.example/own")
  const statement = judge(log.checkpoint([w1, w2, operator]), { operators: [formatVerifierKey(operator.key)] })
  assert.deepEqual([statement.witnesses.length, statement.operators.length], [2, 1])
  refuses("witness_quorum", () => judge(log.checkpoint([w1, operator]), { operators: [formatVerifierKey(operator.key)] }))
})

test("W3: a checkpoint whose cosignatures are older than 24 h is stale", () => {
  const note = log.checkpoint([w1, w2])
  judge(note, {}, nowMs + cosignatureLifetimeMs - 1000)
  refuses("witness_stale", () => judge(note, {}, nowMs + cosignatureLifetimeMs + 1000))
})

test("W4: cosignatures from the future do not count", () => {
  refuses("witness_future", () => judge(log.checkpoint([w1, w2], { timeMs: nowMs + 600_000 })))
  judge(log.checkpoint([w1, w2], { timeMs: nowMs + 60_000 }))
})

test("W5: too few, duplicated, foreign or bad cosignatures make no quorum", () => {
  refuses("witness_quorum", () => judge(log.checkpoint([w1])))
  refuses("witness_quorum", () => judge(log.checkpoint([w1, w1])))
  refuses("witness_quorum", () => judge(log.checkpoint([w1, cosigner("w4.example")])))
  const other = new TestLog({ witnesses })
  other.publish([])
  const { text } = parseNote(other.checkpoint())
  const timeSeconds = Math.floor(nowMs / 1000)
  const elsewhere = signCosignature(crypto, { text, key: w2.key, privateKey: w2.privateKey, timeSeconds })
  refuses("witness_quorum", () => judge(appendSignatures(log.checkpoint([w1]), [elsewhere])))
})

test("W6: a policy that promises an auditor needs its fresh statement, over this checkpoint or an ancestor", () => {
  const more = { audits: 1, auditors: [formatVerifierKey(auditor.key)] }
  const note = log.checkpoint([w1, w2])
  refuses("audit_missing", () => judge(note, more))
  assert.equal(judge(log.checkpoint([w1, w2, auditor]), more).auditors.length, 1)
  const earlier = parseNote(log.checkpoint([auditor]))
  const statement = judgeCosignatures(crypto, { note: parseNote(note), audited: [earlier, earlier], policy: policy(more), nowMs })
  assert.equal(statement.auditors.length, 1)
  const old = parseNote(log.checkpoint([auditor], { timeMs: nowMs - cosignatureLifetimeMs - 1000 }))
  refuses("audit_missing", () => judgeCosignatures(crypto, { note: parseNote(note), audited: [old], policy: policy(more), nowMs }))
})
