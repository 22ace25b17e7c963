// A commit that was validated completely and changes nothing yet: from Verified to Staged, and from Staged to Applied.

import { TlsWriter, bytes, decodeTls, equal } from "@nodoor/bytes"
import type { Engine, Environment, LeafExtensions, Member, PskLookup, StagedCommit } from "../api/api.ts"
import type { UpdatePath } from "../tree/update-path.ts"
import { type VerifiedContent, verifyContent } from "../message/content-authentication.ts"
import { identityOf } from "../codec/credential.ts"
import { type EpochChange, committedPskSecret, concludeCommit, initSecretOf, provisionalContext } from "./epoch-change.ts"
import { encodeAuthenticatedContent, readAuthenticatedContent, encodeFramedContent } from "../message/framing.ts"
import { type Group, asGroupId, internal } from "./group-state.ts"
import { type LeafNode, memberOf } from "../tree/leaf-node.ts"
import { checkLeafNode } from "../tree/leaf-node-validation.ts"
import { maxKeyBytes } from "../codec/limits.ts"
import { makeKeyPackageRef } from "../codec/cryptographic-objects.ts"
import { checkMembership } from "../tree/membership-validation.ts"
import { MlsError, check, decoding } from "../codec/mls-error.ts"
import { type AppliedProposals, applyProposals } from "./proposal-application.ts"
import { type CommittedProposal, checkExternalProposalList, checkProposalList, needsPath, resolveProposals } from "./proposal-list.ts"
import type { ReInit } from "../message/proposal.ts"
import { type RatchetTree, TreeDraft, leafAt, rootHash } from "../tree/ratchet-tree.ts"
import { type PathKeys, type PathSeed, mergeUpdatePath, openPath, ownPath } from "../tree/tree-kem.ts"
import type { SuiteCrypto } from "../provider/provider.ts"

/** What of an own commit is kept besides its content, to stage it again from bytes. */
export interface OwnSecrets {
  readonly seed: PathSeed | undefined
  readonly pskSecret: Uint8Array
}

export interface Staged extends StagedCommit {
  readonly groupId: Uint8Array
  /** Tree hash of the epoch this commit belongs to. */
  readonly treeHashBefore: Uint8Array
  /** Undefined when this member is removed: it cannot know the next epoch. */
  readonly next: EpochChange | undefined
  readonly reinitProposal: ReInit | undefined
  readonly content: VerifiedContent
  readonly ownSecrets: OwnSecrets | undefined
}

