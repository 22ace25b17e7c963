// What comes in for a group: Received → Parsed → Verified, RFC 9420 §6, then to the member, the pending proposals or a staged commit.

import { equal } from "@nodoor/bytes"
import type { Engine, Environment, Processed, PskLookup, ReceivedProposal } from "../api/api.ts"
import { type VerifiedContent, checkMembershipTag, verifyContent } from "../message/content-authentication.ts"
import { externalSenders } from "../codec/extension.ts"
import type { AuthenticatedContent, PrivateMessage, PublicMessage } from "../message/framing.ts"
import { type Group, checkActive, internal, memberAt, withSecretTree } from "./group-state.ts"
import { memberOf } from "../tree/leaf-node.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import { parseMessage } from "../message/mls-message.ts"
import { keepProposal } from "./own-proposals.ts"
import { openContent, openSenderData } from "../message/private-message.ts"
import { checkProposal } from "./proposal-list.ts"
import type { Proposal } from "../message/proposal.ts"
import { leafAt } from "../tree/ratchet-tree.ts"
import { type SecretTree, takeGeneration } from "../secrets/secret-tree.ts"
import { stageCommit } from "./staged-commit.ts"
import { wireFormat } from "../codec/wire-format.ts"

/** @throws MlsError; the state is untouched then */
export const process: Engine["process"] = (env, state, message, options) => {
  const group = internal(state)
  const parsed = parseMessage(message)
  if (parsed.format === "private") return processPrivate(env, group, parsed.message, options?.psks)
  if (parsed.format === "public") return processPublic(env, group, parsed.message, options?.psks)
  throw new MlsError("wrong_wire_format", "neither a private nor a public message")
}

/** What an epoch that is current or retained offers to open messages with. */
interface ReadableEpoch {
  readonly context: Uint8Array
  readonly senderData: Uint8Array
  readonly secretTree: SecretTree
}

function readableEpoch(group: Group, epoch: bigint): ReadableEpoch {
  if (epoch === group.epoch) return { context: group.context.encoded, senderData: group.secrets.senderData, secretTree: group.secretTree }
  const past = group.past.find((candidate) => candidate.epoch === epoch)
  if (past === undefined) throw new MlsError("wrong_epoch", "a message of an epoch that is not kept")
  return past
}

function processPrivate(env: Environment, group: Group, message: PrivateMessage, psks: PskLookup | undefined): Processed {
  const suite = env.crypto.suite(group.suite)
  check(equal(message.groupId, group.groupId), "wrong_group", "a message of another group")
  if (message.contentType !== "application") {
    checkActive(group)
    // RFC 9420 §12.1, §12.4.2: handshake messages belong to the current epoch.
    check(message.epoch === group.epoch, "wrong_epoch", "a handshake message of another epoch")
  }
  check(group.active || group.reinit !== undefined, "group_inactive", "this member has left the group")
  const epoch = readableEpoch(group, message.epoch)
  const senderData = openSenderData(suite, epoch.senderData, message)
  check(senderData.leafIndex !== group.ownLeafIndex, "own_message", "a message of this member itself")
  // RFC 9420 §6.3.2: "the recipient MUST verify that the leaf index … identifies a non-blank node"
  const sender = memberAt(group, message.epoch, senderData.leafIndex)
  if (sender === undefined) throw new MlsError("unknown_sender", "the sender is not a member in that epoch")
  const type = message.contentType === "application" ? "application" : "handshake"
  const taken = takeGeneration(suite, epoch.secretTree, { ...senderData, type, timeMs: env.timeMs })
  const content = openContent(suite, message, senderData, taken)
  const verified = verifyContent(suite, content, epoch.context, sender.signatureKey)
  const change = withSecretTree(group, taken.tree, taken.writes)
  const { framed } = verified
  switch (framed.content.type) {
    case "application": {
      const { data } = framed.content
      return {
        kind: "application",
        change,
        sender,
        plaintext: data,
        authenticatedData: framed.authenticatedData,
        epoch: framed.epoch,
        generation: senderData.generation,
      }
    }
    case "proposal": {
      const kept = receiveProposal(env, change.state, verified, framed.content.proposal)
      return {
        kind: "proposal",
        change: { state: kept.state, writes: [...change.writes, ...kept.writes] },
        discarded: change,
        sender,
        epoch: framed.epoch,
        proposal: receivedProposal(framed.content.proposal, sender.leafIndex),
      }
    }
    case "commit":
      return { kind: "commit", staged: stageCommit(env, group, verified, { psks }), change }
  }
}

/** The rules of one proposal hold when it comes, RFC 9420 §12.1, so that nobody keeps what can never be committed. */
function receiveProposal(env: Environment, state: Group, verified: VerifiedContent, proposal: Proposal): ReturnType<typeof keepProposal> {
  const suite = env.crypto.suite(state.suite)
  // RFC 9420 §12.1.6: "This proposal can only be used in that context", an external commit.
  check(proposal.type !== "external_init", "external_init", "an ExternalInit as a proposal of its own")
  // An application's own proposals belong to the commit that they describe.
  check(proposal.type !== "private_use", "private_use_reference", "a proposal for private use outside a commit")
  checkProposal({ proposal, sender: verified.framed.sender, ownLeafKey: undefined }, { suite, group: state, committer: -1 })
  return keepProposal(suite, state, verified, undefined)
}

