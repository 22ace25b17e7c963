// Which proposals a commit may carry together, RFC 9420 §12.2, with the rules of each in §12.1.

import { TlsWriter, assert, equal, present, toHex } from "@nodoor/bytes"
import { mls10 } from "../codec/capabilities.ts"
import type { Commit } from "../message/commit.ts"
import { checkDistinct, externalSenders, requiredCapabilities } from "../codec/extension.ts"
import type { Sender } from "../message/framing.ts"
import { maxLifetimeOf } from "../codec/group-options.ts"
import { type Group, proposalKey } from "./group-state.ts"
import { type KeyPackage, checkKeyPackage } from "../message/key-package.ts"
import type { LeafNode } from "../tree/leaf-node.ts"
import { checkLeafNode, checkLifetimeLength } from "../tree/leaf-node-validation.ts"
import { maxPsks } from "../codec/limits.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import { type Proposal, isPrivateUse } from "../message/proposal.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { writePreSharedKeyId } from "../secrets/psk.ts"
import { leafAt, leavesOf } from "../tree/ratchet-tree.ts"

/** A proposal of a commit with who made it. */
export interface CommittedProposal {
  readonly proposal: Proposal
  readonly sender: Sender
  /** Private encryption key, when it is our own Update. */
  readonly ownLeafKey: Uint8Array | undefined
}

/** Replaces references by what was received under them. @throws MlsError `unknown_proposal`, `external_commit_reference` */
export function resolveProposals(group: Group, commit: Pick<Commit, "proposals">, committer: Sender): CommittedProposal[] {
  return commit.proposals.map((item) => {
    if (item.type === "proposal") return { proposal: item.proposal, sender: committer, ownLeafKey: undefined }
    // RFC 9420 §12.4.3.2: "The Commit MUST NOT include any proposals by reference"
    check(committer.type === "member", "external_commit_reference", "an external commit refers to a proposal")
    const pending = group.proposals.get(proposalKey(item.ref))
    if (pending === undefined) throw new MlsError("unknown_proposal", "a commit refers to a proposal that this member has not seen")
    const { framed } = pending.content
    if (framed.content.type !== "proposal") throw new MlsError("unknown_proposal", "a reference to something else")
    return { proposal: framed.content.proposal, sender: framed.sender, ownLeafKey: pending.ownLeafKey }
  })
}

export interface ListCheck {
  readonly suite: SuiteCrypto
  readonly group: Group
  /** Leaf index. */
  readonly committer: number
  /** Key packages that this process has verified already. */
  readonly trusted?: ReadonlySet<KeyPackage>
}

/** The key packages of a list's Adds. All were verified before they came into a list of ours: by parseKeyPackage, or with their proposal. */
export function keyPackagesIn(list: readonly CommittedProposal[]): ReadonlySet<KeyPackage> {
  return new Set(list.flatMap(({ proposal }) => (proposal.type === "add" ? [proposal.keyPackage] : [])))
}

/** RFC 9420 §12.2 for a commit by a member. @throws MlsError */
export function checkProposalList(list: readonly CommittedProposal[], input: ListCheck): void {
  for (const item of list) checkProposal(item, input)
  checkLeafTargets(list, input.committer)
  checkAdds(list, input.group)
  checkPsks(list)
  checkPrivateUse(list, input.group)
  const count = (type: Proposal["type"]): number => list.filter(({ proposal }) => proposal.type === type).length
  check(count("group_context_extensions") <= 1, "multiple_extensions_proposals", "several GroupContextExtensions proposals")
  check(count("reinit") === 0 || list.length === 1, "reinit_not_alone", "a ReInit beside other proposals")
  check(count("external_init") === 0, "external_init", "an ExternalInit in a member's commit")
}

/** The rules of one proposal, RFC 9420 §12.1. @throws MlsError */
export function checkProposal({ proposal, sender }: CommittedProposal, input: ListCheck): void {
  const { suite, group } = input
  switch (proposal.type) {
    case "add": {
      const { keyPackage } = proposal
      if (!input.trusted?.has(keyPackage)) return checkKeyPackage(suite, keyPackage, group.suite, maxLifetimeOf(group.options))
      check(keyPackage.suite === group.suite, "key_package_suite", "a key package of another cipher suite")
      return checkLifetimeLength(keyPackage.leafNode, maxLifetimeOf(group.options))
    }
    case "update":
      checkUpdate(proposal.leafNode, sender, input)
      return
    case "remove":
      check(isMember(group, proposal.removed), "remove_blank", "a Remove of a leaf that is not a member")
      return
    case "psk":
      check(
        proposal.psk.id.type === "external" || proposal.psk.id.usage === "application" || isNewGroup(group),
        "psk_usage",
        "a PSK of usage reinit or branch",
      )
      check(proposal.psk.nonce.length === suite.hashBytes, "psk_nonce", "a PSK nonce of another length")
      return
    case "reinit":
      check(proposal.reinit.version >= mls10, "reinit_version", "a ReInit to an older version")
      checkDistinct(proposal.reinit.extensions)
      return
    case "group_context_extensions":
      checkDistinct(proposal.extensions)
      requiredCapabilities(proposal.extensions)
      externalSenders(proposal.extensions)
      return
    case "private_use":
      check(isPrivateUse(proposal.proposalType), "proposal_unsupported", "a proposal type that is not for private use")
      return
    case "external_init":
  }
}

