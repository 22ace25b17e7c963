// Which of the pending proposals a commit of ours takes, RFC 9420 §12.4: "all valid proposals", each judged beside the others.

import { encodeTls, equal, toHex } from "@nodoor/bytes"
import type { Environment, PskLookup } from "../api/api.ts"
import type { Sender } from "../message/framing.ts"
import type { Group } from "./group-state.ts"
import { checkMembership } from "../tree/membership-validation.ts"
import { MlsError } from "../codec/mls-error.ts"
import { applyProposals } from "./proposal-application.ts"
import { type CommittedProposal, checkProposalList, keyPackagesIn } from "./proposal-list.ts"
import type { Proposal } from "../message/proposal.ts"
import { writePreSharedKeyId } from "../secrets/psk.ts"
import { TreeDraft, leavesOf } from "../tree/ratchet-tree.ts"

export interface PendingChoice {
  readonly ref: Uint8Array
  readonly committed: CommittedProposal
}

/**
 * The pending proposals that are valid beside `inline`: Removes before Updates of the same leaf, the latest Update, a ReInit only when it
 * is alone (§12.2). The rest lapses with the epoch. One bad proposal among n costs about 2 log n looks at the list.
 */
export function pendingProposals(
  env: Environment,
  group: Group,
  inline: readonly CommittedProposal[],
  lookup: PskLookup,
): readonly PendingChoice[] {
  const rank = (type: Proposal["type"]): number => (type === "remove" ? 0 : type === "reinit" ? 2 : 1)
  const candidates = [...group.proposals.values()]
    .reverse()
    .flatMap((pending): PendingChoice[] => {
      const { framed } = pending.content
      if (framed.content.type !== "proposal") return []
      const { proposal } = framed.content
      if (proposal.type === "psk" && lookup(proposal.psk.id) === undefined) return []
      return [{ ref: pending.ref, committed: { proposal, sender: framed.sender, ownLeafKey: pending.ownLeafKey } }]
    })
    .sort((a, b) => rank(a.committed.proposal.type) - rank(b.committed.proposal.type))
  const taken: PendingChoice[] = []
  const take = (some: readonly PendingChoice[]): void => {
    const fitting = withoutRivals(group, inline, taken, some)
    if (fitting.length === 0) return
    const list = [...inline, ...[...taken, ...fitting].map(({ committed }) => committed)]
    if (isValid(env, group, list)) taken.push(...fitting)
    else if (some.length > 1) {
      const half = some.length >> 1
      take(some.slice(0, half))
      take(some.slice(half))
    }
  }
  take(candidates)
  return taken.reverse()
}

/**
 * Whether a list can be committed, but for the path: §12.2, and §7.3 among the members it leads to. `committer`: a leaf index, or -1 for
 * somebody else than every sender. @throws MlsError
 */
export function checkTogether(
  env: Environment,
  group: Group,
  list: readonly CommittedProposal[],
  { committer }: { readonly committer: number },
): void {
  const suite = env.crypto.suite(group.suite)
  checkProposalList(list, { suite, group, committer, trusted: keyPackagesIn(list) })
  const draft = new TreeDraft(suite, group.tree)
  const applied = applyProposals(draft, list, group.context.extensions)
  checkMembership(draft, [...applied.added, ...applied.updated], applied.extensions, applied)
}

function isValid(env: Environment, group: Group, list: readonly CommittedProposal[]): boolean {
  try {
    checkTogether(env, group, list, { committer: group.ownLeafIndex })
    return true
  } catch (error) {
    if (error instanceof MlsError) return false
    throw error
  }
}

/** Those of `some` that want nothing which `inline`, `taken` or an earlier one has already. */
function withoutRivals(
  group: Group,
  inline: readonly CommittedProposal[],
  taken: readonly PendingChoice[],
  some: readonly PendingChoice[],
): readonly PendingChoice[] {
  const claimed = new Set<string>([`leaf ${group.ownLeafIndex}`])
  for (const item of inline) claim(claimed, group, item)
  for (const { committed } of taken) claim(claimed, group, committed)
  return some.filter(({ committed }) => claim(claimed, group, committed))
}

/** Takes what a proposal needs for itself: a leaf, a client, a PSK, the extensions. False when somebody has it already. */
function claim(claimed: Set<string>, group: Group, { proposal, sender }: CommittedProposal): boolean {
  const what = claimOf(proposal, sender)
  if (claimed.has(what)) return false
  if (proposal.type === "add") {
    const { signatureKey } = proposal.keyPackage.leafNode
    for (const [leafIndex, leaf] of leavesOf(group.tree)) {
      if (equal(leaf.signatureKey, signatureKey) && !claimed.has(`leaf ${leafIndex} removed`)) return false
    }
  }
  claimed.add(what)
  if (proposal.type === "remove") claimed.add(`${what} removed`)
  return true
}

function claimOf(proposal: Proposal, sender: Sender): string {
  switch (proposal.type) {
    case "remove":
      return `leaf ${proposal.removed}`
    case "update":
      return `leaf ${sender.type === "member" ? sender.leafIndex : -1}`
    case "add":
      return `client ${toHex(proposal.keyPackage.leafNode.signatureKey)}`
    case "psk":
      return `psk ${toHex(encodeTls((writer) => writePreSharedKeyId(writer, proposal.psk)))}`
    default:
      return proposal.type
  }
}