function receivedProposal(proposal: Proposal, senderLeafIndex: number): ReceivedProposal {
  if (proposal.type === "remove") return { type: "remove", leafIndex: proposal.removed }
  if (proposal.type === "update") return { type: "update", after: memberOf(senderLeafIndex, proposal.leafNode) }
  return { type: proposal.type }
}

function processPublic(env: Environment, group: Group, message: PublicMessage, psks: PskLookup | undefined): Processed {
  const { framed } = message
  check(equal(framed.groupId, group.groupId), "wrong_group", "a message of another group")
  checkActive(group)
  // RFC 9420 §6: "Applications MUST use PrivateMessage to encrypt application messages"
  check(framed.content.type !== "application", "public_application", "application data that is not encrypted")
  check(framed.epoch === group.epoch, "wrong_epoch", "a handshake message of another epoch")
  const content: AuthenticatedContent = { wireFormat: wireFormat.publicMessage, framed, auth: message.auth }
  const verified = verifyContent(env.crypto.suite(group.suite), content, group.context.encoded, publicSenderKey(env, group, message))
  if (framed.content.type === "commit") {
    return { kind: "commit", staged: stageCommit(env, group, verified, { psks }), change: { state: group, writes: [] } }
  }
  if (framed.content.type !== "proposal") throw new MlsError("public_application", "application data that is not encrypted")
  const { proposal } = framed.content
  const kept = receiveProposal(env, group, verified, proposal)
  const sender = publicSender(group, message)
  return {
    kind: "proposal",
    change: kept,
    discarded: { state: group, writes: [] },
    sender,
    epoch: framed.epoch,
    proposal: receivedProposal(proposal, sender.leafIndex),
  }
}

/** Whether this kind of sender is let in, and the key its signature must verify with, RFC 9420 §6.1. @throws MlsError */
function publicSenderKey(env: Environment, group: Group, message: PublicMessage): Uint8Array {
  const { sender, content } = message.framed
  switch (sender.type) {
    case "member": {
      check(group.options.handshakes === "any", "public_message_refused", "this group takes encrypted handshake messages only")
      checkMembershipTag(env.crypto.suite(group.suite), group.secrets.membership, wireFormat.publicMessage, message, group.context.encoded)
      check(sender.leafIndex !== group.ownLeafIndex, "own_message", "a message of this member itself")
      return publicSender(group, message).signatureKey
    }
    case "external": {
      check(group.options.externalProposals, "external_proposal_refused", "this group takes no proposals from outside")
      if (content.type !== "proposal") throw new MlsError("sender_type", "an external sender may send proposals only")
      // RFC 9420 §12.1.8
      const allowed = ["add", "remove", "psk", "reinit", "group_context_extensions"].includes(content.proposal.type)
      check(allowed, "external_proposal_type", "a proposal that an external sender must not make")
      const known = externalSenders(group.context.extensions)[sender.senderIndex]
      if (known === undefined) throw new MlsError("external_sender_unknown", "not one of the group's external senders")
      return known.signatureKey
    }
    case "new_member_proposal": {
      check(group.options.externalProposals, "external_proposal_refused", "this group takes no proposals from outside")
      if (content.type !== "proposal") throw new MlsError("sender_type", "a new member may send a proposal only")
      if (content.proposal.type !== "add") throw new MlsError("new_member_proposal", "a new member may propose only to be added")
      return content.proposal.keyPackage.leafNode.signatureKey
    }
    case "new_member_commit": {
      check(group.options.externalCommits, "external_commit_refused", "this group takes no external commits")
      if (content.type !== "commit") throw new MlsError("sender_type", "a joining member may send a commit only")
      // RFC 9420 §12.4.3.2: "External Commits MUST contain a path field"
      if (content.commit.path === undefined) throw new MlsError("missing_path", "an external commit without path")
      return content.commit.path.leafNode.signatureKey
    }
  }
}

/** The member behind a public message; leaf index -1 for a sender outside the group. */
function publicSender(group: Group, message: PublicMessage): Extract<Processed, { kind: "proposal" }>["sender"] {
  const { sender, content } = message.framed
  if (sender.type === "member") {
    const leaf = sender.leafIndex < group.tree.leafCount ? leafAt(group.tree, sender.leafIndex) : undefined
    if (leaf === undefined) throw new MlsError("unknown_sender", "the sender is not a member")
    return memberOf(sender.leafIndex, leaf)
  }
  if (sender.type === "external") {
    const known = externalSenders(group.context.extensions)[sender.senderIndex]
    if (known !== undefined)
      return {
        leafIndex: -1,
        identity: known.credential.type === 1 ? known.credential.identity : new Uint8Array(0),
        signatureKey: known.signatureKey,
      }
  }
  if (content.type === "proposal" && content.proposal.type === "add") return memberOf(-1, content.proposal.keyPackage.leafNode)
  throw new MlsError("unknown_sender", "no such sender")
}
