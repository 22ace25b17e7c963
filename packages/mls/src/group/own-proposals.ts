// Proposals of our own, RFC 9420 §12.1.

import { present } from "@nodoor/bytes"
import type { Change, Engine, Environment, GroupState, ProposalInput, Signer } from "../api/api.ts"
import { mls10 } from "../codec/capabilities.ts"
import { type VerifiedContent, ownContent, signContent } from "../message/content-authentication.ts"
import { makeProposalRef } from "../codec/cryptographic-objects.ts"
import { encodeAuthenticatedContent, encodedContent } from "../message/framing.ts"
import { maxLifetimeOf } from "../codec/group-options.ts"
import { type Group, checkActive, internal, proposalKey } from "./group-state.ts"
import { keyPackageOf } from "../message/key-package.ts"
import { signLeafNode } from "../tree/leaf-node.ts"
import { checkLifetime } from "../tree/leaf-node-validation.ts"
import { maxPendingProposals } from "../codec/limits.ts"
import { check } from "../codec/mls-error.ts"
import { checkOwnSigner, sealOwn } from "./own-message.ts"
import { checkTogether } from "./pending-proposals.ts"
import type { Proposal } from "../message/proposal.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { leafAt } from "../tree/ratchet-tree.ts"
import { proposalRecord } from "./records.ts"
import { wireFormat } from "../codec/wire-format.ts"

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
    case "private_use":
      return { type: "private_use", proposalType: input.proposalType, data: new Uint8Array(input.data) }
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
  check(proposal.type !== "private_use", "private_use_reference", "a proposal for private use outside a commit")
  if (proposal.type === "add") checkLifetime(proposal.keyPackage.leafNode, env.timeMs)
  const sender = { type: "member", leafIndex: group.ownLeafIndex } as const
  // Judged as the only proposal of another member's commit: one that nobody could commit is not made.
  checkTogether(env, group, [{ proposal, sender, ownLeafKey }], { committer: -1 })
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
