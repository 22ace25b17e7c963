import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, equal, toHex } from "@nodoor/bytes"
import { type AuditFinding, Auditor, encodeDelta, maxDeltaRows } from "./auditor.ts"
import { signCheckpoint } from "../checkpoint/checkpoint.ts"
import { type Evidence, formatEvidence, maxEvidenceBytes, parseEvidence, verifyEvidence } from "./evidence.ts"
import { digest, nodeLogCrypto as crypto } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { TestLog, fillerRow } from "../fixtures/test-log.ts"
import { type EpochEntry, type LogEntry, formatLogEntry, parseLogEntry } from "../tree/log-entry.ts"
import { formatVerifierKey } from "../checkpoint/signed-note.ts"
import { consistencyPath } from "../tree/tree-hash.ts"

/** Replays the log as far as it goes. */
function replay(log: TestLog, auditor: Auditor = new Auditor(crypto)): AuditFinding[] {
  const findings: AuditFinding[] = []
  for (const bytes of log.entries.slice(auditor.size)) {
    let delta: Uint8Array | undefined
    const entry = parseLogEntry(bytes)
    if (entry.kind === "epoch") delta = log.deltas[log.epochs.findIndex((epoch) => equal(formatLogEntry(epoch), bytes))]
    findings.push(...auditor.append(bytes, delta))
  }
  return findings
}

const delta = encodeDelta([fillerRow(1), fillerRow(2), fillerRow(3)])

/** What the auditor says to an epoch that differs from the honest one in this. */
function refusesEpoch(code: Parameters<typeof refuses>[0], more: Partial<EpochEntry>, file: Uint8Array | undefined = delta): void {
  const log = new TestLog()
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  const before = [auditor.size, toHex(auditor.root), auditor.keyCount] as const
  log.publishDelta(delta, more)
  refuses(code, () => auditor.append(log.entries.at(-1) as Uint8Array, file))
  assert.deepEqual([auditor.size, toHex(auditor.root), auditor.keyCount], before)
}

test("An auditor replays a log to the same root and count, and may cosign its checkpoint", () => {
  const log = new TestLog()
  log.publishDelta(delta)
  log.noteEntry({ kind: "release", version: "1", manifestHash: digest("m"), effectiveMs: 0, emergency: false })
  log.publishDelta(encodeDelta([fillerRow(9)]))
  const auditor = new Auditor(crypto)
  assert.deepEqual(replay(log, auditor), [])
  assert.equal(auditor.keyCount, 4)
  assert.ok(auditor.verifyCheckpoint(log.checkpoint()).startsWith("chat.example/kt/1\n6\n"))
})

test("D3: a delta that is missing, short, too large or of another hash is refused, and nothing is taken", () => {
  refusesEpoch("delta_hash", {}, delta.subarray(64))
  refusesEpoch("delta_hash", {}, encodeDelta([fillerRow(1), fillerRow(2), fillerRow(4)]))
  refusesEpoch("delta_hash", { deltaCount: 2 })
  refusesEpoch("delta_hash", { deltaHash: digest("other") })
  refusesEpoch("delta_hash", {}, new Uint8Array((maxDeltaRows + 1) * 64))
  const log = new TestLog()
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  log.publishDelta(delta)
  refuses("delta_hash", () => auditor.append(log.entries.at(-1) as Uint8Array))
})

test("D1: a delta that is not sorted is refused although the epoch names it", () => {
  const rows = [delta.subarray(0, 64), delta.subarray(64, 128), delta.subarray(128)]
  const unsorted = concat(rows[1] as Uint8Array, rows[0] as Uint8Array, rows[2] as Uint8Array)
  refusesEpoch("delta_order", { deltaHash: crypto.sha256(unsorted) }, unsorted)
})

test("D2: a key inserted twice or with a changed commitment is refused although the epoch names the delta", () => {
  const log = new TestLog()
  log.publishDelta(delta)
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  const again = encodeDelta([{ ...fillerRow(2), commitment: digest("changed") }])
  log.publishDelta(encodeDelta([fillerRow(5)]), { deltaHash: crypto.sha256(again) })
  refuses("map_key_present", () => auditor.append(log.entries.at(-1) as Uint8Array, again))
})

test("D4: a map root or count that the delta does not make, as after removing a key, is refused", () => {
  refusesEpoch("delta_root", { mapRoot: digest("other") })
  refusesEpoch("delta_root", { keyCount: 2 })
})

