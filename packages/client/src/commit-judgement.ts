// Whether a commit may be applied: every new leaf against the account chains, the whole against the group's policy.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { type GroupState, type StagedCommit, members } from "@nodoor/mls"
import { type PolicyRule, checkCommit } from "./policy-check.ts"
import { type Policy, policyOf } from "./policy.ts"
import { type DistrustCode, type IdentifiedMember, type Judgement, type Trust, identify } from "./trust.ts"

export type CommitVerdict =
  | { readonly status: "allowed" }
  | { readonly status: "lookup"; readonly accounts: readonly AccountId[] }
  | Extract<Judgement, { readonly status: "held" }>
  /** `code`: the policy rule or the reason of distrust. */
  | { readonly status: "refused"; readonly code: PolicyRule | "malformed" | DistrustCode }

/** `fresh`: hexadecimal ids of accounts that have just been asked for. Removals by those who may not remove need a fresh look. */
export async function judgeCommit(
  trust: Trust,
  state: GroupState,
  staged: StagedCommit,
  fresh: ReadonlySet<string>,
): Promise<CommitVerdict> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(state, staged)
  } catch (error) {
    if (error instanceof CodecError) return { status: "refused", code: "malformed" }
    throw error
  }
  const { policies, leavesBefore, added, removed, updated } = parsed
  const [kept, changed] = [updated.filter(keepsKey), updated.filter((pair) => !keepsKey(pair))]
  const leaves = { added: [...added, ...changed.map(({ after }) => after)], kept: kept.map(({ after }) => after) }
  const judgement = await trust.judge(leaves, fresh)
  if (judgement.status === "lookup" || judgement.status === "held") return judgement
  if (judgement.status === "untrusted") return { status: "refused", code: judgement.code }
  const revoked = new Set<IdentifiedMember>()
  for (const leaf of removed) if (await trust.isRevoked(leaf)) revoked.add(leaf)
  const broken = checkCommit({
    ...policies,
    staged,
    leavesBefore,
    added,
    removed,
    updated,
    isRevoked: (leaf) => revoked.has(leaf as IdentifiedMember),
  })
  if (broken === undefined) return { status: "allowed" }
  const stale = removed.filter((leaf) => !fresh.has(toHex(leaf.accountId)))
  if (broken === "P9" && stale.length > 0) return { status: "lookup", accounts: unique(stale) }
  return { status: "refused", code: broken }
}

function parse(
  state: GroupState,
  staged: StagedCommit,
): {
  readonly policies: { readonly before: Policy; readonly after: Policy }
  readonly leavesBefore: readonly IdentifiedMember[]
  readonly added: readonly IdentifiedMember[]
  readonly removed: readonly IdentifiedMember[]
  readonly updated: readonly { readonly before: IdentifiedMember; readonly after: IdentifiedMember }[]
} {
  return {
    policies: { before: policyOf(staged.extensionsBefore), after: policyOf(staged.extensionsAfter) },
    leavesBefore: members(state).map(identify),
    added: staged.added.map(identify),
    removed: staged.removed.map(identify),
    updated: staged.updated.map(({ before, after }) => ({ before: identify(before), after: identify(after) })),
  }
}

/** An update that brings no new key changes nobody's place. */
function keepsKey({ before, after }: { readonly before: IdentifiedMember; readonly after: IdentifiedMember }): boolean {
  return equal(before.deviceId, after.deviceId) && equal(before.signatureKey, after.signatureKey)
}

function unique(leaves: readonly IdentifiedMember[]): readonly AccountId[] {
  return [...new Map(leaves.map((leaf) => [toHex(leaf.accountId), leaf.accountId])).values()]
}
