// The whole lookup of docs/transparency.md ("What a client checks"): head, indices, map, ladder, commitment, chain. Nothing of it is
// believed, and nothing stored, unless all of it holds.

import { bytes, equal, toHex } from "@nodoor/bytes"
import { type VerifiedAccountState, verifyAccountChain, verifyAccountState } from "../account/account-chain.ts"
import { type AccountId, accountLabel, decodeSignedAccountState } from "../account/account-state.ts"
import { binaryLadder, verifyLadder } from "./binary-ladder.ts"
import { verifyCommitment, vrfInput } from "../map/commitment.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { type HandleBinding, decodeHandleBinding, handleLabel, isHandle, verifyHandleBinding } from "../account/handle-binding.ts"
import { type HeadState, type LogPin, type VerifiedHead, verifyHead } from "../checkpoint/head.ts"
import { parse, rule } from "../core/keylog-error.ts"
import { verifyPrefixProof } from "../map/prefix-proof.ts"
import { type LabelAnswer, type SearchRequest, type SearchResponse, decodeSearchResponse } from "./search.ts"
import { checkTokenKey, tokenKeyEpochOf } from "./token-key.ts"
import { verifyVrf } from "../map/vrf.ts"

/** What the device already knows of a label. */
export type KnownLabel =
  | { readonly kind: "account"; readonly account: VerifiedAccountState }
  | { readonly kind: "handle"; readonly version: number; readonly binding: Uint8Array }
  /** An account that was shown as ended, without what vouches for it: it never lives again. */
  | { readonly kind: "ended"; readonly version: number }
  | { readonly kind: "tokenKey"; readonly keyId: Uint8Array }

/** What the log proves of a label. */
export type Lookup =
  | { readonly status: "absent"; readonly label: Uint8Array }
  | {
      readonly status: "account"
      readonly label: Uint8Array
      /** The latest state. */
      readonly account: VerifiedAccountState
      /** The states learned now, oldest first; empty if nothing changed. */
      readonly chain: readonly VerifiedAccountState[]
    }
  /**
   * The account has ended, or a handle's account has, and the log has erased how. Nothing vouches for who ended it: all that follows is
   * that nobody can be reached there. Only the account's own devices can tell whether it was theirs.
   */
  | { readonly status: "ended"; readonly label: Uint8Array; readonly version: number }
  | {
      readonly status: "handle"
      readonly label: Uint8Array
      readonly version: number
      readonly binding: HandleBinding
      /** The encoded binding, to be known next time. */
      readonly encoded: Uint8Array
    }
  /** `keyId`: SHA-256 of the one key for tokens of those days. */
  | { readonly status: "tokenKey"; readonly label: Uint8Array; readonly keyId: Uint8Array }

/** An index of the map, proven once and true for ever: the VRF key never changes. */
export interface LearnedIndex {
  readonly label: Uint8Array
  readonly version: number
  /** 32 bytes. */
  readonly index: Uint8Array
}

export interface SearchVerification {
  readonly pin: LogPin
  /** The origin that the server's accounts sign: `host` or `host:port`. Undefined: the log's own. */
  readonly accountOrigin?: string | undefined
  readonly stored: HeadState | undefined
  readonly request: SearchRequest
  /** The encoded response. */
  readonly response: Uint8Array
  /** By `labelKey(label)`. A label asked for with a known version must be here. */
  readonly known: ReadonlyMap<string, KnownLabel>
  /** Indices learned earlier. */
  readonly indices: IndexReader
  readonly nowMs: number
}

/** Reads the cache of indices. */
export interface IndexReader {
  get(label: Uint8Array, version: number): Uint8Array | undefined
}

export interface VerifiedSearch extends VerifiedHead {
  /** One per label asked for, then one per account that a handle led to. */
  readonly lookups: readonly Lookup[]
  /** To be added to the cache when the head is stored. */
  readonly learned: readonly LearnedIndex[]
}