/** Validates a commit, RFC 9420 §12.4.2, and computes the epoch it leads to. @throws MlsError; the state is untouched either way */
export function stageCommit(
  env: Environment,
  group: Group,
  content: VerifiedContent,
  input: { readonly psks: PskLookup | undefined; readonly own?: OwnSecrets },
): Staged {
  const suite = env.crypto.suite(group.suite)
  const { framed } = content
  if (framed.content.type !== "commit") throw new MlsError("sender_type", "not a commit")
  const { commit } = framed.content
  const list = resolveProposals(group, commit, framed.sender)
  if (framed.sender.type === "member") checkProposalList(list, { suite, group, committer: framed.sender.leafIndex })
  else checkExternalProposalList(list, suite, group)
  // RFC 9420 §12.4: without a path nobody who was removed would be locked out.
  check(commit.path !== undefined || !needsPath(list), "missing_path", "a commit without path that must have one")

  const draft = new TreeDraft(suite, group.tree)
  const applied = applyProposals(draft, list, group.context.extensions)
  const committer = framed.sender.type === "member" ? framed.sender.leafIndex : draft.reserveLeaf()
  const steps = commit.path && receivePath(suite, group, draft, committer, commit.path, applied, framed.sender.type !== "member")
  const { tree } = draft.finish()
  const fresh = [...applied.added, ...applied.updated, ...(commit.path === undefined ? [] : [committer])]
  checkMembership(tree, fresh, applied.extensions, applied)

  const own = input.own !== undefined
  const describe = (next: EpochChange | undefined): Staged =>
    describeCommit(suite, group, content, { list, applied, committer, tree, next, ownSecrets: input.own })
  if (applied.removed.includes(group.ownLeafIndex)) return describe(undefined)
  const provisional = provisionalContext(group, rootHash(tree), applied)
  let path: PathKeys | undefined
  if (commit.path !== undefined && steps !== undefined) {
    if (input.own?.seed !== undefined) path = ownPath(suite, draft, steps, committer, input.own.seed)
    else {
      const privateKeys =
        applied.ownLeafKey === undefined ? group.privateKeys : new Map([...group.privateKeys, [2 * group.ownLeafIndex, applied.ownLeafKey]])
      const reader = { ownLeafIndex: group.ownLeafIndex, committer, privateKeys, added: new Set(applied.added), context: provisional }
      path = openPath(suite, draft, steps, commit.path, reader)
    }
  }
  const pskSecret = own ? (input.own as OwnSecrets).pskSecret : committedPskSecret(suite, group, applied, input.psks)
  const transcript = { wireFormat: content.wireFormat, content: encodeFramedContent(framed), signature: content.auth.signature }
  const next = concludeCommit(suite, group, {
    tree,
    provisional,
    applied,
    path,
    initSecret: initSecretOf(env, group, applied),
    pskSecret,
    transcript,
  })
  const tag = content.auth.confirmationTag
  check(tag !== undefined && equal(tag, next.confirmationTag), "confirmation_tag", "the confirmation tag does not fit the next epoch")
  return describe(next)
}

/** Checks a path's leaf and puts the path into the draft, RFC 9420 §12.4.2. */
function receivePath(
  suite: SuiteCrypto,
  group: Group,
  draft: TreeDraft,
  committer: number,
  path: UpdatePath,
  applied: AppliedProposals,
  external: boolean,
): ReturnType<typeof mergeUpdatePath> {
  const { leafNode } = path
  check(leafNode.source.type === "commit", "leaf_source", "a commit's leaf has another source")
  const replaced = external ? applied.removed[0] : committer
  const before = replaced === undefined ? undefined : leafAt(group.tree, replaced)
  if (before !== undefined) {
    check(!equal(leafNode.encryptionKey, before.encryptionKey), "encryption_key_unchanged", "a commit keeps the encryption key of its leaf")
    // RFC 9420 §12.2: an outsider may remove nobody but its own old appearance.
    const sameIdentity =
      before.credential.type === leafNode.credential.type && equal(identityOf(before.credential), identityOf(leafNode.credential))
    check(!external || sameIdentity, "external_commit_identity", "an external commit removes a member with another credential")
  }
  checkLeafNode(suite, leafNode, { groupId: group.groupId, leafIndex: committer, maxLifetimeS: undefined, importKey: true })
  return mergeUpdatePath(suite, draft, committer, path)
}

export interface StagedParts {
  readonly list: readonly CommittedProposal[]
  readonly applied: AppliedProposals
  readonly committer: number
  readonly tree: RatchetTree
  readonly next: EpochChange | undefined
  readonly ownSecrets: OwnSecrets | undefined
}