test("D5: an epoch that does not name the latest policy, release or notice is refused", () => {
  refusesEpoch("epoch_reference", { policy: { index: 1, hash: digest("another policy") } })
  refusesEpoch("epoch_reference", { release: { index: 1, hash: digest("r") } })
  const log = new TestLog()
  log.noteEntry({ kind: "notice", day: "2026-01-31", slot: digest("slot"), opened: [] })
  log.publishDelta(delta, { notice: undefined })
  refuses("epoch_reference", () => replay(log))
})

test("E5: an epoch that is skipped, repeated, backdated or as old as the one before is refused by the auditor", () => {
  refusesEpoch("epoch_order", { epoch: 2 })
  refusesEpoch("epoch_order", { epoch: 0 })
  refusesEpoch("epoch_order", { timeMs: new TestLog().timeMs })
  refusesEpoch("epoch_order", { timeMs: 1 })
})

test("E6: an epoch that names another one before it is refused by the auditor", () => {
  refusesEpoch("epoch_prev", { prev: digest("x") })
})

test("E3: a second config, another config in an epoch, or a log that begins without one is refused", () => {
  refusesEpoch("config_changed", { configHash: digest("x") })
  const log = new TestLog()
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  refuses("config_changed", () => auditor.append(log.entries[0] as Uint8Array))
  refuses("config_changed", () => new Auditor(crypto).append(log.entries[1] as Uint8Array))
})

test("E1: an auditor fails closed on an entry it does not know", () => {
  const auditor = new Auditor(crypto)
  replay(new TestLog(), auditor)
  refuses("entry_malformed", () => auditor.append(new TextEncoder().encode("kt-backdoor/v1\n")))
})

test("D6: a checkpoint larger than what was replayed, or before anything was, is not signed", () => {
  const log = new TestLog()
  const auditor = new Auditor(crypto)
  refuses("audit_behind", () => auditor.verifyCheckpoint(log.checkpoint()))
  replay(log, auditor)
  log.publishDelta(delta)
  refuses("audit_behind", () => auditor.verifyCheckpoint(log.checkpoint()))
  const longer = new Auditor(crypto)
  replay(log, longer)
  refuses("tree_smaller", () => longer.verifyCheckpoint(log.checkpoint([], { size: 3 })))
})

test("T3: an auditor shown another tree of its size finds the fork", () => {
  const [log, fork] = [new TestLog(), new TestLog()]
  log.publishDelta(delta)
  fork.publishDelta(encodeDelta([fillerRow(7)]))
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  refuses("tree_fork", () => auditor.verifyCheckpoint(fork.checkpoint()))
})

test("E2: an auditor does not sign a checkpoint whose last leaf is no epoch", () => {
  const log = new TestLog()
  log.noteEntry({ kind: "release", version: "1", manifestHash: digest("m"), effectiveMs: 0, emergency: false })
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  refuses("epoch_not_last", () => auditor.verifyCheckpoint(log.checkpoint()))
})

test("D7: after the end of a log comes one epoch and nothing more", () => {
  const log = new TestLog()
  log.append({ kind: "end", timeMs: log.timeMs, successor: undefined })
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  refuses("log_ended", () => auditor.append(log.policyEntry))
  log.publishDelta(delta)
  replay(log, auditor)
  auditor.verifyCheckpoint(log.checkpoint())
  log.publishDelta(encodeDelta([fillerRow(8)]))
  refuses("log_ended", () => replay(log, auditor))
})

test("D8: notices have rising days, and a day without one is a finding", () => {
  const log = new TestLog()
  const notice = (day: string): void => log.noteEntry({ kind: "notice", day, slot: digest(day), opened: [] })
  for (const day of ["2026-01-31", "2026-02-01", "2026-02-03"]) notice(day)
  const auditor = new Auditor(crypto)
  assert.deepEqual(
    replay(log, auditor).map(({ code, index }) => [code, index]),
    [["notice_missing", 5]],
  )
  notice("2026-02-03")
  refuses("notice_day", () => replay(log, auditor))
})