/**
 * Whether the response answers the request truthfully.
 * @throws KeylogError with the code of the first rule that does not hold; the stored head, known labels and indices stay as they are
 */
export function verifySearch(crypto: LogCrypto, input: SearchVerification): VerifiedSearch {
  const response = parse("search response", () => decodeSearchResponse(input.response))
  const verified = verifyHead(crypto, { pin: input.pin, stored: input.stored, proof: response.head, nowMs: input.nowMs })
  const asked = askedLabels(input.request, response)
  const learned: LearnedIndex[] = []
  const answers = asked.map((label, i) => ({ label, answer: response.answers[i] as LabelAnswer }))
  const steps = answers.map(({ label, answer }) => ladderIndices(crypto, input, label, answer, learned))
  const commitments = verifyPrefixProof(crypto, { root: verified.epoch.mapRoot, indices: steps.flat(), proof: response.prefix })

  let at = 0
  answers.forEach(({ label, answer }, i) => {
    const count = (steps[i] as Uint8Array[]).length
    checkValue(crypto, label, answer, commitments.slice(at, at + count))
    at += count
  })
  const accounts = answers.map(({ label, answer }) => (label[0] === 0x01 ? lookUpAccount(crypto, input, label, answer) : undefined))
  const lookups = answers.map(({ label, answer }, i) => {
    if (tokenKeyEpochOf(label) !== undefined) return lookUpTokenKey(input, label, answer)
    return accounts[i] ?? lookUpHandle(crypto, input, { label, answer, accounts })
  })
  return { ...verified, lookups, learned }
}

/** The key of a label in maps of what is known. */
export function labelKey(label: Uint8Array): string {
  return toHex(label)
}

/** The labels that the answers must be about: those asked for and the accounts of handles among them. */
function askedLabels(request: SearchRequest, { answers }: SearchResponse): Uint8Array[] {
  const labels = request.labels.map(({ label }) => label)
  rule(answers.length >= labels.length, "search_shape", "an answer is missing") // S1
  for (const label of followedLabels(labels, answers)) labels.push(label)
  rule(answers.length === labels.length, "search_shape", "one answer per label") // S1
  return labels
}

/** How many handles the answer tells something new of: all but those that lead to an account that was asked for along with them. */
export function untoldHandles({ labels }: SearchRequest, { answers }: SearchResponse): number {
  const accounts = new Set(labels.filter(({ label }) => label[0] === 0x01).map(({ label }) => labelKey(label)))
  const told = labels.filter(({ label }, i) => {
    const answer = answers[i]
    if (label[0] !== 0x02 || answer?.status !== "present") return false
    return accounts.has(labelKey(accountLabel(parse("handle binding", () => decodeHandleBinding(answer.value)).accountId)))
  })
  return labels.filter(({ label }) => label[0] === 0x02).length - told.length
}

/** The account labels that the answers to handles lead to and that were not asked for, in order, without repetition. */
export function followedLabels(labels: readonly Uint8Array[], answers: readonly LabelAnswer[]): Uint8Array[] {
  const seen = new Set(labels.map(labelKey))
  const out: Uint8Array[] = []
  labels.forEach((label, i) => {
    const answer = answers[i]
    if (label[0] !== 0x02 || answer?.status !== "present") return
    const { accountId } = parse("handle binding", () => decodeHandleBinding(answer.value))
    const followed = accountLabel(accountId)
    if (seen.has(labelKey(followed))) return
    seen.add(labelKey(followed))
    out.push(followed)
  })
  return out
}

function ladderIndices(
  { x25519 }: LogCrypto,
  { pin, indices }: SearchVerification,
  label: Uint8Array,
  answer: LabelAnswer,
  learned: LearnedIndex[],
): Uint8Array[] {
  const ladder = binaryLadder(answer.status === "absent" ? undefined : answer.version)
  rule(answer.vrfProofs.length === ladder.length, "ladder", "one VRF proof per step") // L1
  return ladder.map(({ version }, i) => {
    const cached = indices.get(label, version)
    if (cached) return cached
    const proof = answer.vrfProofs[i] as Uint8Array
    const index = verifyVrf({ publicKey: pin.vrfKey, alpha: vrfInput(label, version), proof, x25519 }).slice(0, 32)
    learned.push({ label, version, index })
    return index
  })
}

