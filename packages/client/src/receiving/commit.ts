// Receives another member's commit. First what every member can check: that a seat of the group signed it, that it opens, and that it keeps the
// rules; then the accounts it concerns. It is applied, or the chat goes on in another group without who made it, or it stops the group.

import { equal } from "@nodoor/bytes"
import { type GroupState, type StagedCommit, isOfLaterSelf, members } from "@nodoor/mls"
import type { CommitRecord } from "../core/group-record.ts"
import type { Transaction } from "../core/transaction.ts"
import type { CommitApplication } from "../group/commit/commit-application.ts"
import { type CommitTrust, type CommitVerdict, judgeCommit } from "../group/commit/commit-judgement.ts"
import { accusedOf, formatCommitEvidence } from "../group/evidence/commit-evidence.ts"
import { isSigned, openCommit } from "../group/evidence/commit-fault.ts"
import type { GroupStates } from "../group/group-states.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { type HealingParts, beginHealing } from "../group/rejoin/healing.ts"
import { readmissionsIn } from "../group/rejoin/readmission.ts"
import { ownSeatSecret, seatOf } from "../group/seat/seat-keys.ts"
import { hasReadAt } from "../store/group/reading.ts"
import { type KeptSeat, findOwnSeat, listSeats } from "../store/group/seats.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { Undecided, heldRetryMs } from "../trust/device/undecided.ts"
import { type IdentifiedMember, identify } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"
import { type RefusalParts, haltGroup, refuseCommit } from "./refused-commit.ts"

export interface CommitIntakeParts extends RefusalParts, HealingParts {
  readonly own: Pick<OwnDevice, "deviceId" | "signer">
  readonly states: Pick<GroupStates, "find" | "save" | "erase" | "environment">
  readonly trust: CommitTrust
  readonly commits: Pick<CommitApplication, "apply" | "removed">
}

/** @throws Undecided until the log has answered, and while a device is held; OlderCopy */
export async function takeCommit(parts: CommitIntakeParts, tx: Transaction, arrival: Arrival<CommitRecord>): Promise<void> {
  const { group, state, record, looks } = arrival
  const { groupId } = record
  const env = parts.states.environment()
  const seats = await listSeats(tx, groupId)
  const opened = openCommit(env, { state, seats }, record)
  switch (opened.status) {
    case "unsigned":
      // A store that is behind has keys of seats that were changed since.
      if (isOfLaterSelf(env, state, record.commit)) return void (await beginHealing(parts, tx, group, "copy"))
      if (await isPlaceOfCopy(parts, tx, record)) throw new OlderCopy()
      return await haltGroup(parts, tx, arrival, { code: "unsigned_commit" })
    case "alone": {
      // Others may be able to read it: it accuses nobody, and this device asks to be let in again.
      if (await isPlaceOfCopy(parts, tx, record)) throw new OlderCopy()
      const by = await removerOf(parts, tx, arrival, seats)
      if (by) return await parts.commits.removed(tx, group, { record, by })
      const isCopy = opened.code === "own_message" && isOfLaterSelf(env, state, record.commit)
      return void (await beginHealing(parts, tx, group, isCopy ? "copy" : "commit"))
    }
    case "ground": {
      const accused = accusedOf({ state, seats }, record.seat)
      const evidence = formatCommitEvidence({ groupId, code: opened.code, details: record })
      const leafIndex = seats.find(({ seat }) => equal(seat, record.seat))?.leafIndex
      return await refuseCommit(parts, tx, arrival, { code: opened.code, accused, evidence, leafIndex })
    }
    case "opened": {
      const { staged, change } = opened.processed
      tx.trace("intake", "processed", { kind: "commit", record: record.kind })
      if (isReplacedByCopy(parts, { state, seats }, staged)) throw new OlderCopy()
      const verdict = await judgeCommit(parts.trust, { state, seats, crypto: env.crypto }, staged, { looks, timeMs: record.timeMs })
      if (verdict.status === "lookup") throw new Undecided(verdict)
      if (verdict.status === "held") throw new Undecided({ waitMs: heldRetryMs })
      if (verdict.status === "refused") {
        const { code } = verdict
        const by = committerOf(state, staged.committer, verdict)
        // Whom this device distrusts is its own business: the others find nothing wrong.
        if (code === "distrusted") return await haltGroup(parts, tx, arrival, { code, by })
        const evidence = formatCommitEvidence({ groupId, code, details: record })
        return await refuseCommit(parts, tx, arrival, { code, by, evidence, leafIndex: staged.committer })
      }
      parts.states.save(tx, change)
      const current = await parts.states.find(tx, groupId)
      return await parts.commits.apply(tx, { group, state: current ?? state, staged, record })
    }
  }
}

/** Another copy of this device's store was let in again in its place: the device signed for it, and this store does not know of it. */
function isReplacedByCopy(
  { own, states }: CommitIntakeParts,
  group: { readonly state: GroupState; readonly seats: readonly KeptSeat[] },
  staged: StagedCommit,
): boolean {
  if (!staged.removesOwn) return false
  const { crypto } = states.environment()
  const readmission = readmissionsIn(crypto, group, staged).find(({ removed }) => removed === group.state.ownLeafIndex)
  const added = staged.added.find(({ leafIndex }) => leafIndex === readmission?.added)
  return added !== undefined && equal(identify(added).deviceId, own.deviceId)
}

/**
 * A commit that this store cannot read any more gives the place of this device to a seat with a key that only the device makes, and that this
 * store has never had: another copy of it was let in again.
 */
async function isPlaceOfCopy(
  { own, states }: CommitIntakeParts,
  tx: Transaction,
  { groupId, removes, adds }: CommitRecord,
): Promise<boolean> {
  const current = await findOwnSeat(tx, groupId)
  if (!current || !removes.some((seat) => equal(seat, current.seat))) return false
  const { crypto } = states.environment()
  for (const { seat, publicKey } of adds) {
    const made = seatOf(crypto, ownSeatSecret(crypto, own.signer, { groupId, seat }))
    if (equal(made.publicKey, publicKey) && !(await hasReadAt(tx, { groupId, seat }))) return true
  }
  return false
}

/** Whose seat signed that this device is taken out; undefined if it is not, or nobody signed. */
async function removerOf(
  { states }: CommitIntakeParts,
  tx: Transaction,
  { state, record }: Arrival<CommitRecord>,
  seats: readonly KeptSeat[],
): Promise<Uint8Array | undefined> {
  const own = await findOwnSeat(tx, record.groupId)
  if (!own || !record.removes.some((seat) => equal(seat, own.seat))) return undefined
  const signer = seats.find(({ seat }) => equal(seat, record.seat))
  const isGenuine = signer && isSigned(states.environment(), state, { details: record, publicKey: signer.publicKey })
  return isGenuine ? accusedOf({ state, seats }, record.seat)?.accountId : undefined
}

/** Who made it, by the leaf that signed it. Nobody is named for what cannot be told. */
function committerOf(
  state: GroupState,
  committer: number,
  { code }: Extract<CommitVerdict, { readonly status: "refused" }>,
): IdentifiedMember | undefined {
  const member = code === "removed_device_unclear" ? undefined : members(state).find((candidate) => candidate.leafIndex === committer)
  return member && identify(member)
}
