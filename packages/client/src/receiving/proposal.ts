// Receives another member's proposal: keeps it until somebody commits it, or drops it if no honest commit can carry it.

import { type Processed, members } from "@nodoor/mls"
import type { PostRecord } from "../core/group-record.ts"
import type { Transaction } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { mayBeCommitted } from "../group/policy/proposal-judgement.ts"
import { isOfRemovedProposer } from "../group/removed-device/removed-proposer.ts"
import { addProposal } from "../store/group/groups.ts"
import { enqueueRevoke } from "../store/group/outbox-item.ts"
import { type Trust, identify } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"

export interface ProposalIntakeParts {
  readonly states: Pick<GroupStates, "save">
  readonly trust: Pick<Trust, "standing">
  kick(groupId: Uint8Array): void
  proposalsWait(groupId: Uint8Array): void
}

export async function takeProposal(
  { states, trust, kick, proposalsWait }: ProposalIntakeParts,
  tx: Transaction,
  { state, record, looks }: Arrival<PostRecord>,
  processed: Extract<Processed, { readonly kind: "proposal" }>,
): Promise<void> {
  // A proposal that no honest commit can carry would block all commits.
  if (!mayBeCommitted(processed, members(state))) return states.save(tx, processed.discarded)
  if (await isOfRemovedProposer(trust, processed, { looks, timeMs: record.timeMs })) {
    states.save(tx, processed.discarded)
    await enqueueRevoke(tx, record.groupId, identify(processed.sender).accountId)
    return tx.after(() => kick(record.groupId))
  }
  states.save(tx, processed.change)
  addProposal(tx, record.groupId)
  tx.after(() => proposalsWait(record.groupId))
}
