// Whether commits that wait behind an invitation take out the leaves it may not have. Who was away for days is invited to the group as it
// was then; what its members did about a device that its owner removed since waits in the same mailbox.

import { CodecError, equal } from "@nodoor/bytes"
import { type Environment, type GroupState, type Member, MlsError, applyCommit, members, peek, process } from "@nodoor/mls"
import { listWaitingAfter } from "../../store/group/inbox.ts"
import type { Transaction } from "../../core/transaction.ts"

/** Commits that are looked at. More of them wait for others to be done first: the invitation is tried again with the next one. */
const commitsMax = 100

/** Nothing is stored: each commit is judged and applied in its own turn. */
export async function removedAhead(
  tx: Transaction,
  env: Environment,
  { state, seq, leaves }: { readonly state: GroupState; readonly seq: number; readonly leaves: readonly Member[] },
): Promise<boolean> {
  let current = state
  let commits = 0
  for (const record of await listWaitingAfter(tx, state.groupId, seq)) {
    if (record.kind !== "commit" && record.kind !== "post") continue
    try {
      if (peek(record.body).contentType === "application") continue
      const processed = process(env, current, record.body)
      current = processed.change.state
      if (processed.kind !== "commit") continue
      if (++commits > commitsMax || processed.staged.removesOwn) return false
      current = applyCommit(env, current, processed.staged).state
    } catch (error) {
      if (error instanceof MlsError || error instanceof CodecError) return false
      throw error
    }
    const rest = members(current)
    if (!leaves.some((leaf) => rest.some((other) => equal(other.identity, leaf.identity) && equal(other.signatureKey, leaf.signatureKey))))
      return true
  }
  return false
}