/**
 * RFC 9420 §12.2: a proposal of a type "that is not supported by some members of the group that will process the Commit" is invalid. Which
 * types the application of this member understands stands in the capabilities of its own leaf.
 */
function checkPrivateUse(list: readonly CommittedProposal[], group: Group): void {
  const types = new Set(list.flatMap(({ proposal }) => (proposal.type === "private_use" ? [proposal.proposalType] : [])))
  if (types.size === 0) return
  const removed = new Set(list.map(({ proposal }) => (proposal.type === "remove" ? proposal.removed : -1)))
  for (const [leafIndex, leaf] of leavesOf(group.tree)) {
    if (removed.has(leafIndex)) continue
    for (const type of types)
      check(leaf.capabilities.proposals.includes(type), "proposal_unsupported", "a proposal that a member does not understand")
  }
}

/** RFC 9420 §12.1.2, §7.3. */
function checkUpdate(leaf: LeafNode, sender: Sender, { suite, group, committer }: ListCheck): void {
  // Outsiders' Updates are refused when they come, and nobody leaves within an epoch.
  assert(sender.type === "member", "an Update comes from a member")
  check(sender.leafIndex !== committer, "update_by_committer", "an Update by the committer")
  const before = present(leafAt(group.tree, sender.leafIndex), "the leaf of an Update's sender")
  check(leaf.source.type === "update", "leaf_source", "an Update's leaf has another source")
  check(!equal(leaf.encryptionKey, before.encryptionKey), "encryption_key_unchanged", "an Update keeps the encryption key")
  checkLeafNode(suite, leaf, { groupId: group.groupId, leafIndex: sender.leafIndex, maxLifetimeS: undefined, importKey: true })
}

/** RFC 9420 §12.1.4: PSKs of usage reinit and branch belong to the first commit of a new group, while its creator is alone. */
function isNewGroup(group: Group): boolean {
  return group.epoch === 0n && group.tree.leafCount === 1
}

function isMember(group: Group, leafIndex: number): boolean {
  return leafIndex < group.tree.leafCount && leafAt(group.tree, leafIndex) !== undefined
}

/** At most one Update or Remove per leaf, none of the committer. */
function checkLeafTargets(list: readonly CommittedProposal[], committer: number): void {
  const targets = new Set<number>()
  for (const { proposal, sender } of list) {
    const target =
      proposal.type === "remove" ? proposal.removed : proposal.type === "update" && sender.type === "member" ? sender.leafIndex : undefined
    if (target === undefined) continue
    check(target !== committer, "remove_committer", "the committer removes itself")
    check(!targets.has(target), "duplicate_leaf_proposal", "several Updates or Removes of one leaf")
    targets.add(target)
  }
}

/** Adds of clients that are not there yet, each once; a client is its signature key here, its identity for the caller. */
function checkAdds(list: readonly CommittedProposal[], group: Group): void {
  const added = new Set<string>()
  for (const { proposal } of list) {
    if (proposal.type !== "add") continue
    const key = toHex(proposal.keyPackage.leafNode.signatureKey)
    check(!added.has(key), "duplicate_add", "one client is added twice")
    added.add(key)
  }
  if (added.size === 0) return
  const removed = new Set(list.map(({ proposal }) => (proposal.type === "remove" ? proposal.removed : -1)))
  for (let leafIndex = 0; leafIndex < group.tree.leafCount; leafIndex++) {
    const leaf = leafAt(group.tree, leafIndex)
    if (leaf === undefined || removed.has(leafIndex)) continue
    check(!added.has(toHex(leaf.signatureKey)), "already_member", "an added client is a member already")
  }
}

/** Each PSK once. */
function checkPsks(list: readonly CommittedProposal[]): void {
  const seen = new Set<string>()
  for (const { proposal } of list) {
    if (proposal.type !== "psk") continue
    const writer = new TlsWriter()
    writePreSharedKeyId(writer, proposal.psk)
    const id = toHex(writer.finish())
    check(!seen.has(id), "duplicate_psk", "one pre-shared key twice")
    seen.add(id)
  }
  check(seen.size <= maxPsks, "too_many_proposals", `more than ${maxPsks} pre-shared keys`)
}

/** RFC 9420 §12.2 for an external commit: one ExternalInit, at most one Remove, PSKs, nothing else. @throws MlsError */
export function checkExternalProposalList(list: readonly CommittedProposal[], suite: SuiteCrypto, group: Group): void {
  let inits = 0
  let removes = 0
  for (const item of list) {
    const { type } = item.proposal
    if (type === "external_init") inits++
    else if (type === "remove") removes++
    else check(type === "psk", "external_commit_proposals", "a proposal that an external commit must not carry")
    checkProposal(item, { suite, group, committer: -1 })
  }
  check(inits === 1, "external_commit_proposals", "an external commit without exactly one ExternalInit")
  check(removes <= 1, "external_commit_proposals", "an external commit that removes several members")
  checkPsks(list)
}

/** RFC 9420 §12.4: whether a commit of these proposals must have a path. */
export function needsPath(list: readonly CommittedProposal[]): boolean {
  const withoutPath: readonly Proposal["type"][] = ["add", "psk", "reinit", "private_use"]
  return list.length === 0 || list.some(({ proposal }) => !withoutPath.includes(proposal.type))
}
