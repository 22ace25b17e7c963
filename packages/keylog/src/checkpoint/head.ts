// The head of the log as one device believes it: what is stored, what the server sends to advance it, and the check between.

import { CodecError, type TlsReader, type TlsWriter, concat, decodeTls, encodeTls, equal, toUtf8 } from "@nodoor/bytes"
import { type VerifiedCheckpoint, parseCheckpoint, verifyCheckpoint } from "./checkpoint.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { parse, rule } from "../core/keylog-error.ts"
import { type ConfigEntry, type EpochEntry, parseLogEntry, rekeyInput } from "../tree/log-entry.ts"
import { isFitPublicKey } from "../core/public-key.ts"
import { type NoteKey, type SignedNote, maxNoteBytes, noteKey, noteKeyTypes, parseNote } from "./signed-note.ts"
import { type TreeHead, leafHash, maxTreeProofHashes, verifyConsistency, verifyInclusion } from "../tree/tree-hash.ts"
import {
  type WitnessPolicy,
  type WitnessStatement,
  isVouchedFor,
  judgeCosignatures,
  maxEpochAheadMs,
  parsePolicy,
} from "./witness-policy.ts"

/** What a device is told once about a log and never lets change. Made by `pinLog`. */
export interface LogPin extends Omit<ConfigEntry, "kind"> {
  /** SHA-256 of the config entry. */
  readonly configHash: Uint8Array
}

/** The last head that passed every check; goes to storage as it is (`encodeHeadState`). */
export interface HeadState extends TreeHead {
  readonly origin: string
  /** The key that signs now; differs from the pin's after a rekey. */
  readonly logKey: Uint8Array
  readonly epoch: number
  readonly epochTimeMs: number
  /** SHA-256 of the epoch entry. */
  readonly epochHash: Uint8Array
  readonly mapRoot: Uint8Array
  readonly keyCount: number
  /** The policy entry in force. */
  readonly policyEntry: Uint8Array
  /** The signed note, kept as evidence. */
  readonly note: Uint8Array
}

/** Everything the server sends about its head. */
export interface HeadProof {
  readonly checkpoint: Uint8Array
  /** From the size the client named to this one. */
  readonly consistency: readonly Uint8Array[]
  /** Entry `size - 1`. */
  readonly epochEntry: Uint8Array
  readonly inclusion: readonly Uint8Array[]
  /** Unless the client named its hash. */
  readonly policyEntry: Uint8Array | undefined
  /** The rekey entries between the client's key and the one that signs, oldest first. */
  readonly rekeys: readonly { readonly index: number; readonly entry: Uint8Array; readonly inclusion: readonly Uint8Array[] }[]
  /** The changes of policy that the client has missed, oldest first, but for one that this checkpoint itself is cosigned for. */
  readonly policyChanges?: readonly PolicyChange[] | undefined
  /** An earlier checkpoint that auditors cosigned, and the proof that this one grew out of it. */
  readonly audit: { readonly note: Uint8Array; readonly consistency: readonly Uint8Array[] } | undefined
}

/** The checkpoint with which a policy came into force, cosigned by a quorum of the policy before. */
export interface PolicyChange {
  readonly note: Uint8Array
  /** From this checkpoint to the head. */
  readonly consistency: readonly Uint8Array[]
  /** Its last entry, which names the new policy. */
  readonly epochEntry: Uint8Array
  readonly inclusion: readonly Uint8Array[]
  readonly policyEntry: Uint8Array
}

export interface VerifiedHead {
  /** To be stored, after everything that came with it was checked too. */
  readonly head: HeadState
  readonly epoch: EpochEntry
  readonly statement: WitnessStatement
  /** What differs from the stored head and people may want to hear of. */
  readonly changes: readonly ("policy" | "log key")[]
}

export interface HeadVerification {
  readonly pin: LogPin
  /** The stored head; undefined the first time. */
  readonly stored: HeadState | undefined
  readonly proof: HeadProof
  readonly nowMs: number
}

/** Rekeys or changes of policy shown at once; both happen once in years. */
export const maxHeadChanges = 16

