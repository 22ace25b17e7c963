// Which commits a group's policy allows. Every member checks every commit, its own included, before applying it; the same inputs give
// every honest member the same verdict. The numbers are those of docs/protocol.md, "Policy".

import { compare, equal, toHex } from "@nodoor/bytes"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import type { Extension, StagedCommit } from "@nodoor/mls"
import { limits } from "@nodoor/wire"
import { type Policy, encodePolicy, policyExtensionType, roleOf } from "../../core/policy.ts"
import { type Predecessor, isShutOut, predecessorsOf } from "../../store/group/predecessor.ts"
import type { Readmission } from "../rejoin/readmission.ts"

/** One leaf of the tree with its credential taken apart. */
export interface Leaf {
  readonly leafIndex: number
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

export const policyRules = {
  P1: "a group has exactly one well-formed policy, and no other extension changes",
  P2: "version and kind of a group never change",
  P3: "no pre-shared keys and no re-initialisation",
  P4: "a dm's leaves belong to its two accounts, and its policy never changes",
  P5: "the self group's leaves belong to one account",
  P6: "another account is added only by an account that may add",
  P7: "a device of an account already present is added by that account, or by one that may add",
  P8: "a device has one leaf",
  P9: "a leaf is removed by its own account, by an admin, or when its account no longer lists it",
  P10: "name and picture are changed only by an account that may rename",
  P11: "roles, rules, expiry and history are changed only by an admin",
  P12: "whoever has a role has a leaf",
  P13: "a group has an admin; when the last one's leaves go, the account of the lowest remaining leaf follows",
  P14: "an update keeps account and device",
  P15: "what another member proposed is only the removal of its own account's leaves, or an update",
  P16: "at most 1,024 accounts and 4,096 devices",
  P17: "a device that broke a group is in none that follows it",
  P18: "any member replaces a leaf by one of the same account if the device of the new one signed for it, and nobody claims that it did if it did not",
} as const
export type PolicyRule = keyof typeof policyRules

export interface CommitCheck {
  readonly before: Policy
  readonly after: Policy
  readonly staged: Pick<StagedCommit, "committer" | "proposals" | "extensionsBefore" | "extensionsAfter">
  readonly leavesBefore: readonly Leaf[]
  readonly added: readonly Leaf[]
  readonly removed: readonly Leaf[]
  readonly updated: readonly { readonly before: Leaf; readonly after: Leaf }[]
  /** Leaves that are replaced because their devices asked for it; undefined when the commit claims it and it is not so. */
  readonly readmissions: readonly Readmission[] | undefined
  /** Whether the leaf's account has a verified state that no longer lists the device with the leaf's key. */
  readonly isRevoked: (leaf: Leaf) => boolean
}

/** The first rule the commit breaks, or undefined when it may be applied. */
export function checkCommit(check: CommitCheck): PolicyRule | undefined {
  const committer = check.leavesBefore.find((leaf) => leaf.leafIndex === check.staged.committer)
  if (!committer) return "P15"
  const leavesAfter = leavesAfterCommit(check)
  return (
    checkExtensions(check) ??
    checkProposals(check, committer) ??
    (check.readmissions === undefined ? "P18" : undefined) ??
    checkAdds(check, committer) ??
    checkRemoves(check, committer) ??
    checkPolicyChange(check, committer, leavesAfter) ??
    checkShape(check.after, leavesAfter) ??
    checkShutOut(predecessorsOf(check.staged.extensionsAfter), check.added)
  )
}

/** The first rule that a group, as a Welcome shows it, breaks. `signer`: the leaf that let this device of `ownAccount` in. */
export function checkJoin(
  {
    policy,
    predecessors = [],
    epoch,
    ownAccount,
    isReadmitted = false,
  }: {
    readonly policy: Policy
    readonly predecessors?: readonly Predecessor[]
    readonly epoch?: bigint
    readonly ownAccount?: Uint8Array
    /** As it asked, whoever let it in. */
    readonly isReadmitted?: boolean
  },
  leaves: readonly Leaf[],
  signer: Leaf,
): PolicyRule | undefined {
  const isSibling = ownAccount !== undefined && equal(signer.accountId, ownAccount)
  const mayLetIn = isReadmitted || mayAdd(policy, signer) || isSibling || (epoch === 1n && isFounder(predecessors, signer))
  if (policy.kind === "group" && !mayLetIn) return "P6"
  return checkShape(policy, leaves) ?? checkShutOut(predecessors, leaves)
}

/**
 * Whether a device that is let in again may take the group as it is shown. It has not seen the commits in between, and any member may have made a
 * group that looks like this one. What else has changed than the name counts on the word of an admin that the device knew, or of its own account.
 */
export function isReadmissionVouchedFor(
  { known, policy, ownAccount }: { readonly known: KnownGroup; readonly policy: Policy; readonly ownAccount: Uint8Array },
  leaves: readonly Leaf[],
  signer: Leaf,
): boolean {
  if (equal(signer.accountId, ownAccount)) return true
  if (policy.kind === "group" && roleOf(known.policy, signer.accountId) === "admin") return true
  const isThere = (accountId: Uint8Array): boolean => leaves.some((leaf) => equal(leaf.accountId, accountId))
  const rest = (one: Policy): Uint8Array => {
    const roles = policy.kind === "group" ? one.roles.filter(({ accountId }) => isThere(accountId)) : one.roles
    return encodePolicy({ ...one, roles, name: "", picture: undefined })
  }
  return leaves.every(({ accountId }) => known.accounts.has(toHex(accountId))) && equal(rest(policy), rest(known.policy))
}

/** A group as a device had it. */
export interface KnownGroup {
  readonly policy: Policy
  /** In hexadecimal. */
  readonly accounts: ReadonlySet<string>
}

/** The leaves after a commit, in the order of the tree. */
export function leavesAfterCommit({
  leavesBefore,
  added,
  removed,
  updated,
}: Pick<CommitCheck, "leavesBefore" | "added" | "removed" | "updated">): readonly Leaf[] {
  const gone = new Set(removed.map((leaf) => leaf.leafIndex))
  const changed = new Map(updated.map(({ after }) => [after.leafIndex, after]))
  const kept = leavesBefore.filter((leaf) => !gone.has(leaf.leafIndex)).map((leaf) => changed.get(leaf.leafIndex) ?? leaf)
  return [...kept, ...added].toSorted((a, b) => a.leafIndex - b.leafIndex)
}

/**
 * The policy a commit must carry because of whom it removes: roles of accounts without a leaf fall away, and if no admin is left, the
 * account of the lowest remaining leaf becomes one (P12, P13).
 */
export function policyAfterRemovals(policy: Policy, leavesAfter: readonly Leaf[]): Policy {
  if (policy.kind !== "group") return policy
  const roles = policy.roles.filter((entry) => leavesAfter.some((leaf) => equal(leaf.accountId, entry.accountId)))
  const first = leavesAfter[0]
  if (roles.length === 0 && first) return { ...policy, roles: [{ accountId: first.accountId, role: "admin" }] }
  return { ...policy, roles }
}

function checkExtensions({ before, after, staged }: CommitCheck): PolicyRule | undefined {
  const others = (extensions: readonly Extension[]): readonly Extension[] =>
    extensions.filter((extension) => extension.type !== policyExtensionType).toSorted((a, b) => a.type - b.type)
  const [othersBefore, othersAfter] = [others(staged.extensionsBefore), others(staged.extensionsAfter)]
  const same =
    othersBefore.length === othersAfter.length &&
    othersBefore.every((extension, i) => extension.type === othersAfter[i]?.type && equal(extension.data, othersAfter[i].data))
  if (!same) return "P1"
  if (before.kind !== after.kind) return "P2"
  if (before.kind === "dm" && !samePolicy(before, after)) return "P4"
  return undefined
}

function checkProposals({ staged, leavesBefore, updated }: CommitCheck, committer: Leaf): PolicyRule | undefined {
  const accountOf = (leafIndex: number | undefined): string | undefined => {
    const leaf = leavesBefore.find((candidate) => candidate.leafIndex === leafIndex)
    return leaf && toHex(leaf.accountId)
  }
  for (const { type, sender, leafIndex } of staged.proposals) {
    if (type === "psk" || type === "reinit") return "P3"
    if (sender === committer.leafIndex || type === "update") continue
    if (type !== "remove" || accountOf(sender) === undefined || accountOf(sender) !== accountOf(leafIndex)) return "P15"
  }
  const moved = updated.some(({ before, after }) => !equal(before.accountId, after.accountId) || !equal(before.deviceId, after.deviceId))
  return moved ? "P14" : undefined
}

function checkAdds({ before, staged, leavesBefore, added, readmissions }: CommitCheck, committer: Leaf): PolicyRule | undefined {
  // Whoever makes a successor lets everybody in who was there before. It is alone until then.
  const founds = leavesBefore.length === 1 && isFounder(predecessorsOf(staged.extensionsBefore), committer)
  for (const leaf of added) {
    if (readmissions?.some((each) => each.added === leaf.leafIndex)) continue
    const present = leavesBefore.some((other) => equal(other.accountId, leaf.accountId))
    const allowed = before.kind !== "self" && (founds || mayAdd(before, committer))
    if (present) {
      if (!equal(leaf.accountId, committer.accountId) && !allowed) return "P7"
    } else if (!allowed) return "P6"
  }
  return undefined
}

function checkRemoves({ before, staged, removed, readmissions, isRevoked }: CommitCheck, committer: Leaf): PolicyRule | undefined {
  for (const leaf of removed) {
    if (readmissions?.some((each) => each.removed === leaf.leafIndex)) continue
    const proposedBySelf = staged.proposals.some(
      (proposal) => proposal.type === "remove" && proposal.leafIndex === leaf.leafIndex && proposal.sender !== committer.leafIndex,
    ) // P15 held
    const own = equal(leaf.accountId, committer.accountId)
    const byAdmin = before.kind === "group" && roleOf(before, committer.accountId) === "admin"
    if (!proposedBySelf && !own && !byAdmin && !isRevoked(leaf)) return "P9"
  }
  return undefined
}

function checkPolicyChange({ before, after }: CommitCheck, committer: Leaf, leavesAfter: readonly Leaf[]): PolicyRule | undefined {
  const admin = roleOf(before, committer.accountId) === "admin"
  const described = before.name !== after.name || !sameBytes(before.picture, after.picture)
  if (described && before.rules.rename === "admins" && !admin) return "P10"
  const forced = policyAfterRemovals(before, leavesAfter)
  const undescribed = { ...after, name: forced.name, picture: forced.picture }
  if (!admin && !samePolicy(undescribed, forced)) return "P11"
  return undefined
}

function checkShape(policy: Policy, leaves: readonly Leaf[]): PolicyRule | undefined {
  const accounts = new Set(leaves.map((leaf) => toHex(leaf.accountId)))
  const devices = new Set(leaves.map((leaf) => `${toHex(leaf.accountId)}/${toHex(leaf.deviceId)}`))
  if (accounts.size > limits.accountsPerGroup || leaves.length > limits.devicesPerGroup) return "P16"
  if (devices.size !== leaves.length) return "P8"
  switch (policy.kind) {
    case "dm": {
      const two = policy.roles.map((entry) => toHex(entry.accountId))
      if (two.length !== 2 || policy.name !== "" || [...accounts].some((account) => !two.includes(account))) return "P4"
      return undefined
    }
    case "self":
      return accounts.size === 1 ? undefined : "P5"
    case "group":
      if (policy.roles.some((entry) => !accounts.has(toHex(entry.accountId)))) return "P12"
      return policy.roles.length > 0 ? undefined : "P13"
  }
}

function checkShutOut(predecessors: readonly Predecessor[], leaves: readonly Leaf[]): PolicyRule | undefined {
  return leaves.some((leaf) => isShutOut(predecessors, leaf)) ? "P17" : undefined
}

/** Whether the leaf made a successor. It has the first leaf (RFC 9420 §11). */
function isFounder(predecessors: readonly Predecessor[], { leafIndex }: Leaf): boolean {
  return predecessors.length > 0 && leafIndex === 0
}

/** In a dm both accounts may add: P4 lets in nobody but the two. */
function mayAdd(policy: Policy, leaf: Leaf): boolean {
  return policy.rules.add === "everyone" || roleOf(policy, leaf.accountId) === "admin"
}

function samePolicy(a: Policy, b: Policy): boolean {
  return compare(encodePolicy(a), encodePolicy(b)) === 0
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b)
}
