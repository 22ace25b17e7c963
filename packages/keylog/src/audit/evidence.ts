// Proof of an operator's wrongdoing that anybody can check offline: what it signed contradicts itself. Strict line text, so that it
// survives mail and paper.

import { CodecError, equal, fromBase64, fromUtf8, toBase64, toUtf8 } from "@nodoor/bytes"
import { verifyCheckpoint } from "../checkpoint/checkpoint.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { KeylogError, rule } from "../core/keylog-error.ts"
import { type EpochEntry, parseLogEntry } from "../tree/log-entry.ts"
import { maxNoteBytes, noteKeyTypes, parseVerifierKey } from "../checkpoint/signed-note.ts"
import { type TreeHead, leafHash, maxTreeProofHashes, verifyInclusion, walkConsistency } from "../tree/tree-hash.ts"

/** An entry, where it stands, and the path to the root of the note beside it. */
export interface ProvenEntry {
  readonly index: number
  readonly entry: Uint8Array
  readonly inclusion: readonly Uint8Array[]
}

export type Evidence =
  /** Two checkpoints of one size with different roots. */
  | { readonly kind: "fork"; readonly logKey: string; readonly notes: readonly [Uint8Array, Uint8Array] }
  /** Two checkpoints, the smaller first, and the path in the larger tree that shows how it begins: not with the smaller one. */
  | {
      readonly kind: "inconsistent"
      readonly logKey: string
      readonly notes: readonly [Uint8Array, Uint8Array]
      readonly path: readonly Uint8Array[]
    }
  /** A checkpoint whose last entry is no epoch, or none that parses. */
  | { readonly kind: "no-epoch"; readonly logKey: string; readonly note: Uint8Array; readonly last: ProvenEntry }
  /** Two epochs under one checkpoint that cannot follow each other: number, time, config or key count. */
  | { readonly kind: "epochs"; readonly logKey: string; readonly note: Uint8Array; readonly entries: readonly [ProvenEntry, ProvenEntry] }

/** What the evidence proves, in words for people. */
export interface EvidenceVerdict {
  readonly kind: Evidence["kind"]
  readonly origin: string
  readonly proves: string
}

/** Two notes and two entries, or a path, in base64. */
export const maxEvidenceBytes: number = 4 * maxNoteBytes + 4 * 65536

/**
 * Whether the file proves what it claims, under the key it names: compare that key with the one your device pinned.
 * @throws KeylogError `evidence_malformed`, `evidence_proves_nothing`, and as the checks of notes and inclusion proofs
 */
export function verifyEvidence(crypto: LogCrypto, file: Uint8Array): EvidenceVerdict {
  const evidence = parseEvidence(file)
  const key = parseVerifierKey(crypto, evidence.logKey)
  rule(key.type === noteKeyTypes.ed25519, "evidence_malformed", "key of a log") // G2
  const signed = (note: Uint8Array): TreeHead => verifyCheckpoint(crypto, { note, key })
  switch (evidence.kind) {
    case "fork": {
      const [a, b] = [signed(evidence.notes[0]), signed(evidence.notes[1])]
      rule(a.size === b.size && !equal(a.root, b.root), "evidence_proves_nothing", "no fork") // G3
      return { kind: "fork", origin: key.name, proves: `two different logs of ${a.size} entries were signed` }
    }
    case "inconsistent": {
      const [older, newer] = [signed(evidence.notes[0]), signed(evidence.notes[1])]
      rule(older.size < newer.size, "evidence_proves_nothing", "no older tree") // G3
      const shown = walkConsistency(crypto, { older: older.size, newer: newer.size, path: evidence.path })
      rule(equal(shown.newer, newer.root), "evidence_proves_nothing", "a path of another tree") // G3
      rule(!equal(shown.older, older.root), "evidence_proves_nothing", "the newer log begins with the older") // G3
      const proves = `two different logs were signed: the one of ${newer.size} entries does not begin with the one of ${older.size}`
      return { kind: "inconsistent", origin: key.name, proves }
    }
    case "no-epoch": {
      const head = signed(evidence.note)
      rule(evidence.last.index === head.size - 1, "evidence_proves_nothing", "not the last entry") // G3
      provenEpoch(crypto, head, evidence.last)
      rule(epochOrUndefined(evidence.last.entry) === undefined, "evidence_proves_nothing", "the last entry is an epoch") // G3
      return { kind: "no-epoch", origin: key.name, proves: `a checkpoint of ${head.size} entries was signed whose last entry is no epoch` }
    }
    case "epochs": {
      const head = signed(evidence.note)
      const [first, second] = evidence.entries.map((one) => provenEpoch(crypto, head, one))
      rule(evidence.entries[0].index < evidence.entries[1].index, "evidence_proves_nothing", "entries in order") // G3
      rule(first !== undefined && second !== undefined, "evidence_proves_nothing", "two epochs") // G3
      const why = contradiction(first, second)
      rule(why !== undefined, "evidence_proves_nothing", "epochs that may follow each other") // G3
      return { kind: "epochs", origin: key.name, proves: why }
    }
  }
}

