// Decides whether an honest commit can carry another member's proposal. All members must keep and drop the same proposals, because a member that
// dropped one cannot read a commit that carries it.

import { CodecError, equal } from "@nodoor/bytes"
import type { Member, ReceivedProposal } from "@nodoor/mls"
import { decodeIdentity } from "../../core/credential.ts"

export interface Proposed {
  readonly sender: Member
  readonly proposal: ReceivedProposal
}

/**
 * P15 of docs/protocol.md, judged as the proposal comes: the removal of a leaf of the proposer's own account, or an update that keeps
 * account, device and key. `members`: the leaves of the present epoch.
 */
export function mayBeCommitted({ sender, proposal }: Proposed, members: readonly Member[]): boolean {
  const before = members.find((member) => member.leafIndex === sender.leafIndex)
  if (!before) return false
  switch (proposal.type) {
    case "remove": {
      const leaf = members.find((member) => member.leafIndex === proposal.leafIndex)
      return leaf !== undefined && sameAccount(leaf, before)
    }
    case "update":
      return (
        proposal.after !== undefined &&
        equal(proposal.after.identity, before.identity) &&
        equal(proposal.after.signatureKey, before.signatureKey)
      )
    default:
      return false
  }
}

function sameAccount(a: Member, b: Member): boolean {
  try {
    return equal(decodeIdentity(a.identity).accountId, decodeIdentity(b.identity).accountId)
  } catch (error) {
    if (error instanceof CodecError) return false
    throw error
  }
}
