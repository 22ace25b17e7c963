// Checks whether commits that wait behind an invitation remove its stale leaves. An invitation may be days old. What the members did since,
// about a device that its owner removed, waits behind it in the same log.

import { CodecError, equal } from "@nodoor/bytes"
import { type Environment, type GroupState, type Member, MlsError, applyCommit, members, peek, process } from "@nodoor/mls"
import { messageOf } from "../../core/group-record.ts"
import { listWaitingAfter } from "../../store/group/waiting-records.ts"
import type { Transaction } from "../../core/transaction.ts"

/** At most this many commits are checked. With more, the invitation is tried again later. */
const commitsMax = 100

/** Stores nothing: each commit is judged and applied later, in its own transaction. */
export async function removedAhead(
  tx: Transaction,
  env: Environment,
  { state, order, leaves }: { readonly state: GroupState; readonly order: number; readonly leaves: readonly Member[] },
): Promise<boolean> {
  let current = state
  let commits = 0
  for (const record of await listWaitingAfter(tx, state.groupId, order)) {
    try {
      const message = messageOf(record)
      if (peek(message).contentType === "application") continue
      const processed = process(env, current, message)
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