/** The evidence as a file. */
export function formatEvidence(evidence: Evidence): Uint8Array {
  const lines = ["kt-evidence/v1", `kind ${evidence.kind}`, `key ${evidence.logKey}`]
  const entryLine = ({ index, entry, inclusion }: ProvenEntry): string =>
    ["entry", index, toBase64(entry), inclusion.length, ...inclusion.map(toBase64)].join(" ")
  if (evidence.kind === "fork" || evidence.kind === "inconsistent") lines.push(...evidence.notes.map((note) => `note ${toBase64(note)}`))
  else lines.push(`note ${toBase64(evidence.note)}`)
  if (evidence.kind === "inconsistent") lines.push(["path", evidence.path.length, ...evidence.path.map(toBase64)].join(" "))
  if (evidence.kind === "no-epoch") lines.push(entryLine(evidence.last))
  if (evidence.kind === "epochs") lines.push(...evidence.entries.map(entryLine))
  return toUtf8(`${lines.join("\n")}\n`)
}

/** @throws KeylogError `evidence_malformed` */
export function parseEvidence(file: Uint8Array): Evidence {
  rule(file.length <= maxEvidenceBytes, "evidence_malformed", "too long") // G2
  let evidence: Evidence
  try {
    evidence = readEvidence(fromUtf8(file).split("\n"))
  } catch (error) {
    if (error instanceof CodecError) throw new KeylogError("evidence_malformed", error.message, { cause: error }) // G2
    throw error
  }
  rule(equal(formatEvidence(evidence), file), "evidence_malformed", "another spelling") // G2
  return evidence
}

function readEvidence(lines: readonly string[]): Evidence {
  const [first, kindLine, keyLine = "", ...rest] = lines
  rule(first === "kt-evidence/v1" && keyLine.startsWith("key "), "evidence_malformed", "first lines") // G2
  const logKey = keyLine.slice(4)
  const note = (line: string | undefined): Uint8Array => {
    rule(line?.startsWith("note ") === true, "evidence_malformed", "note") // G2
    return fromBase64(line.slice(5))
  }
  switch (kindLine) {
    case "kind fork":
      return { kind: "fork", logKey, notes: [note(rest[0]), note(rest[1])] }
    case "kind inconsistent":
      return { kind: "inconsistent", logKey, notes: [note(rest[0]), note(rest[1])], path: readPath(rest[2]) }
    case "kind no-epoch":
      return { kind: "no-epoch", logKey, note: note(rest[0]), last: readEntry(rest[1]) }
    case "kind epochs":
      return { kind: "epochs", logKey, note: note(rest[0]), entries: [readEntry(rest[1]), readEntry(rest[2])] }
    default:
      throw new KeylogError("evidence_malformed", "unknown kind") // G2
  }
}

function readEntry(line: string | undefined): ProvenEntry {
  const [name, index = "", entry = "", count = "", ...hashes] = (line ?? "").split(" ")
  const numbers = /^(?:0|[1-9][0-9]{0,15}) (?:0|[1-9][0-9]?)$/.test(`${index} ${count}`)
  rule(name === "entry" && numbers && Number.isSafeInteger(Number(index)), "evidence_malformed", "entry") // G2
  return { index: Number(index), entry: fromBase64(entry), inclusion: readHashes(count, hashes) }
}

function readPath(line: string | undefined): Uint8Array[] {
  const [name, count = "", ...hashes] = (line ?? "").split(" ")
  rule(name === "path" && /^[1-9][0-9]?$/.test(count), "evidence_malformed", "path") // G2
  return readHashes(count, hashes)
}

function readHashes(count: string, encoded: readonly string[]): Uint8Array[] {
  rule(encoded.length === Number(count) && encoded.length <= maxTreeProofHashes, "evidence_malformed", "number of hashes") // G2
  const hashes = encoded.map((hash) => fromBase64(hash))
  rule(
    hashes.every((hash) => hash.length === 32),
    "evidence_malformed",
    "hash",
  ) // G2
  return hashes
}

function provenEpoch(crypto: LogCrypto, head: TreeHead, { index, entry, inclusion }: ProvenEntry): EpochEntry | undefined {
  verifyInclusion(crypto, { index, leaf: leafHash(crypto, entry), head, proof: inclusion })
  return epochOrUndefined(entry)
}

function epochOrUndefined(bytes: Uint8Array): EpochEntry | undefined {
  try {
    const entry = parseLogEntry(bytes)
    return entry.kind === "epoch" ? entry : undefined
  } catch (error) {
    if (error instanceof KeylogError) return undefined
    throw error
  }
}

function contradiction(first: EpochEntry, second: EpochEntry): string | undefined {
  if (second.epoch <= first.epoch) return `epoch ${second.epoch} stands after epoch ${first.epoch}`
  if (second.timeMs <= first.timeMs) return `epoch ${second.epoch} is not later than epoch ${first.epoch}`
  if (!equal(first.configHash, second.configHash)) return "two epochs name two configs"
  if (second.keyCount < first.keyCount) return `the map lost keys between epochs ${first.epoch} and ${second.epoch}`
  return undefined
}