test("D9: a notice that opens an earlier slot to another body, or a slot that was never logged, is refused", () => {
  const body = new TextEncoder().encode('{"id":"1"}')
  const key = digest("slot key")
  const opening = (day: string, text: Uint8Array): TestLog => {
    const log = new TestLog()
    const slot = new Uint8Array(crypto.hmacSha256(key, body))
    log.noteEntry({ kind: "notice", day: "2026-01-31", slot, opened: [] })
    log.noteEntry({ kind: "notice", day: "2026-02-01", slot: digest("random"), opened: [{ day, key, body: text }] })
    return log
  }
  const auditor = new Auditor(crypto)
  replay(opening("2026-01-31", body), auditor)
  assert.equal(auditor.noticeDay, "2026-02-01")
  refuses("notice_opening", () => replay(opening("2026-01-31", new Uint8Array(3))))
  refuses("notice_opening", () => replay(opening("2026-01-30", body)))
})

test("A watched index that appears in a delta is a finding, and one already there is told at once", () => {
  const log = new TestLog()
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  assert.deepEqual(auditor.watch([fillerRow(2).index]), [])
  log.publishDelta(delta)
  assert.deepEqual(
    replay(log, auditor).map(({ code }) => code),
    ["watched_index"],
  )
  assert.equal(auditor.watch([fillerRow(2).index]).length, 1)
})

test("A policy of the log that is unsafe stops the auditor", () => {
  const log = new TestLog()
  const auditor = new Auditor(crypto)
  replay(log, auditor)
  const unsafe: LogEntry = { kind: "policy", quorum: 1, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] }
  refuses("policy_unsafe", () => auditor.append(formatLogEntry(unsafe)))
})

const [log, fork] = [new TestLog(), new TestLog()]
log.publishDelta(delta)
fork.publishDelta(encodeDelta([fillerRow(7)]))
const logKey = formatVerifierKey(log.logKey)
const forkEvidence: Evidence = { kind: "fork", logKey, notes: [log.checkpoint(), fork.checkpoint()] }

function proven(of: TestLog, index: number): { index: number; entry: Uint8Array; inclusion: Uint8Array[] } {
  return { index, entry: of.entries[index] as Uint8Array, inclusion: of.tree.inclusionProof(index) }
}

function backdated(more: Partial<EpochEntry>): Evidence {
  const bad = new TestLog()
  bad.publishDelta(delta)
  bad.publishDelta(encodeDelta([fillerRow(8)]), more)
  return { kind: "epochs", logKey, note: bad.checkpoint(), entries: [proven(bad, 3), proven(bad, 4)] }
}

test("Evidence of a fork, of a missing epoch and of epochs that contradict each other proves itself", () => {
  assert.match(verifyEvidence(crypto, formatEvidence(forkEvidence)).proves, /two different logs of 4 entries/)
  for (const more of [{ epoch: 1 }, { timeMs: 5 }, { configHash: digest("x") }, { keyCount: 1 }]) {
    assert.equal(verifyEvidence(crypto, formatEvidence(backdated(more))).kind, "epochs")
  }
  const stale = new TestLog()
  stale.noteEntry({ kind: "end", timeMs: 1, successor: undefined })
  const noEpoch: Evidence = { kind: "no-epoch", logKey, note: stale.checkpoint(), last: proven(stale, 3) }
  assert.equal(verifyEvidence(crypto, formatEvidence(noEpoch)).kind, "no-epoch")
})

/** The log grown once more, and what shows that it does not begin with the fork, of whatever size. */
function inconsistent(forkRows: number): Extract<Evidence, { readonly kind: "inconsistent" }> {
  const [mine, other] = [new TestLog(), new TestLog()]
  for (let i = 0; i < 6; i++) mine.publishDelta(encodeDelta([fillerRow(i)]))
  for (let i = 0; i < forkRows; i++) other.publishDelta(encodeDelta([fillerRow(20 + i)]))
  const { size } = other.tree
  const proof = consistencyPath({ size, root: mine.tree.root(size) }, mine.tree.consistencyProof({ older: size }))
  const path = proof.map((hash) => new Uint8Array(hash))
  return { kind: "inconsistent", logKey, notes: [other.checkpoint(), mine.checkpoint()], path }
}

test("Evidence that a larger log does not begin with a smaller one proves itself, whatever the smaller one's size", () => {
  for (const forkRows of [1, 2, 4, 5]) {
    const evidence = inconsistent(forkRows)
    assert.deepEqual(parseEvidence(formatEvidence(evidence)), evidence)
    assert.match(verifyEvidence(crypto, formatEvidence(evidence)).proves, /does not begin with the one of/)
  }
})

