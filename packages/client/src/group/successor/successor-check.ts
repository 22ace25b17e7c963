// Whether an invitation leads to the group in which a broken one goes on. Anybody can make a group that says so. It counts only if this device
// has found the same wrong with the same commit, and if the group is what follows from that.

import { equal, toHex } from "@nodoor/bytes"
import type { StagedJoin } from "@nodoor/mls"
import { type Policy, encodePolicy, roleOf } from "../../core/policy.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type BrokenGroup, findBroken } from "../../store/group/broken-groups.ts"
import { hasBody } from "../../store/group/history.ts"
import { findHealing } from "../../store/rejoin/healing.ts"
import { type GroupRow, findGroup } from "../../store/group/groups.ts"
import { type MemberLeaf, listLeaves } from "../../store/group/members.ts"
import { type Predecessor, samePredecessors } from "../../store/group/predecessor.ts"
import type { IdentifiedMember } from "../../trust/trust.ts"
import { policyAfterRemovals } from "../policy/policy-check.ts"
import { type Succession, rankOf, successionOf } from "./succession.ts"

export type SuccessorVerdict =
  /** It follows no group that this device is in. */
  | { readonly status: "other" }
  /** This device has not found anything wrong in the group that it is said to follow. It may not have all of its log yet. */
  | { readonly status: "unseen"; readonly group: GroupRow }
  /** It is not what follows. */
  | { readonly status: "wrong"; readonly group: GroupRow }
  /** `vouched`: this device could not read the commit, and an admin says what it was. */
  | {
      readonly status: "genuine"
      readonly group: GroupRow
      readonly broken: BrokenGroup
      readonly rank: number
      readonly vouched: boolean
    }

export interface Founding {
  readonly staged: Pick<StagedJoin, "epoch">
  readonly leaves: readonly IdentifiedMember[]
  readonly signer: IdentifiedMember
  readonly policy: Policy
  readonly predecessors: readonly Predecessor[]
}

export async function checkSuccessor(tx: Transaction, founding: Founding): Promise<SuccessorVerdict> {
  const last = founding.predecessors.at(-1)
  const known = await newestKnown(tx, founding.predecessors)
  if (!last || !known) return { status: "other" }
  const { group, of } = known
  // A group between the two was broken as well, and this device is still on its way there.
  if (of !== last) return { status: "unseen", group }
  const leaves = await listLeaves(tx, group.groupId)
  const found = await findBroken(tx, group.groupId)
  const broken = found ?? (await stuckAt(tx, group, { last, leaves }))
  if (!broken) return { status: "unseen", group }
  const { groupId, policy, predecessors } = group
  const succession = successionOf({ groupId, epoch: broken.epoch, leaves, policy, predecessors }, broken)
  if (!succession || !samePredecessors(succession.predecessors, founding.predecessors)) return { status: "wrong", group }
  const rank = founding.staged.epoch === 1n ? rankOfFounder(succession, founding) : rankOfLater(succession, founding)
  const vouched = !found
  // The device that broke the group of the own devices could name another one as who did.
  const isWord = vouched && (policy.kind === "self" || rankOfLater(succession, founding) === undefined)
  if (rank === undefined || isWord) return { status: "wrong", group }
  return { status: "genuine", group, broken, rank, vouched }
}

/** The commit, if this device has it in its log, and could not read it or one before it. */
async function stuckAt(
  tx: Transaction,
  { groupId, status, epoch }: GroupRow,
  { last, leaves }: { readonly last: Predecessor; readonly leaves: readonly MemberLeaf[] },
): Promise<BrokenGroup | undefined> {
  const { commitHash } = last
  const breaker = leaves.find(({ accountId, deviceId }) => equal(accountId, last.accountId) && equal(deviceId, last.deviceId))
  const isStuck = status === "active" && epoch <= last.epoch && (await findHealing(tx, groupId))?.reason === "commit"
  if (!breaker || !isStuck || !(await hasBody(tx, groupId, commitHash))) return undefined
  return { groupId, epoch: last.epoch, commitHash, leafIndex: breaker.leafIndex, code: "vouched", brokenMs: 0, successor: undefined }
}

/** The last of them that this device is in, or was in until it broke. */
async function newestKnown(
  tx: Transaction,
  predecessors: readonly Predecessor[],
): Promise<{ readonly group: GroupRow; readonly of: Predecessor } | undefined> {
  for (const of of predecessors.toReversed()) {
    const group = await findGroup(tx, of.groupId)
    if (group && group.status !== "left") return { group, of }
  }
  return undefined
}

/** The first commit brings what the last good epoch says, and nobody who was not there. Undefined if it does not. */
function rankOfFounder(succession: Succession, { leaves, signer, policy }: Founding): number | undefined {
  const rank = rankOf(succession, signer)
  const accounts = new Set(succession.remaining.map(({ accountId }) => toHex(accountId)))
  const fits =
    rank >= 0 &&
    signer.leafIndex === 0 &&
    leaves.every(({ accountId }) => accounts.has(toHex(accountId))) &&
    equal(encodePolicy(policy), encodePolicy(policyAfterRemovals(succession.policy, leaves)))
  return fits ? rank : undefined
}

/** Later anything may have changed. Then an admin of the last good epoch vouches for it, who could have changed it there as well. */
function rankOfLater(succession: Succession, { signer, policy }: Founding): number | undefined {
  const wasThere = succession.remaining.some(({ accountId }) => equal(accountId, signer.accountId))
  // Own devices are all one person's.
  const isAdmin = succession.policy.kind === "self" || roleOf(succession.policy, signer.accountId) === "admin"
  const vouches = wasThere && isAdmin && policy.kind === succession.policy.kind
  return vouches ? succession.creators.length : undefined
}
