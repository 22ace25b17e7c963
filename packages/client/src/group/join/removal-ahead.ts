// Whether commits that wait behind an invitation take out the leaves it may not have. Who was away for days is invited to the group as it
// was then; what its members did about a device that its owner removed since waits in the same mailbox.

import { CodecError, equal } from "@nodoor/bytes"
import { type Environment, type GroupState, type Member, MlsError, applyCommit, members, peek, process } from "@nodoor/mls"
import { decodeMessage, limits, mailboxRecord } from "@nodoor/wire"
import type { Transaction } from "../../core/transaction.ts"

/** Commits that are looked at. More of them wait for others to be done first: the invitation is tried again with the next one. */
const commitsMax = 100

/** Nothing is stored: each commit is judged and applied in its own turn. */
export async function removedAhead(
  tx: Transaction,
  env: Environment,
  { state, seq, leaves }: { readonly state: GroupState; readonly seq: number; readonly leaves: readonly Member[] },
): Promise<boolean> {
  const rows = await tx.read("SELECT record FROM inbox WHERE group_id = ? AND seq > ? ORDER BY seq", state.groupId, seq)
  let current = state
  let commits = 0
  for (const row of rows) {
    const record = decodeMessage(mailboxRecord, row["record"] as Uint8Array, 3 * limits.commitBundleBytes)
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
