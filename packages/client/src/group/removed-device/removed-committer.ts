// A commit of a device that was removed from its account. The device goes on being a leaf until the next member notices; what it commits
// meanwhile must be worth nothing where it uses authority: letting others in, taking others out, changing roles or rules.

import { equal } from "@nodoor/bytes"
import { isPlacedAfter, isPlacedBefore } from "../../core/group-record.ts"
import { encodePolicy } from "../../core/policy.ts"
import type { IdentifiedMember, Lookups, Trust } from "../../trust/trust.ts"
import { type CommitCheck, type Leaf, leavesAfterCommit, policyAfterRemovals } from "../policy/policy-check.ts"

/**
 * Whether the commit needs a device that is listed, and this one was not when the server placed it. `lookup`: the log must be asked first.
 * `unclear`: it was removed in the hour in which the server placed the commit, or nobody can tell when; then it counts as removed, and nobody
 * is accused.
 * `mayGo`: leaves that everybody may take out.
 */
export async function judgeCommitter(
  trust: Pick<Trust, "standing">,
  {
    check,
    committer,
    mayGo,
  }: { readonly check: CommitCheck; readonly committer: IdentifiedMember; readonly mayGo: (leaf: Leaf) => boolean },
  at: { readonly looks: Lookups; readonly timeMs: number },
): Promise<"allowed" | "lookup" | "removed" | "unclear"> {
  if (!usesAuthority(check, committer, mayGo)) return "allowed"
  const standing = await trust.standing(committer, at.looks)
  if (standing.status === "lookup") return "lookup"
  // Made while it was listed, it only comes late. Made afterwards, or nobody can tell when, it is nobody's.
  if (standing.status !== "removed") return "allowed"
  if (standing.sinceMs === undefined) return "unclear"
  if (isPlacedBefore(at.timeMs, standing.sinceMs)) return "allowed"
  return isPlacedAfter(at.timeMs, standing.sinceMs) ? "removed" : "unclear"
}

function usesAuthority(check: CommitCheck, committer: Leaf, mayGo: (leaf: Leaf) => boolean): boolean {
  const { before, after, staged, added, removed, readmissions = [] } = check
  // Who asked to be let in again has signed for it.
  const isAsked = (leaf: Leaf): boolean => readmissions.some((each) => each.added === leaf.leafIndex)
  if (added.some((leaf) => !equal(leaf.accountId, committer.accountId) && !isAsked(leaf))) return true
  const bySelf = new Set(
    staged.proposals.flatMap(({ type, sender, leafIndex }) => (type === "remove" && sender !== committer.leafIndex ? [leafIndex] : [])),
  )
  if (removed.some((leaf) => !bySelf.has(leaf.leafIndex) && !mayGo(leaf))) return true
  const forced = policyAfterRemovals(before, leavesAfterCommit(check))
  return !equal(encodePolicy({ ...after, name: forced.name, picture: forced.picture }), encodePolicy(forced))
}