/** Presence as the ladder says, and the commitment of the greatest version opening to the value. */
function checkValue(crypto: LogCrypto, label: Uint8Array, answer: LabelAnswer, commitments: readonly (Uint8Array | undefined)[]): void {
  const greatest = answer.status === "absent" ? undefined : answer.version
  verifyLadder(
    greatest,
    commitments.map((found) => found !== undefined),
  )
  const committed = answer.status === "erased" ? answer.tombstone : answer.status === "present" ? answer : undefined
  if (answer.status === "absent" || committed === undefined) return
  const { version } = answer
  const { opening, value } = committed
  const at = binaryLadder(version).findIndex((step) => step.version === version)
  verifyCommitment(crypto, { label, version, opening, value, commitment: commitments[at] as Uint8Array })
}

function lookUpAccount(crypto: LogCrypto, input: SearchVerification, label: Uint8Array, answer: LabelAnswer): Lookup {
  const { known, request } = input
  const origin = input.accountOrigin ?? input.pin.origin
  const before = known.get(labelKey(label))
  const account = before?.kind === "account" ? before.account : undefined
  if (answer.status === "absent") {
    rule(before === undefined, "version_lower", "an account that was there is gone") // S2
    return { status: "absent", label }
  }
  rule(label.length === 17, "label_unknown", "label of no account") // S4
  rule(!account || answer.version >= account.state.version, "version_lower", "an older version of an account") // S2
  rule(before?.kind !== "ended" || answer.version >= before.version, "version_lower", "an older version of an account") // S2
  rule(before?.kind !== "ended" || answer.version === before.version, "account_after_tombstone", "the account had ended") // A6
  if (answer.status === "erased") return lookUpEnd(crypto, { origin, label, answer, account })
  const same = account?.state.version === answer.version
  rule(!same || equal(account.signed, answer.value), "value_changed", "another state of one version") // S3
  const asked = request.labels.find((one) => equal(one.label, label))?.knownVersion
  const previous = asked === undefined ? undefined : account
  rule(asked === previous?.state.version, "search_shape", "asked from a version that is not the known one") // S1
  if (previous && same) {
    rule(answer.states.length === 0, "search_shape", "states of a known version") // S1
    return { status: "account", label, account: previous, chain: [] }
  }
  const accountId: AccountId = bytes(label.slice(1))
  const chain = verifyAccountChain(crypto, { previous, states: [...answer.states, answer.value], origin, accountId })
  const latest = chain.at(-1) as VerifiedAccountState
  rule(latest.state.version === answer.version, "account_version", "the map's version is another") // A3
  if (account && !previous) {
    const again = chain[account.state.version]
    rule(again !== undefined && equal(again.stateHash, account.stateHash), "value_changed", "another history of a known account") // S3
  }
  return { status: "account", label, account: latest, chain }
}

