// A staged commit with the policies and people that it names.

import { type GroupState, type StagedCommit, members } from "@nodoor/mls"
import { policyOf } from "../../core/policy.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"
import type { CommitCheck } from "../policy/policy-check.ts"

export interface ParsedCommit extends Omit<CommitCheck, "isRevoked" | "leavesBefore" | "added" | "removed" | "updated"> {
  readonly leavesBefore: readonly IdentifiedMember[]
  readonly added: readonly IdentifiedMember[]
  readonly removed: readonly IdentifiedMember[]
  readonly updated: readonly { readonly before: IdentifiedMember; readonly after: IdentifiedMember }[]
}

/** @throws CodecError */
export function parsedCommit(
  state: GroupState,
  staged: StagedCommit,
): { readonly check: ParsedCommit & Pick<CommitCheck, "isRevoked">; readonly committer: IdentifiedMember | undefined } {
  const leavesBefore = members(state).map(identify)
  const check = {
    before: policyOf(staged.extensionsBefore),
    after: policyOf(staged.extensionsAfter),
    staged,
    leavesBefore,
    added: staged.added.map(identify),
    removed: staged.removed.map(identify),
    updated: staged.updated.map(({ before, after }) => ({ before: identify(before), after: identify(after) })),
    isRevoked: () => false,
  }
  return { check, committer: leavesBefore.find((leaf) => leaf.leafIndex === staged.committer) }
}