/** Reads the config entry that a device pins. @throws KeylogError `entry_malformed`, `vrf_key` */
export function pinLog(crypto: LogCrypto, configEntry: Uint8Array): LogPin {
  const entry = parseLogEntry(configEntry)
  rule(entry.kind === "config", "entry_malformed", "not a config") // E1
  rule(isFitPublicKey(entry.vrfKey) && isFitPublicKey(entry.logKey), "vrf_key", "key of the log") // V1
  const { origin, vrfKey, logKey, resetDelayMs } = entry
  return { origin, vrfKey, logKey, resetDelayMs, configHash: new Uint8Array(crypto.sha256(configEntry)) }
}

/**
 * Whether the head is this log's, grew out of the stored one, is witnessed, and ends in a sound epoch of the map.
 * @throws KeylogError with the code of the rule it breaks; then the stored head stays
 */
export function verifyHead(crypto: LogCrypto, { pin, stored, proof, nowMs }: HeadVerification): VerifiedHead {
  rule(stored === undefined || stored.origin === pin.origin, "wrong_origin", "stored head of another log") // A1
  const key = followRekeys(crypto, pin, stored?.logKey ?? pin.logKey, proof)
  const checkpoint = verifyCheckpoint(crypto, { note: proof.checkpoint, key })
  if (stored) verifyConsistency(crypto, { older: stored, newer: checkpoint, proof: proof.consistency })
  else rule(proof.consistency.length === 0, "tree_consistency", "nothing to be consistent with") // T4
  proof.rekeys.forEach(({ index, entry, inclusion }) => {
    verifyInclusion(crypto, { index, leaf: leafHash(crypto, entry), head: checkpoint, proof: inclusion })
  })
  rule(checkpoint.size > 0, "epoch_not_last", "a log without an epoch") // E2
  const leaf = leafHash(crypto, proof.epochEntry)
  verifyInclusion(crypto, { index: checkpoint.size - 1, leaf, head: checkpoint, proof: proof.inclusion })
  const epoch = parseLogEntry(proof.epochEntry)
  rule(epoch.kind === "epoch", "epoch_not_last", "the last entry is no epoch") // E2
  const epochHash = new Uint8Array(crypto.sha256(proof.epochEntry))
  rule(equal(epoch.configHash, pin.configHash), "config_changed", "not the pinned config") // E3
  checkTime(stored, { checkpoint, epoch, nowMs })

  const policyEntry = policyInForce(crypto, { pin, stored, proof, nowMs }, { checkpoint, epoch })
  const policy = parsePolicy(crypto, { entry: policyEntry, origin: pin.origin, logKey: key.publicKey })
  const audited = auditedNotes(crypto, { proof, origin: pin.origin, checkpoint })
  const statement = judgeCosignatures(crypto, { note: checkpoint.note, audited, policy, nowMs })

  const changes: ("policy" | "log key")[] = []
  if (stored && !equal(stored.policyEntry, policyEntry)) changes.push("policy")
  if (stored && !equal(stored.logKey, key.publicKey)) changes.push("log key")
  const head: HeadState = {
    origin: pin.origin,
    size: checkpoint.size,
    root: checkpoint.root,
    logKey: key.publicKey,
    epoch: epoch.epoch,
    epochTimeMs: epoch.timeMs,
    epochHash,
    mapRoot: epoch.mapRoot,
    keyCount: epoch.keyCount,
    policyEntry: policyEntry.slice(),
    note: proof.checkpoint.slice(),
  }
  return { head, epoch, statement, changes }
}

/** The policy of a stored head, as verified with it. */
export function headPolicy(crypto: LogCrypto, head: HeadState): WitnessPolicy {
  return parsePolicy(crypto, { entry: head.policyEntry, origin: head.origin, logKey: head.logKey })
}

/** Whether both keys signed the change. @throws KeylogError `rekey` */
export function verifyRekey(
  crypto: LogCrypto,
  input: { readonly entry: Uint8Array; readonly origin: string; readonly logKey: Uint8Array },
): Uint8Array {
  const entry = parseLogEntry(input.entry)
  rule(entry.kind === "rekey" && entry.origin === input.origin, "rekey", "not a rekey of this log") // E7
  rule(equal(entry.oldKey, input.logKey) && isFitPublicKey(entry.newKey), "rekey", "not from the key in force") // E7
  const message = rekeyInput(entry)
  const byOld = crypto.verifyEd25519({ publicKey: entry.oldKey, message, signature: entry.oldSignature })
  const byNew = crypto.verifyEd25519({ publicKey: entry.newKey, message, signature: entry.newSignature })
  rule(byOld && byNew, "rekey", "signatures") // E7
  return entry.newKey
}