/** An account whose states were erased: its last version must be an end, and follow what is known of it as far as that can be told. */
function lookUpEnd(
  crypto: LogCrypto,
  input: {
    readonly origin: string
    readonly label: Uint8Array
    readonly answer: Extract<LabelAnswer, { readonly status: "erased" }>
    readonly account: VerifiedAccountState | undefined
  },
): Lookup {
  const { origin, label, answer, account } = input
  rule(answer.tombstone !== undefined, "search_shape", "an account's end is shown") // S1
  const { value } = answer.tombstone
  if (account && account.state.version === answer.version) {
    rule(equal(account.signed, value), "value_changed", "another state of one version") // S3
    return { status: "account", label, account, chain: [] }
  }
  const accountId: AccountId = bytes(label.slice(1))
  if (account && account.state.version === answer.version - 1) {
    const ended = verifyAccountState(crypto, { previous: account, next: value, origin, accountId })
    rule(ended.kind === "tombstone", "erased_living", "the states of an account that lives on") // S5
    return { status: "account", label, account: ended, chain: [ended] }
  }
  const { state } = parse("account state", () => decodeSignedAccountState(value))
  rule(state.origin === origin, "wrong_origin", "account state of another log") // A1
  rule(equal(state.accountId, accountId), "wrong_account", "state of another account") // A2
  rule(state.kind === "tombstone", "erased_living", "the states of an account that lives on") // S5
  rule(state.version === answer.version && state.version > 0, "account_version", "the map's version is another") // A3
  rule(state.devices.length === 0 && state.recoveryKey === undefined, "account_no_device", "an erased account has no keys") // A7
  rule(account?.kind !== "tombstone", "account_after_tombstone", "the account was erased") // A6
  rule(!account || state.resetCount >= account.state.resetCount, "account_reset_count", "resets are counted, never uncounted") // A5
  return { status: "ended", label, version: answer.version }
}

function lookUpTokenKey({ known }: SearchVerification, label: Uint8Array, answer: LabelAnswer): Lookup {
  const before = known.get(labelKey(label))
  if (answer.status === "absent") {
    rule(before === undefined, "version_lower", "a key for tokens that was there is gone") // S2
    return { status: "absent", label }
  }
  rule(answer.status === "present" && answer.states.length === 0, "search_shape", "a key for tokens is never erased") // S1
  checkTokenKey(answer)
  if (before?.kind === "tokenKey") rule(equal(before.keyId, answer.value), "value_changed", "another key for the same days") // S3
  return { status: "tokenKey", label, keyId: answer.value }
}

function lookUpHandle(
  crypto: LogCrypto,
  { pin, accountOrigin, known }: SearchVerification,
  input: { readonly label: Uint8Array; readonly answer: LabelAnswer; readonly accounts: readonly (Lookup | undefined)[] },
): Lookup {
  const { label, answer } = input
  const handle = String.fromCharCode(...label.subarray(1))
  rule(label[0] === 0x02 && isHandle(handle) && equal(handleLabel(handle), label), "label_unknown", "label of no handle") // S4
  const before = known.get(labelKey(label))
  if (answer.status === "absent") {
    rule(before === undefined, "version_lower", "a handle that was there is gone") // S2
    return { status: "absent", label }
  }
  if (before?.kind === "handle") rule(answer.version >= before.version, "version_lower", "an older version of a handle") // S2
  if (answer.status === "erased") {
    rule(answer.tombstone === undefined, "search_shape", "a handle has no end of its own") // S1
    return { status: "ended", label, version: answer.version }
  }
  if (before?.kind === "handle") {
    const same = answer.version === before.version
    rule(!same || equal(before.binding, answer.value), "value_changed", "another binding of one version") // S3
  }
  const { accountId } = parse("handle binding", () => decodeHandleBinding(answer.value))
  const target = accountLabel(accountId)
  const found = input.accounts.find((lookup) => lookup?.status === "account" && equal(lookup.label, target))
  rule(found?.status === "account", "handle_account", "the handle's account is not in the map") // H3
  // What was verified once holds after the device that signed it has gone from the account.
  if (before?.kind === "handle" && before.version === answer.version)
    return { status: "handle", label, version: answer.version, binding: decodeHandleBinding(before.binding), encoded: before.binding }
  const old = known.get(labelKey(target))
  const states = [...found.chain, found.account, ...(old?.kind === "account" ? [old.account] : [])]
  const binding = verifyHandleBinding(crypto, { binding: answer.value, origin: accountOrigin ?? pin.origin, handle, states })
  return { status: "handle", label, version: answer.version, binding, encoded: answer.value }
}
