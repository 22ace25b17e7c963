// What is wrong with a commit by bytes and by what all members share, so that every member finds the same. Only that is a ground against the
// seat that signed it. What one receiver alone may see, such as a wrong secret for it, accuses nobody.

import { CodecError, compare, equal } from "@nodoor/bytes"
import {
  type Environment,
  type GroupState,
  MlsError,
  type MlsErrorCode,
  type Processed,
  type StagedCommit,
  applyCommit,
  process,
} from "@nodoor/mls"
import { type CommitDetails, type SeatKeys, commitSignatureInput } from "@nodoor/wire/delivery"
import type { Seat } from "../../store/group/seats.ts"
import { deliveryKey } from "../delivery-key.ts"
import { type PolicyRule, checkCommit } from "../policy/policy-check.ts"
import { type SeatRule, judgeSeats } from "../seat/seat-check.ts"
import { decodeAddedSeats, seatsType } from "../seat/seat-list.ts"
import { type ParsedGroup, parsedCommit } from "../commit/parsed-commit.ts"

/** `unsigned`: no seat of the group signed it as it was delivered, so it says nothing about anybody but the server. */
export type Unattributed = { readonly status: "unsigned" } | { readonly status: "alone"; readonly code: MlsErrorCode }

export type GroundCode =
  | MlsErrorCode
  | CodecError["code"]
  | PolicyRule
  | SeatRule
  | "not_a_commit"
  | "other_seat"
  | "adds"
  | "removes"
  | "next_key"
  | "malformed"

/** What is wrong by the key log, so that the others find it once they have asked there. */
export type LogCode = "P9" | "removed_device" | "removed_device_unclear" | "origin" | "unknown_device" | "unknown_own_device"

export type OpenedCommit =
  | Unattributed
  /** The seat that signed it is to blame, whoever holds its key. */
  | { readonly status: "ground"; readonly code: GroundCode }
  | { readonly status: "opened"; readonly processed: Extract<Processed, { readonly kind: "commit" }>; readonly seats: readonly Seat[] }

/** What of a group every member has in the epoch of the commit. */
export interface SharedGroup {
  readonly state: GroupState
  readonly seats: readonly Seat[]
}

/** These may be one member's alone: they depend on what was encrypted to it, or on what it has kept. */
const alone: ReadonlySet<MlsErrorCode> = new Set<MlsErrorCode>([
  "path_decryption",
  "path_key",
  "confirmation_tag",
  "unknown_proposal",
  "generation_consumed",
  "generation_too_far",
  "group_inactive",
  "broken_records",
])

/** A commit in this device's name is somebody's forgery if another seat signed it: the others see a signature that does not verify. */
function isAlone(code: MlsErrorCode, { own }: { readonly own: boolean }): boolean {
  return code === "own_message" ? own : alone.has(code)
}

/**
 * Opens a commit and checks all that every member can check. Rules that depend on the key log are for `judgeCommit`. Throws nothing for what
 * peers and servers send.
 */
export function openCommit(env: Environment, { state, seats }: SharedGroup, details: CommitDetails): OpenedCommit {
  // This device missed commits.
  if (BigInt(details.epoch) !== state.epoch) return { status: "alone", code: "wrong_epoch" }
  const signer = seats.find(({ seat }) => equal(seat, details.seat))
  if (!signer || !isSigned(env, state, { details, publicKey: signer.publicKey })) return { status: "unsigned" }
  let processed: Processed
  try {
    processed = process(env, state, details.commit)
  } catch (error) {
    if (error instanceof MlsError && isAlone(error.code, { own: signer.leafIndex === state.ownLeafIndex }))
      return { status: "alone", code: error.code }
    if (error instanceof MlsError || error instanceof CodecError) return { status: "ground", code: error.code }
    throw error
  }
  if (processed.kind !== "commit") return { status: "ground", code: "not_a_commit" }
  const { staged } = processed
  if (signer.leafIndex !== staged.committer) return { status: "ground", code: "other_seat" }
  const after = judgeSeats(seats, staged)
  if (after.status === "broken") return { status: "ground", code: after.rule }
  const code = brokenRule({ state, seats, crypto: env.crypto }, staged) ?? mismatch(env, { state, seats }, { details, staged })
  return code === undefined ? { status: "opened", processed, seats: after.seats } : { status: "ground", code }
}

/** Whether the seat's key signed the commit as it was delivered: with these adds, removes and hashes, in this epoch. */
export function isSigned(
  { crypto }: Environment,
  { groupId }: GroupState,
  { details, publicKey }: { readonly details: CommitDetails; readonly publicKey: Uint8Array },
): boolean {
  const { seat, adds, removes, nextKeyHash, infoHash, signature, commit } = details
  const statement = { groupId, epoch: details.epoch, seat, commitHash: crypto.sha256(commit), infoHash, adds, removes, nextKeyHash }
  return crypto.verifyEd25519({ publicKey, message: commitSignatureInput(statement), signature })
}

/** A rule of the policy that is broken whatever the key log says. A removal may have a reason there, so P9 is not one. */
function brokenRule(group: ParsedGroup, staged: StagedCommit): PolicyRule | "malformed" | undefined {
  try {
    return checkCommit({ ...parsedCommit(group, staged).check, isRevoked: () => true })
  } catch (error) {
    if (error instanceof CodecError) return "malformed"
    throw error
  }
}

/** What the committer told the server and what it told the members must be the same. */
function mismatch(
  env: Environment,
  { state, seats }: SharedGroup,
  { details, staged }: { readonly details: CommitDetails; readonly staged: StagedCommit },
): "adds" | "removes" | "next_key" | undefined {
  const added = staged.privateUse.flatMap(({ type, data }) => (type === seatsType ? decodeAddedSeats(data) : []))
  const sameAdds =
    added.length === details.adds.length &&
    added.every(({ seat, publicKey }) => details.adds.some((add: SeatKeys) => equal(add.seat, seat) && equal(add.publicKey, publicKey)))
  if (!sameAdds) return "adds"
  const gone = new Set(staged.removed.map(({ leafIndex }) => leafIndex))
  const removed = seats.filter(({ leafIndex }) => gone.has(leafIndex)).map(({ seat }) => seat)
  if (!sameBytes(removed, details.removes)) return "removes"
  // Who is removed does not learn the next epoch.
  if (staged.removesOwn || staged.reinit !== undefined) return undefined
  const next = deliveryKey(env, applyCommit(env, state, staged).state)
  return equal(env.crypto.sha256(next), details.nextKeyHash) ? undefined : "next_key"
}

function sameBytes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  const [left, right] = [a.toSorted(compare), b.toSorted(compare)]
  return left.length === right.length && left.every((each, i) => equal(each, right[i] ?? new Uint8Array()))
}
