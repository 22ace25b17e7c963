// Receives another member's proposal: keeps it until somebody commits it, or drops it if no honest commit can carry it.

import { equal } from "@nodoor/bytes"
import { type GroupState, type Processed, members } from "@nodoor/mls"
import type { PostRecord } from "../core/group-record.ts"
import type { Transaction } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { mayBeCommitted } from "../group/policy/proposal-judgement.ts"
import { isOfRemovedProposer } from "../group/removed-device/removed-proposer.ts"
import { type LeaveParts, leaveHere } from "../group/action/leave-group.ts"
import { addProposal, findGroup } from "../store/group/groups.ts"
import { enqueueRevoke } from "../store/group/outbox-item.ts"
import { type Trust, identify } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"

export interface ProposalIntakeParts extends LeaveParts {
  readonly states: Pick<GroupStates, "save" | "erase">
  readonly trust: Pick<Trust, "standing">
  kick(groupId: Uint8Array): void
  proposalsWait(groupId: Uint8Array): void
}

export async function takeProposal(
  parts: ProposalIntakeParts,
  tx: Transaction,
  { state, record, looks }: Arrival<PostRecord>,
  processed: Extract<Processed, { readonly kind: "proposal" }>,
): Promise<void> {
  const { states, trust, kick, proposalsWait } = parts
  // A proposal that no honest commit can carry would block all commits.
  if (!mayBeCommitted(processed, members(state))) return states.save(tx, processed.discarded)
  if (await isOfRemovedProposer(trust, processed, { looks, timeMs: record.timeMs })) {
    states.save(tx, processed.discarded)
    await enqueueRevoke(tx, record.groupId, identify(processed.sender).accountId)
    return tx.after(() => kick(record.groupId))
  }
  states.save(tx, processed.change)
  await followOwn(parts, tx, { state, groupId: record.groupId }, processed)
  addProposal(tx, record.groupId)
  tx.after(() => proposalsWait(record.groupId))
}

/** Another own device leaves the group, so its person does: this one leaves too. */
async function followOwn(
  parts: ProposalIntakeParts,
  tx: Transaction,
  { state, groupId }: { readonly state: GroupState; readonly groupId: Uint8Array },
  { sender, proposal }: Extract<Processed, { readonly kind: "proposal" }>,
): Promise<void> {
  if (proposal.type !== "remove" || !equal(identify(sender).accountId, parts.own.accountId)) return
  if (proposal.leafIndex !== sender.leafIndex && proposal.leafIndex !== state.ownLeafIndex) return
  const group = await findGroup(tx, groupId)
  if (group?.status === "active" && group.policy.kind === "group") await leaveHere(parts, tx, group)
}