function followRekeys(crypto: LogCrypto, { origin }: LogPin, from: Uint8Array, { rekeys }: HeadProof): NoteKey {
  let publicKey = from
  for (const { entry } of rekeys) publicKey = verifyRekey(crypto, { entry, origin, logKey: publicKey })
  return noteKey(crypto, { name: origin, type: noteKeyTypes.ed25519, publicKey })
}

function checkTime(
  stored: HeadState | undefined,
  { checkpoint, epoch, nowMs }: { readonly checkpoint: TreeHead; readonly epoch: EpochEntry; readonly nowMs: number },
): void {
  rule(epoch.timeMs <= nowMs + maxEpochAheadMs, "epoch_future", "time of the epoch") // E4
  if (!stored || stored.size === checkpoint.size) return
  rule(epoch.epoch > stored.epoch && epoch.timeMs > stored.epochTimeMs, "epoch_order", "epochs and their times rise") // E5
  rule(epoch.keyCount >= stored.keyCount, "epoch_order", "the map shrank") // E5
  const next = epoch.epoch === stored.epoch + 1
  rule(!next || equal(epoch.prev, stored.epochHash), "epoch_prev", "not the epoch after the stored one") // E6
}

/** The policy entry that the epoch names. What the device has stored is left only by steps that a quorum of each policy saw. */
function policyInForce(
  crypto: LogCrypto,
  { pin, stored, proof, nowMs }: HeadVerification,
  { checkpoint, epoch }: { readonly checkpoint: VerifiedCheckpoint; readonly epoch: EpochEntry },
): Uint8Array {
  let current = stored?.policyEntry
  const vouched = (note: SignedNote): boolean => {
    if (!current || !stored) return true
    const policy = parsePolicy(crypto, { entry: current, origin: pin.origin, logKey: stored.logKey })
    return isVouchedFor(crypto, { note, policy, nowMs })
  }
  for (const change of proof.policyChanges ?? []) {
    const note = parseNote(change.note)
    const at = parseCheckpoint(note.text)
    rule(at.origin === pin.origin, "wrong_origin", "change of policy of another log") // A1
    verifyConsistency(crypto, { older: at, newer: checkpoint, proof: change.consistency })
    verifyInclusion(crypto, { index: at.size - 1, leaf: leafHash(crypto, change.epochEntry), head: at, proof: change.inclusion })
    const changed = parseLogEntry(change.epochEntry)
    rule(changed.kind === "epoch", "epoch_not_last", "the last entry is no epoch") // E2
    rule(equal(crypto.sha256(change.policyEntry), changed.policy.hash), "policy_unknown", "policy of the epoch") // W7
    rule(vouched(note), "policy_change", "the policy before did not see its end") // W8
    current = change.policyEntry
  }
  const named = (entry: Uint8Array): boolean => equal(crypto.sha256(entry), epoch.policy.hash)
  const next = proof.policyEntry
  rule(next === undefined || named(next), "policy_unknown", "policy of the epoch") // W7
  if (current && named(current)) return current
  rule(next !== undefined, "policy_unknown", "policy of the epoch") // W7
  rule(vouched(checkpoint.note), "policy_change", "the policy before did not see its end") // W8
  return next
}

/** The auditors' earlier note, proven to be of an ancestor. Its signature by the log is not asked for: that key may have changed since. */
function auditedNotes(
  crypto: LogCrypto,
  { proof, origin, checkpoint }: { readonly proof: HeadProof; readonly origin: string; readonly checkpoint: TreeHead },
): SignedNote[] {
  if (!proof.audit) return []
  const note = parseNote(proof.audit.note)
  const older = parseCheckpoint(note.text)
  rule(older.origin === origin, "wrong_origin", "audit of another log") // A1
  verifyConsistency(crypto, { older, newer: checkpoint, proof: proof.audit.consistency })
  return [note]
}

