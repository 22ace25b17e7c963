// The lines of a chat that say what a commit did, in the order in which a person would.

import { equal, toHex } from "@nodoor/bytes"
import type { StagedCommit } from "@nodoor/mls"
import { plainName } from "@nodoor/wire"
import { type Policy, roleOf } from "../../core/policy.ts"
import type { ChatEvent } from "../../store/chat/chat-event.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"

type PlacedAccount = Pick<IdentifiedMember, "leafIndex" | "accountId">

export interface CommitChange {
  readonly staged: Pick<StagedCommit, "added" | "removed" | "proposals" | "committer">
  readonly policyBefore: Policy
  readonly policyAfter: Policy
  readonly leavesBefore: readonly PlacedAccount[]
  readonly leavesAfter: readonly IdentifiedMember[]
  /** The account of the committer. */
  readonly by: Uint8Array
  /** Accounts that were deleted: a line said so when the log showed it, and nobody removed them. */
  readonly ended: ReadonlySet<string>
}

export function* commitEvents(change: CommitChange): Iterable<ChatEvent> {
  const { staged, policyBefore, policyAfter, leavesBefore, leavesAfter, ended } = change
  const by = toHex(change.by)
  const [present, remaining] = [accountsOf(leavesBefore), accountsOf(leavesAfter)]
  const added = [...remaining].filter((account) => !present.has(account))
  const gone = [...present].filter((account) => !remaining.has(account) && !ended.has(account))
  const leftByThemselves = gone.filter((account) => account === by || proposedBySelf(staged, leavesBefore, account))
  const removed = gone.filter((account) => !leftByThemselves.includes(account))
  if (added.length > 0 && policyBefore.kind === "group") yield { kind: "added", by, accounts: added }
  if (removed.length > 0) yield { kind: "removed", by, accounts: removed }
  for (const account of leftByThemselves) yield { kind: "left", account }
  // A device that was let in again is the same to people.
  const [came, went] = [staged.added.map(identify), staged.removed.map(identify)]
  for (const leaf of came)
    if (present.has(toHex(leaf.accountId)) && !isIn(went, leaf)) yield { kind: "device_added", account: toHex(leaf.accountId) }
  for (const leaf of went)
    if (remaining.has(toHex(leaf.accountId)) && !isIn(came, leaf)) yield { kind: "device_removed", account: toHex(leaf.accountId) }
  if (policyAfter.name !== policyBefore.name) yield { kind: "renamed", by, name: plainName(policyAfter.name) }
  yield* roleEvents(change, { by, present, remaining })
  if (JSON.stringify(policyAfter.rules) !== JSON.stringify(policyBefore.rules)) yield { kind: "rules", by, rules: policyAfter.rules }
  if (JSON.stringify(policyAfter.history) !== JSON.stringify(policyBefore.history))
    yield { kind: "history_sharing", by, history: policyAfter.history ?? null }
}

function* roleEvents(
  { leavesAfter, policyBefore, policyAfter }: CommitChange,
  { by, present, remaining }: { readonly by: string; readonly present: ReadonlySet<string>; readonly remaining: ReadonlySet<string> },
): Iterable<ChatEvent> {
  for (const account of remaining) {
    if (!present.has(account)) continue
    const leaf = leavesAfter.find((candidate) => toHex(candidate.accountId) === account)
    if (!leaf) continue
    const role = roleOf(policyAfter, leaf.accountId)
    if (role !== roleOf(policyBefore, leaf.accountId)) yield { kind: "role", by, account, role }
  }
}

function proposedBySelf(staged: CommitChange["staged"], leavesBefore: readonly PlacedAccount[], account: string): boolean {
  return staged.proposals.some((proposal) => {
    const proposer = leavesBefore.find((leaf) => leaf.leafIndex === proposal.sender)
    return (
      proposal.type === "remove" && proposal.sender !== staged.committer && proposer !== undefined && toHex(proposer.accountId) === account
    )
  })
}

function accountsOf(leaves: readonly Pick<IdentifiedMember, "accountId">[]): ReadonlySet<string> {
  return new Set(leaves.map((leaf) => toHex(leaf.accountId)))
}

function isIn(leaves: readonly IdentifiedMember[], { accountId, deviceId }: IdentifiedMember): boolean {
  return leaves.some((leaf) => equal(leaf.accountId, accountId) && equal(leaf.deviceId, deviceId))
}