/** What policy and transparency are shown. */
export function describeCommit(suite: SuiteCrypto, group: Group, content: VerifiedContent, parts: StagedParts): Staged {
  const { applied, committer, tree } = parts
  const external = content.framed.sender.type !== "member"
  const before = (leafIndex: number): Member => memberOf(leafIndex, leafAt(group.tree, leafIndex) as LeafNode)
  const after = (leafIndex: number): Member => memberOf(leafIndex, leafAt(tree, leafIndex) as LeafNode)
  const fresh = (leafIndex: number): LeafExtensions => ({ leafIndex, extensions: (leafAt(tree, leafIndex) as LeafNode).extensions })
  const hasPath = content.framed.content.type === "commit" && content.framed.content.commit.path !== undefined
  const updated = hasPath && !external ? [...applied.updated, committer] : applied.updated
  const { reinit } = applied
  const added = [...applied.added, ...(external ? [committer] : [])]
  return {
    epoch: group.epoch,
    committer,
    external,
    own: parts.ownSecrets !== undefined,
    added: added.map(after),
    addedRefs: parts.list.flatMap(({ proposal }) =>
      proposal.type === "add" ? [bytes<"KeyPackageRef">(makeKeyPackageRef(suite, proposal.keyPackage.encoded))] : [],
    ),
    freshLeaves: [...added, ...updated].map(fresh),
    privateUse: parts.list.flatMap(({ proposal }) =>
      proposal.type === "private_use" ? [{ type: proposal.proposalType, data: proposal.data }] : [],
    ),
    removed: applied.removed.map(before),
    updated: updated.map((leafIndex) => ({ before: before(leafIndex), after: after(leafIndex) })),
    proposals: parts.list.map(({ proposal, sender }) => ({
      type: proposal.type,
      sender: sender.type === "member" ? sender.leafIndex : -1,
      ...(proposal.type === "remove"
        ? { leafIndex: proposal.removed }
        : proposal.type === "update" && sender.type === "member"
          ? { leafIndex: sender.leafIndex }
          : {}),
    })),
    extensionsBefore: group.context.extensions,
    extensionsAfter: applied.extensions,
    removesOwn: applied.removed.includes(group.ownLeafIndex),
    reinit: reinit && {
      groupId: asGroupId(reinit.groupId),
      version: reinit.version,
      suite: reinit.suite,
      extensions: reinit.extensions,
    },
    authenticatedData: content.framed.authenticatedData,
    groupId: group.groupId,
    treeHashBefore: group.context.treeHash,
    next: parts.next,
    reinitProposal: reinit,
    content,
    ownSecrets: parts.ownSecrets,
  }
}

/** Only of an own commit. */
export const encodeStaged: Engine["encodeStaged"] = (staged) => {
  const { content, ownSecrets } = staged as Staged
  check(ownSecrets !== undefined, "wrong_signer", "only an own commit can be encoded")
  return new TlsWriter()
    .u8(1)
    .optional(ownSecrets.seed, (writer, seed) => writer.vector(seed.leafKey).vector(seed.pathSecret))
    .vector(ownSecrets.pskSecret)
    .raw(encodeAuthenticatedContent(content))
    .finish()
}

/** @throws MlsError `wrong_epoch` when the group has moved on meanwhile */
export const decodeStaged: Engine["decodeStaged"] = (env, state, input) => {
  const group = internal(state)
  const { own, content } = decoding(() =>
    decodeTls(new Uint8Array(input), (reader) => {
      check(reader.u8() === 1, "broken_records", "version of a staged commit")
      const seed = reader.optional((inner) => ({ leafKey: inner.vector(maxKeyBytes), pathSecret: inner.vector(maxKeyBytes) }))
      return { own: { seed, pskSecret: reader.vector(maxKeyBytes) }, content: readAuthenticatedContent(reader) }
    }),
  )
  check(equal(content.framed.groupId, group.groupId), "wrong_group", "a staged commit of another group")
  check(content.framed.epoch === group.epoch, "wrong_epoch", "a staged commit of another epoch")
  const leaf = leafAt(group.tree, group.ownLeafIndex)
  check(leaf !== undefined, "group_inactive", "this member has left the group")
  const { sender } = content.framed
  check(sender.type === "member" && sender.leafIndex === group.ownLeafIndex, "broken_records", "a staged commit of somebody else")
  return stageCommit(env, group, verifyContent(env.crypto.suite(group.suite), content, group.context.encoded, leaf.signatureKey), {
    psks: undefined,
    own,
  })
}
