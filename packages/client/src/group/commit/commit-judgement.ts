// Decides whether a commit may be applied: checks it against the group's policy, and its author and new leaves against their accounts.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { StagedCommit } from "@nodoor/mls"
import { judgeCommitter } from "../removed-device/removed-committer.ts"
import { type ParsedGroup, parsedCommit } from "./parsed-commit.ts"
import { type CommitCheck, type PolicyRule, checkCommit } from "../policy/policy-check.ts"
import type { Seat } from "../../store/group/seats.ts"
import type { UndecidedReason } from "../../trust/device/undecided.ts"
import { type DistrustCode, type IdentifiedMember, type Judgement, type Lookups, type Trust } from "../../trust/trust.ts"

export type CommitVerdict =
  | { readonly status: "allowed" }
  | ({ readonly status: "lookup" } & Pick<UndecidedReason, "accounts" | "removals">)
  | Extract<Judgement, { readonly status: "held" }>
  /** `code`: the policy rule or the reason of distrust. */
  | { readonly status: "refused"; readonly code: PolicyRule | "malformed" | "removed_device" | "removed_device_unclear" | DistrustCode }

export type CommitTrust = Pick<Trust, "isRevoked" | "mayGoAsHeld" | "standing" | "judge">

/**
 * `timeMs`: the beginning of the hour in which the server placed it, or now for an own one. What the policy forbids is refused before any lookup.
 * A removal that needs a reason, and a committer who uses authority over others, need a fresh lookup.
 */
export async function judgeCommit(
  trust: CommitTrust,
  group: ParsedGroup,
  staged: StagedCommit,
  at: { readonly looks: Lookups; readonly timeMs: number },
): Promise<CommitVerdict> {
  const { state, seats } = group
  let parsed: ReturnType<typeof parsedCommit>
  try {
    parsed = parsedCommit(group, staged)
  } catch (error) {
    if (error instanceof CodecError) return { status: "refused", code: "malformed" }
    throw error
  }
  const { check, committer } = parsed
  const { added, removed, updated, before } = check
  const mayGo = new Set<IdentifiedMember>()
  for (const leaf of removed)
    if (check.readmissions?.some((each) => each.removed === leaf.leafIndex)) mayGo.add(leaf)
    else if (isAddedAgain(leaf, added, seats) || (await trust.isRevoked(leaf)) || (await isHeld(trust, leaf, before.kind, at.timeMs)))
      mayGo.add(leaf)
  const broken = checkCommit({ ...check, isRevoked: (leaf) => mayGo.has(leaf as IdentifiedMember) })
  const refused = broken === undefined ? undefined : ({ status: "refused", code: broken } as const)
  if (refused && broken !== "P9") return refused
  if (committer && committer.leafIndex !== state.ownLeafIndex) {
    const standing = await judgeCommitter(trust, { check, committer, mayGo: (leaf) => mayGo.has(leaf as IdentifiedMember) }, at)
    if (standing === "lookup") return { status: "lookup", accounts: [committer.accountId], removals: [committer] }
    if (standing === "removed" || standing === "unclear")
      return { status: "refused", code: `removed_device${standing === "unclear" ? "_unclear" : ""}` }
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

/** A device that has not taken its seat may be taken out by whoever lets it in again. */
function isAddedAgain(leaf: IdentifiedMember, added: readonly IdentifiedMember[], seats: readonly Seat[]): boolean {
  const isBack = added.some(({ accountId, deviceId }) => equal(accountId, leaf.accountId) && equal(deviceId, leaf.deviceId))
  return isBack && seats.find(({ leafIndex }) => leafIndex === leaf.leafIndex)?.own === false
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

/** An update that brings no new key changes nobody's place. */
function keepsKey({ before, after }: { readonly before: IdentifiedMember; readonly after: IdentifiedMember }): boolean {
  return equal(before.deviceId, after.deviceId) && equal(before.signatureKey, after.signatureKey)
}

function unique(leaves: readonly IdentifiedMember[]): readonly AccountId[] {
  return [...new Map(leaves.map((leaf) => [toHex(leaf.accountId), leaf.accountId])).values()]
}
