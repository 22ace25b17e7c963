// Decides whether a commit may be applied: checks it against the group's policy, and its author and new leaves against their accounts.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { type GroupState, type StagedCommit, members } from "@nodoor/mls"
import { judgeCommitter } from "../removed-device/removed-committer.ts"
import { type CommitCheck, type PolicyRule, checkCommit } from "../policy/policy-check.ts"
import { policyOf } from "../../core/policy.ts"
import type { UndecidedReason } from "../../trust/device/undecided.ts"
import { type DistrustCode, type IdentifiedMember, type Judgement, type Lookups, type Trust, identify } from "../../trust/trust.ts"

export type CommitVerdict =
  | { readonly status: "allowed" }
  | ({ readonly status: "lookup" } & Pick<UndecidedReason, "accounts" | "removals">)
  | Extract<Judgement, { readonly status: "held" }>
  /** `code`: the policy rule or the reason of distrust. */
  | { readonly status: "refused"; readonly code: PolicyRule | "malformed" | "removed_device" | DistrustCode }

export type CommitTrust = Pick<Trust, "isRevoked" | "mayGoAsHeld" | "standing" | "judge">

/**
 * `timeMs`: when the server placed it, or now for an own one. What the policy forbids is refused before any lookup.
 * A removal that needs a reason, and a committer who uses authority over others, need a fresh lookup.
 */
export async function judgeCommit(
  trust: CommitTrust,
  state: GroupState,
  staged: StagedCommit,
  at: { readonly looks: Lookups; readonly timeMs: number },
): Promise<CommitVerdict> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(state, staged)
  } catch (error) {
    if (error instanceof CodecError) return { status: "refused", code: "malformed" }
    throw error
  }
  const { check, committer } = parsed
  const { added, removed, updated, before } = check
  const mayGo = new Set<IdentifiedMember>()
  for (const leaf of removed) if ((await trust.isRevoked(leaf)) || (await isHeld(trust, leaf, before.kind, at.timeMs))) mayGo.add(leaf)
  const broken = checkCommit({ ...check, isRevoked: (leaf) => mayGo.has(leaf as IdentifiedMember) })
  const refused = broken === undefined ? undefined : ({ status: "refused", code: broken } as const)
  if (refused && broken !== "P9") return refused
  if (committer && committer.leafIndex !== state.ownLeafIndex) {
    const standing = await judgeCommitter(trust, { check, committer, mayGo: (leaf) => mayGo.has(leaf as IdentifiedMember) }, at)
    if (standing === "lookup") return { status: "lookup", accounts: [committer.accountId], removals: [committer] }
    if (standing === "removed") return { status: "refused", code: "removed_device" }
  }
  const [kept, changed] = [updated.filter(keepsKey), updated.filter((pair) => !keepsKey(pair))]
  const judgement = await trust.judge(
    { kind: before.kind, added: [...added, ...changed.map(({ after }) => after)], kept: kept.map(({ after }) => after) },
    at.looks,
  )
  if (judgement.status === "lookup" || judgement.status === "held") return judgement
  if (judgement.status === "untrusted") return { status: "refused", code: judgement.code }
  if (!refused) return { status: "allowed" }
  const stale = removed.filter((leaf) => !at.looks.final.has(toHex(leaf.accountId)))
  if (stale.length > 0) return { status: "lookup", accounts: unique(stale) }
  return refused
}

/** In a chat of two a held device is waited for. A group removes it, so that it does not have to wait. */
async function isHeld(
  trust: Pick<Trust, "mayGoAsHeld">,
  leaf: IdentifiedMember,
  kind: CommitCheck["before"]["kind"],
  timeMs: number,
): Promise<boolean> {
  return kind === "group" && (await trust.mayGoAsHeld(leaf, timeMs))
}

interface ParsedCommit extends Omit<CommitCheck, "isRevoked" | "leavesBefore" | "added" | "removed" | "updated"> {
  readonly leavesBefore: readonly IdentifiedMember[]
  readonly added: readonly IdentifiedMember[]
  readonly removed: readonly IdentifiedMember[]
  readonly updated: readonly { readonly before: IdentifiedMember; readonly after: IdentifiedMember }[]
}

function parse(
  state: GroupState,
  staged: StagedCommit,
): { readonly check: ParsedCommit & Pick<CommitCheck, "isRevoked">; readonly committer: IdentifiedMember | undefined } {
  const leavesBefore = members(state).map(identify)
  const check = {
    before: policyOf(staged.extensionsBefore),
    after: policyOf(staged.extensionsAfter),
    staged,
    leavesBefore,
    added: staged.added.map(identify),
    removed: staged.removed.map(identify),
    updated: staged.updated.map(({ before, after }) => ({ before: identify(before), after: identify(after) })),
    isRevoked: () => false,
  }
  return { check, committer: leavesBefore.find((leaf) => leaf.leafIndex === staged.committer) }
}

/** An update that brings no new key changes nobody's place. */
function keepsKey({ before, after }: { readonly before: IdentifiedMember; readonly after: IdentifiedMember }): boolean {
  return equal(before.deviceId, after.deviceId) && equal(before.signatureKey, after.signatureKey)
}

function unique(leaves: readonly IdentifiedMember[]): readonly AccountId[] {
  return [...new Map(leaves.map((leaf) => [toHex(leaf.accountId), leaf.accountId])).values()]
}
