// How a broken group goes on: who is in the next one, under which policy, and who may make it. It follows from the last good epoch and from the
// leaf that broke it, so every member finds the same.

import { equal, toHex } from "@nodoor/bytes"
import type { Policy } from "../../core/policy.ts"
import { roleOf } from "../../core/policy.ts"
import type { MemberLeaf } from "../../store/group/members.ts"
import { type Predecessor, predecessorsMax } from "../../store/group/predecessor.ts"
import { policyAfterRemovals } from "../policy/policy-check.ts"

export interface Succession {
  /** It lists roles of everybody who may come. Those of accounts that do not come fall away (P12, P13). */
  readonly policy: Policy
  /** Everybody but the leaf that broke the group. */
  readonly remaining: readonly MemberLeaf[]
  /** The same in the order in which they make the next group if those before them do not. */
  readonly creators: readonly MemberLeaf[]
  readonly predecessors: readonly Predecessor[]
}

export interface BrokenEpoch {
  readonly groupId: Uint8Array
  readonly epoch: number
  /** Those of the last good epoch. */
  readonly leaves: readonly MemberLeaf[]
  readonly policy: Policy
  readonly predecessors: readonly Predecessor[]
}

/** Undefined when nothing can follow: nobody is left to talk to, or too many groups were broken before. */
export function successionOf(
  { groupId, epoch, leaves, policy, predecessors }: BrokenEpoch,
  { leafIndex, commitHash }: { readonly leafIndex: number; readonly commitHash: Uint8Array },
): Succession | undefined {
  const breaker = leaves.find((leaf) => leaf.leafIndex === leafIndex)
  const remaining = leaves.filter((leaf) => leaf !== breaker)
  const accounts = new Set(remaining.map(({ accountId }) => toHex(accountId)))
  if (!breaker || accounts.size === 0 || (policy.kind === "dm" && accounts.size < 2) || predecessors.length >= predecessorsMax)
    return undefined
  const next = policyAfterRemovals(policy, remaining)
  // Admins first. A device of the account that broke the group comes last.
  const rank = ({ accountId }: MemberLeaf): number =>
    equal(accountId, breaker.accountId) ? 2 : roleOf(next, accountId) === "admin" ? 0 : 1
  const { accountId, deviceId } = breaker
  return {
    policy: next,
    remaining,
    creators: remaining.toSorted((a, b) => rank(a) - rank(b) || a.leafIndex - b.leafIndex),
    predecessors: [...predecessors, { groupId, epoch, commitHash, accountId, deviceId }],
  }
}

/** The place of a device among those who may make the next group. */
export function rankOf({ creators }: Succession, { accountId, deviceId }: Pick<MemberLeaf, "accountId" | "deviceId">): number {
  return creators.findIndex((each) => equal(each.accountId, accountId) && equal(each.deviceId, deviceId))
}
