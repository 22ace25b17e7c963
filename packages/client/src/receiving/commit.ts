// Receives another member's commit. First what every member can check: that a seat of the group signed it, that it opens, and that it keeps the
// rules; then the accounts it concerns. It is applied, or the chat goes on in another group without who made it, or it stops the group.

import { equal } from "@nodoor/bytes"
import { type GroupState, isOfLaterSelf, members } from "@nodoor/mls"
import type { CommitRecord } from "../core/group-record.ts"
import type { Transaction } from "../core/transaction.ts"
import type { CommitApplication } from "../group/commit/commit-application.ts"
import { type CommitTrust, type CommitVerdict, judgeCommit } from "../group/commit/commit-judgement.ts"
import { accusedOf, formatCommitEvidence } from "../group/evidence/commit-evidence.ts"
import { openCommit } from "../group/evidence/commit-fault.ts"
import type { GroupStates } from "../group/group-states.ts"
import { listSeats } from "../store/group/seats.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { Undecided, heldRetryMs } from "../trust/device/undecided.ts"
import { type IdentifiedMember, identify } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"
import { type RefusalParts, haltGroup, refuseCommit } from "./refused-commit.ts"

export interface CommitIntakeParts extends RefusalParts {
  readonly states: Pick<GroupStates, "find" | "save" | "erase" | "environment">
  readonly trust: CommitTrust
  readonly commits: Pick<CommitApplication, "apply">
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
      if (isOfLaterSelf(env, state, record.commit)) throw new OlderCopy("signature")
      return await haltGroup(parts, tx, arrival, { code: "unsigned_commit" })
    case "alone":
      if (opened.code === "own_message" && isOfLaterSelf(env, state, record.commit)) throw new OlderCopy("signature")
      return await haltGroup(parts, tx, arrival, { code: opened.code, alone: true })
    case "ground": {
      const accused = accusedOf({ state, seats }, record.seat)
      const evidence = formatCommitEvidence({ groupId, code: opened.code, details: record })
      const leafIndex = seats.find(({ seat }) => equal(seat, record.seat))?.leafIndex
      return await refuseCommit(parts, tx, arrival, { code: opened.code, accused, evidence, leafIndex })
    }
    case "opened": {
      const { staged, change } = opened.processed
      tx.trace("intake", "processed", { kind: "commit", record: record.kind })
      const verdict = await judgeCommit(parts.trust, { state, seats }, staged, { looks, timeMs: record.timeMs })
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

/** Who made it, by the leaf that signed it. Nobody is named for what cannot be told. */
function committerOf(
  state: GroupState,
  committer: number,
  { code }: Extract<CommitVerdict, { readonly status: "refused" }>,
): IdentifiedMember | undefined {
  const member = code === "removed_device_unclear" ? undefined : members(state).find((candidate) => candidate.leafIndex === committer)
  return member && identify(member)
}