test("G3: a log that goes on from the smaller one, a foreign path and notes in the wrong order prove no fork", () => {
  const evidence = inconsistent(2)
  const honest = new TestLog()
  honest.publishDelta(encodeDelta([fillerRow(0)]))
  honest.publishDelta(encodeDelta([fillerRow(1)]))
  const grown = { ...evidence, notes: [honest.checkpoint(), evidence.notes[1]] } as Evidence
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(grown)))
  refuses("evidence_proves_nothing", () =>
    verifyEvidence(crypto, formatEvidence({ ...evidence, path: evidence.path.with(0, digest("x")) })),
  )
  refuses("evidence_proves_nothing", () =>
    verifyEvidence(crypto, formatEvidence({ ...evidence, notes: [evidence.notes[1], evidence.notes[0]] })),
  )
  for (const path of [[], evidence.path.slice(1), [...evidence.path, digest("x")]])
    refuses(undefined, () => verifyEvidence(crypto, formatEvidence({ ...evidence, path })))
  const framed = signCheckpoint(crypto, { head: { size: 5, root: digest("x") }, key: log.logKey, privateKey: digest("framed") })
  refuses("note_bad_signature", () => verifyEvidence(crypto, formatEvidence({ ...evidence, notes: [framed, evidence.notes[1]] })))
  const lines = new TextDecoder().decode(formatEvidence(evidence)).split("\n")
  for (const line of ["", "path", "path 0", "path x", `${lines.at(-2) ?? ""} AA==`])
    refuses("evidence_malformed", () => verifyEvidence(crypto, new TextEncoder().encode(lines.with(-2, line).join("\n"))))
})

test("G2: an evidence file has one spelling, and a changed, long or unknown one is refused", () => {
  const file = formatEvidence(forkEvidence)
  assert.deepEqual(parseEvidence(file), forkEvidence)
  refuses("evidence_malformed", () => verifyEvidence(crypto, new Uint8Array(maxEvidenceBytes + 1)))
  refuses("evidence_malformed", () => verifyEvidence(crypto, file.subarray(0, -1)))
  refuses("evidence_malformed", () => verifyEvidence(crypto, new TextEncoder().encode("kt-evidence/v1\nkind other\nkey x\n")))
  const lines = new TextDecoder().decode(formatEvidence(backdated({ epoch: 1 }))).split("\n")
  for (let i = 0; i < lines.length - 1; i++) {
    for (const line of ["", "x", (lines[i] as string).replace(" ", "  "), (lines[i] as string).replace(/^entry [0-9]+/, "entry -1")]) {
      if (line === lines[i]) continue
      refuses(undefined, () => verifyEvidence(crypto, new TextEncoder().encode(lines.with(i, line).join("\n"))))
    }
    const without = lines.filter((_, at) => at !== i).join("\n")
    refuses(undefined, () => verifyEvidence(crypto, new TextEncoder().encode(without)))
  }
  for (let i = 0; i < file.length; i++) refuses(undefined, () => verifyEvidence(crypto, file.with(i, (file[i] as number) ^ 0x01)))
})

test("G3: evidence that proves nothing is refused", () => {
  const same: Evidence = { ...forkEvidence, notes: [log.checkpoint(), log.checkpoint()] } as Evidence
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(same)))
  const sizes: Evidence = { ...forkEvidence, notes: [log.checkpoint(), log.checkpoint([], { size: 3 })] } as Evidence
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(sizes)))
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(backdated({}))))
  const honest: Evidence = { kind: "no-epoch", logKey, note: log.checkpoint(), last: proven(log, 3) }
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(honest)))
  const honestPair = backdated({}) as Evidence & { kind: "epochs" }
  const swapped = { ...honestPair, entries: honestPair.entries.toReversed() } as unknown as Evidence
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(swapped)))
  const noEpochs: Evidence = { kind: "epochs", logKey, note: log.checkpoint(), entries: [proven(log, 0), proven(log, 1)] }
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(noEpochs)))
  const inner: Evidence = { kind: "no-epoch", logKey, note: log.checkpoint(), last: proven(log, 1) }
  refuses("evidence_proves_nothing", () => verifyEvidence(crypto, formatEvidence(inner)))
  const stranger = signCheckpoint(crypto, { head: { size: 4, root: digest("x") }, key: log.logKey, privateKey: digest("framed") })
  refuses("note_bad_signature", () =>
    verifyEvidence(crypto, formatEvidence({ ...forkEvidence, notes: [log.checkpoint(), stranger] } as Evidence)),
  )
})