/** `struct { checkpoint<2>; consistency<2>; epoch_entry<2>; inclusion<2>; optional policy_entry<2>; rekeys; policy_changes; optional audit; }` */
export function writeHeadProof(w: TlsWriter, proof: HeadProof): void {
  w.prefixed(2, proof.checkpoint).prefixed(2, concat(...proof.consistency))
  w.prefixed(2, proof.epochEntry).prefixed(2, concat(...proof.inclusion))
  w.optional(proof.policyEntry, (inner, entry) => inner.prefixed(2, entry))
  w.u8(proof.rekeys.length)
  for (const { index, entry, inclusion } of proof.rekeys) {
    w.u64(BigInt(index))
      .prefixed(2, entry)
      .prefixed(2, concat(...inclusion))
  }
  w.u8(proof.policyChanges?.length ?? 0)
  for (const change of proof.policyChanges ?? []) {
    w.prefixed(2, change.note).prefixed(2, concat(...change.consistency))
    w.prefixed(2, change.epochEntry).prefixed(2, concat(...change.inclusion))
    w.prefixed(2, change.policyEntry)
  }
  w.optional(proof.audit, (inner, audit) => inner.prefixed(2, audit.note).prefixed(2, concat(...audit.consistency)))
}

/** @throws CodecError */
export function readHeadProof(r: TlsReader): HeadProof {
  const checkpoint = r.prefixed(2, maxNoteBytes).slice()
  const consistency = readHashes(r)
  const epochEntry = r.prefixed(2).slice()
  const inclusion = readHashes(r)
  const policyEntry = r.optional((inner) => inner.prefixed(2).slice())
  const rekeyCount = r.u8()
  if (rekeyCount > maxHeadChanges) throw new CodecError("oversized", "rekeys")
  const rekeys = Array.from({ length: rekeyCount }, () => ({
    index: readSize(r),
    entry: r.prefixed(2).slice(),
    inclusion: readHashes(r),
  }))
  const changeCount = r.u8()
  if (changeCount > maxHeadChanges) throw new CodecError("oversized", "changes of policy")
  const policyChanges = Array.from({ length: changeCount }, () => ({
    note: r.prefixed(2, maxNoteBytes).slice(),
    consistency: readHashes(r),
    epochEntry: r.prefixed(2).slice(),
    inclusion: readHashes(r),
    policyEntry: r.prefixed(2).slice(),
  }))
  const audit = r.optional((inner) => ({ note: inner.prefixed(2, maxNoteBytes).slice(), consistency: readHashes(inner) }))
  return { checkpoint, consistency, epochEntry, inclusion, policyEntry, rekeys, policyChanges, audit }
}

/** Bytes of a head for the device's own storage. */
export function encodeHeadState(head: HeadState): Uint8Array {
  return encodeTls((w) => {
    w.prefixed(1, toUtf8(head.origin)).u64(BigInt(head.size)).raw(head.root).raw(head.logKey)
    w.u64(BigInt(head.epoch)).u64(BigInt(head.epochTimeMs)).raw(head.epochHash)
    w.raw(head.mapRoot).u64(BigInt(head.keyCount))
    w.prefixed(2, head.policyEntry).prefixed(2, head.note)
  })
}

/** Reads back what `encodeHeadState` wrote, from trusted storage. @throws KeylogError `malformed` */
export function decodeHeadState(stored: Uint8Array): HeadState {
  return parse("stored head", () =>
    decodeTls(stored, (r) => ({
      origin: String.fromCharCode(...r.prefixed(1)),
      size: readSize(r),
      root: r.raw(32).slice(),
      logKey: r.raw(32).slice(),
      epoch: readSize(r),
      epochTimeMs: readSize(r),
      epochHash: r.raw(32).slice(),
      mapRoot: r.raw(32).slice(),
      keyCount: readSize(r),
      policyEntry: r.prefixed(2).slice(),
      note: r.prefixed(2).slice(),
    })),
  )
}

/** A uint64 that must be a safe integer. @throws CodecError */
export function readSize(r: TlsReader): number {
  const value = r.u64()
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new CodecError("invalid_value", "number above 2^53")
  return Number(value)
}

function readHashes(r: TlsReader): Uint8Array[] {
  const all = r.prefixed(2, maxTreeProofHashes * 32)
  if (all.length % 32 !== 0) throw new CodecError("invalid_value", "half a hash")
  return Array.from({ length: all.length / 32 }, (_, i) => all.slice(32 * i, 32 * i + 32))
}
