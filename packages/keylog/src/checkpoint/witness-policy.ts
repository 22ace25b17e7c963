// Who must have seen a checkpoint before it counts. Two views of one log are impossible only if any two quorums share an honest
// witness: 2k > n + f for k of n with f dishonest ones. The operator's own never count.

import { equal } from "@nodoor/bytes"
import { type Cosignature, findCosignature } from "./cosignature.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"
import { type PolicyEntry, parseLogEntry } from "../tree/log-entry.ts"
import { type NoteKey, type SignedNote, noteKeyTypes, parseVerifierKey } from "./signed-note.ts"

/** A policy whose keys are read and whose numbers keep what they promise. */
export interface WitnessPolicy {
  readonly quorum: number
  readonly faults: number
  readonly audits: number
  readonly witnesses: readonly NoteKey[]
  readonly operators: readonly NoteKey[]
  readonly auditors: readonly NoteKey[]
}

/** What the cosigners of one checkpoint say, of those that count. */
export interface WitnessStatement {
  /** "solo": the policy names no independent witness; the interface says *not independently witnessed*. */
  readonly tier: "solo" | "witnessed"
  readonly witnesses: readonly Cosignature[]
  readonly auditors: readonly Cosignature[]
  /** The operator's own, for show. */
  readonly operators: readonly Cosignature[]
}

/** Keys of each kind: ten times what a well-witnessed log has. */
const maxPolicyKeys = 64
/** A statement older than this says nothing about today. */
export const cosignatureLifetimeMs: number = 24 * 60 * 60 * 1000
/** How far another's clock may run ahead. */
export const clockSkewMs: number = 5 * 60 * 1000
/** How far ahead the time of an epoch may be (docs/decisions/0012): a log whose clock was once ahead goes on with times that only rise. */
export const maxEpochAheadMs: number = 31 * 24 * 60 * 60 * 1000

/**
 * @throws KeylogError `entry_malformed`, `note_key`, `policy_unsafe` unless quorum and faults keep two views apart,
 * `policy_own_witness` for the log's own key or host among those that count, or a key that would count twice
 */
export function parsePolicy(
  crypto: LogCrypto,
  input: { readonly entry: Uint8Array; readonly origin: string; readonly logKey: Uint8Array },
): WitnessPolicy {
  const entry = parseLogEntry(input.entry)
  rule(entry.kind === "policy", "entry_malformed", "not a policy") // E1
  const witnesses = readKeys(crypto, entry.witnesses)
  const operators = readKeys(crypto, entry.operators)
  const auditors = readKeys(crypto, entry.auditors)
  checkNumbers(entry)
  const host = input.origin.split("/")[0] as string
  const seen: Uint8Array[] = [input.logKey, ...operators.map(({ publicKey }) => publicKey)]
  for (const { name, publicKey } of [...witnesses, ...auditors]) {
    rule(name.split("/")[0] !== host, "policy_own_witness", "a witness under the log's own host") // W2
    rule(!seen.some((key) => equal(key, publicKey)), "policy_own_witness", "one key, two voices") // W2
    seen.push(publicKey)
  }
  const { quorum, faults, audits } = entry
  return { quorum, faults, audits, witnesses, operators, auditors }
}

/**
 * Counts statements of the last 24 h under the policy. `audited` are further notes that auditors signed, each already proven to be
 * of an ancestor of this checkpoint: replaying takes them a moment.
 * @throws KeylogError `witness_stale`, `witness_future` (enough statements but for their time), `witness_quorum`, `audit_missing`
 */
export function judgeCosignatures(
  crypto: LogCrypto,
  input: { readonly note: SignedNote; readonly audited?: readonly SignedNote[]; readonly policy: WitnessPolicy; readonly nowMs: number },
): WitnessStatement {
  const { note, policy, nowMs } = input
  const all = cosignatures(crypto, [note], policy.witnesses)
  const witnesses = all.filter((one) => isFresh(one, nowMs))
  if (witnesses.length < policy.quorum) {
    const notFuture = all.filter(({ timeSeconds }) => timeSeconds * 1000 <= nowMs + clockSkewMs)
    rule(notFuture.length < policy.quorum, "witness_stale", "no quorum within 24 h") // W3
    rule(all.length < policy.quorum, "witness_future", "statements from the future") // W4
    rule(false, "witness_quorum", `${witnesses.length} of ${policy.quorum} witnesses`) // W5
  }
  const auditors = cosignatures(crypto, [note, ...(input.audited ?? [])], policy.auditors).filter((one) => isFresh(one, nowMs))
  rule(auditors.length >= policy.audits, "audit_missing", `${auditors.length} of ${policy.audits} auditors`) // W6
  const operators = cosignatures(crypto, [note], policy.operators).filter((one) => isFresh(one, nowMs))
  return { tier: policy.witnesses.length === 0 ? "solo" : "witnessed", witnesses, auditors, operators }
}

/**
 * Whether a quorum of the policy has cosigned the note, however long ago. Decides over a change of policy, which the witnesses of
 * the policy before must have seen: otherwise an operator drops them and forks in one step.
 */
export function isVouchedFor(
  crypto: LogCrypto,
  { note, policy, nowMs }: { readonly note: SignedNote; readonly policy: WitnessPolicy; readonly nowMs: number },
): boolean {
  const seen = cosignatures(crypto, [note], policy.witnesses).filter(({ timeSeconds }) => timeSeconds * 1000 <= nowMs + clockSkewMs)
  return seen.length >= policy.quorum
}

function isFresh({ timeSeconds }: Cosignature, nowMs: number): boolean {
  const timeMs = timeSeconds * 1000
  return timeMs <= nowMs + clockSkewMs && timeMs >= nowMs - cosignatureLifetimeMs
}

/** The latest good cosignature of each key, over any of the notes: a key has one voice. */
function cosignatures(crypto: LogCrypto, notes: readonly SignedNote[], keys: readonly NoteKey[]): Cosignature[] {
  return keys.flatMap((key) => {
    const own = notes.flatMap((note) => findCosignature(crypto, { note, key }) ?? [])
    return own.sort((a, b) => b.timeSeconds - a.timeSeconds).slice(0, 1)
  })
}

function checkNumbers({ quorum, faults, audits, witnesses, auditors }: PolicyEntry): void {
  const count = witnesses.length
  const safe = count === 0 ? quorum === 0 && faults === 0 : quorum <= count && 2 * quorum > count + faults
  rule(safe, "policy_unsafe", "two quorums without a common honest witness") // W1
  rule(audits <= auditors.length, "policy_unsafe", "more audits than auditors") // W1
}

function readKeys(crypto: LogCrypto, texts: readonly string[]): NoteKey[] {
  rule(texts.length <= maxPolicyKeys, "entry_malformed", "too many keys") // E1
  return texts.map((text) => {
    const key = parseVerifierKey(crypto, text)
    rule(key.type === noteKeyTypes.cosignature, "note_key", "a cosigner's key has type 4") // N2
    return key
  })
}
