// A staged commit with the policies and people that it names.

import { type CryptoProvider, type GroupState, type StagedCommit, members } from "@nodoor/mls"
import { policyOf } from "../../core/policy.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"
import type { Seat } from "../../store/group/seats.ts"
import type { CommitCheck } from "../policy/policy-check.ts"
import { readmissionsOf } from "../rejoin/readmission.ts"

export interface ParsedCommit extends Omit<CommitCheck, "isRevoked" | "leavesBefore" | "added" | "removed" | "updated"> {
  readonly leavesBefore: readonly IdentifiedMember[]
  readonly added: readonly IdentifiedMember[]
  readonly removed: readonly IdentifiedMember[]
  readonly updated: readonly { readonly before: IdentifiedMember; readonly after: IdentifiedMember }[]
}

/** The group before the commit. */
export interface ParsedGroup {
  readonly state: GroupState
  readonly seats: readonly Seat[]
  readonly crypto: Pick<CryptoProvider, "verifyEd25519">
}

/** @throws CodecError */
export function parsedCommit(
  { state, seats, crypto }: ParsedGroup,
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
    readmissions: readmissionsOf(crypto, { state, seats }, staged),
    isRevoked: () => false,
  }
  return { check, committer: leavesBefore.find((leaf) => leaf.leafIndex === staged.committer) }
}
