// Receives another member's commit: checks it against the group's policy and the accounts it concerns, then applies it or stops the group.

import { type GroupState, type StagedCommit, members } from "@nodoor/mls"
import type { Transaction } from "../core/transaction.ts"
import type { CommitApplication } from "../group/commit/commit-application.ts"
import { type CommitTrust, judgeCommit } from "../group/commit/commit-judgement.ts"
import type { GroupStates } from "../group/group-states.ts"
import { Undecided, heldRetryMs } from "../trust/device/undecided.ts"
import { type IdentifiedMember, identify } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"
import { type HaltParts, haltGroup } from "./refused-commit.ts"

export interface CommitIntakeParts extends HaltParts {
  readonly states: Pick<GroupStates, "find">
  readonly trust: CommitTrust
  readonly commits: Pick<CommitApplication, "apply">
}

/** @throws Undecided until the log has answered, and while a device is held */
export async function takeCommit(parts: CommitIntakeParts, tx: Transaction, arrival: Arrival, staged: StagedCommit): Promise<void> {
  const { group, state, record, looks } = arrival
  const verdict = await judgeCommit(parts.trust, state, staged, { looks, timeMs: record.timeMs })
  switch (verdict.status) {
    case "lookup":
      throw new Undecided(verdict)
    case "held":
      throw new Undecided({ waitMs: heldRetryMs })
    case "refused":
      return await haltGroup(parts, tx, arrival, { by: committerOf(state, staged), code: verdict.code })
    case "allowed": {
      const current = await parts.states.find(tx, record.groupId)
      return await parts.commits.apply(tx, { group, state: current ?? state, staged, record })
    }
  }
}

function committerOf(state: GroupState, staged: StagedCommit): IdentifiedMember | undefined {
  const member = members(state).find((candidate) => candidate.leafIndex === staged.committer)
  try {
    return member && identify(member)
  } catch {
    return undefined
  }
}
