// What a commit does that only a device which still speaks for its account may do: let others in, take others out, change roles or rules.
// A device that was removed goes on being a leaf until the next member notices; what it commits meanwhile must be worth nothing.

import { equal } from "@nodoor/bytes"
import { type CommitCheck, type Leaf, leavesAfterCommit, policyAfterRemovals } from "./policy-check.ts"
import { encodePolicy } from "../../core/policy.ts"

/** `mayGo`: leaves that everybody may take out. */
export function usesAuthority(check: CommitCheck, committer: Leaf, mayGo: (leaf: Leaf) => boolean): boolean {
  const { before, after, staged, added, removed } = check
  if (added.some((leaf) => !equal(leaf.accountId, committer.accountId))) return true
  const bySelf = new Set(
    staged.proposals.flatMap(({ type, sender, leafIndex }) => (type === "remove" && sender !== committer.leafIndex ? [leafIndex] : [])),
  )
  if (removed.some((leaf) => !bySelf.has(leaf.leafIndex) && !mayGo(leaf))) return true
  const forced = policyAfterRemovals(before, leavesAfterCommit(check))
  return !equal(encodePolicy({ ...after, name: forced.name, picture: forced.picture }), encodePolicy(forced))
}
