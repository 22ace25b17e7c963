// Proposals of our own, RFC 9420 §12.1, and which of the pending ones a commit of ours takes (§12.4.1, §12.2).

import { encodeTls, equal, present, toHex } from "@nodoor/bytes"
import type { Change, Engine, Environment, GroupState, ProposalInput, PskLookup, Signer } from "./api.ts"
import { mls10 } from "./capabilities.ts"
import { type VerifiedContent, ownContent, signContent } from "./content-authentication.ts"
import { makeProposalRef } from "./cryptographic-objects.ts"
import { type Sender, encodeAuthenticatedContent, encodedContent } from "./framing.ts"
import { type Group, checkActive, internal, maxLifetimeOf, proposalKey } from "./group-state.ts"
import { keyPackageOf } from "./key-package.ts"
import { signLeafNode } from "./leaf-node.ts"
import { checkLifetime } from "./leaf-node-validation.ts"
import { maxPendingProposals } from "./limits.ts"
import { check } from "./mls-error.ts"
import { checkOwnSigner, sealOwn } from "./own-message.ts"
import { type CommittedProposal, checkProposal } from "./proposal-list.ts"
import type { Proposal } from "./proposal.ts"
import type { SuiteCrypto } from "./provider.ts"
import { writePreSharedKeyId } from "./psk.ts"
import { leafAt, leavesOf } from "./ratchet-tree.ts"
import { proposalRecord } from "./records.ts"
import { wireFormat } from "./wire-format.ts"

export function toProposal(env: Environment, group: Group, input: ProposalInput): Proposal {
  switch (input.type) {
    case "add":
      return { type: "add", keyPackage: keyPackageOf(env, input.keyPackage, maxLifetimeOf(group.options)) }
    case "remove":
      return { type: "remove", removed: input.leafIndex }
    case "group_context_extensions":
      return {
        type: "group_context_extensions",
        extensions: input.extensions.map(({ type, data }) => ({ type, data: new Uint8Array(data) })),
      }
    case "psk":
      return { type: "psk", psk: { id: input.pskId, nonce: env.crypto.random(env.crypto.suite(group.suite).hashBytes) } }
    case "reinit":
      return { type: "reinit", reinit: { groupId: input.groupId, version: mls10, suite: input.suite, extensions: input.extensions } }
  }
}

export const propose: Engine["propose"] = (env, state, input) => {
  const group = internal(state)
  checkActive(group)
  checkOwnSigner(group, input.signer)
  const suite = env.crypto.suite(group.suite)
  const { proposal, ownLeafKey } =
    input.proposal.type === "update"
      ? ownUpdate(env, group, input.signer)
      : { proposal: toProposal(env, group, input.proposal), ownLeafKey: undefined }
  if (proposal.type === "add") checkLifetime(proposal.keyPackage.leafNode, env.timeMs)
  const sender = { type: "member", leafIndex: group.ownLeafIndex } as const
  // Checked as if another member committed it.
  checkProposal({ proposal, sender, ownLeafKey }, { suite, group, committer: -1 })
  const framed = {
    groupId: group.groupId,
    epoch: group.epoch,
    sender,
    authenticatedData: new Uint8Array(input.authenticatedData ?? []),
    ...encodedContent({ type: "proposal", proposal }),
  }
  const signature = signContent(suite, wireFormat.privateMessage, framed, group.context.encoded, input.signer.privateKey)
  const content = ownContent({ wireFormat: wireFormat.privateMessage, framed, auth: { signature, confirmationTag: undefined } })
  const sealed = sealOwn(env, group, content)
  const kept = keepProposal(suite, sealed.change.state, content, ownLeafKey)
  return { message: sealed.message, change: { state: kept.state, writes: [...sealed.change.writes, ...kept.writes] } }
}

/** A fresh leaf for ourselves, RFC 9420 §12.1.2. */
function ownUpdate(env: Environment, group: Group, signer: Signer): { readonly proposal: Proposal; readonly ownLeafKey: Uint8Array } {
  const suite = env.crypto.suite(group.suite)
  const leaf = present(leafAt(group.tree, group.ownLeafIndex), "our own leaf")
  const pair = suite.deriveKeyPair(env.crypto.random(suite.hashBytes))
  const content = { ...leaf, encryptionKey: pair.publicKey.bytes, source: { type: "update" } as const }
  const leafNode = signLeafNode(suite, content, signer.privateKey, { groupId: group.groupId, leafIndex: group.ownLeafIndex })
  return { proposal: { type: "update", leafNode }, ownLeafKey: pair.privateKey.bytes }
}

/** Keeps a verified proposal until a commit takes it. @throws MlsError `too_many_proposals` */
export function keepProposal(
  suite: SuiteCrypto,
  state: GroupState,
  content: VerifiedContent,
  ownLeafKey: Uint8Array | undefined,
): Change & { readonly state: Group } {
  const group = internal(state)
  const ref = makeProposalRef(suite, encodeAuthenticatedContent(content))
  const pending = { ref, content, ownLeafKey }
  check(group.proposals.size < maxPendingProposals, "too_many_proposals", `more than ${maxPendingProposals} proposals wait in this epoch`)
  const proposals = new Map(group.proposals).set(proposalKey(ref), pending)
  return { state: { ...group, proposals }, writes: [proposalRecord(group.proposals.size, pending)] }
}

export interface PendingChoice {
  readonly ref: Uint8Array
  readonly committed: CommittedProposal
}

/**
 * The pending proposals that may stand in one list with `inline`, RFC 9420 §12.2: Removes before Updates of the same leaf, the latest
 * Update, a ReInit only when it is alone. The rest lapses with the epoch. Each was checked by itself when it came.
 */
export function pendingProposals(group: Group, inline: readonly CommittedProposal[], lookup: PskLookup): PendingChoice[] {
  const rank = (type: Proposal["type"]): number => (type === "remove" ? 0 : type === "reinit" ? 2 : 1)
  const newestFirst = [...group.proposals.values()].reverse().flatMap((pending): PendingChoice[] => {
    const { framed } = pending.content
    if (framed.content.type !== "proposal") return []
    return [{ ref: pending.ref, committed: { proposal: framed.content.proposal, sender: framed.sender, ownLeafKey: pending.ownLeafKey } }]
  })
  const candidates = newestFirst.sort((a, b) => rank(a.committed.proposal.type) - rank(b.committed.proposal.type))
  const claimed = new Set<string>([`leaf ${group.ownLeafIndex}`])
  for (const item of inline) claim(claimed, group, item)
  const taken: PendingChoice[] = []
  for (const candidate of candidates) {
    const { proposal } = candidate.committed
    if (proposal.type === "reinit" && inline.length + taken.length > 0) continue
    if (proposal.type === "psk" && lookup(proposal.psk.id) === undefined) continue
    if (taken.some(({ committed }) => committed.proposal.type === "reinit")) break
    if (claim(claimed, group, candidate.committed)) taken.push(candidate)
  }
  return taken.reverse()
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
