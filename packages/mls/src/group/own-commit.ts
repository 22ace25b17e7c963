// Making a commit of our own, RFC 9420 §12.4.1, with its Welcome (§12.4.3.1).

import { TlsWriter, bytes, present } from "@nodoor/bytes"
import type { Engine, Environment, Extension, OwnCommit, PskLookup, Signer, StagedCommit, WelcomeParts } from "../api/api.ts"
import type { ProposalOrRef } from "../message/commit.ts"
import type { UpdatePath } from "../tree/update-path.ts"
import { ownContent, signContent } from "../message/content-authentication.ts"
import { encryptContext, encryptInContext, makeKeyPackageRef } from "../codec/cryptographic-objects.ts"
import { type EpochChange, committedPskSecret, concludeCommit, initSecretOf, provisionalContext } from "./epoch-change.ts"
import { checkDistinct, extensionType } from "../codec/extension.ts"
import { type FramedContent, encodedContent, encodeFramedContent } from "../message/framing.ts"
import { greaseExtension, greaseValue } from "../codec/grease.ts"
import { signGroupInfo, writeGroupInfo } from "../message/group-info.ts"
import { type Group, checkActive, internal, withOwnResumption } from "./group-state.ts"
import type { KeyPackage } from "../message/key-package.ts"
import type { LeafNode } from "../tree/leaf-node.ts"
import { checkLeafExtensions, checkLifetime } from "../tree/leaf-node-validation.ts"
import { welcomeKeys, welcomeSecret } from "../secrets/key-schedule.ts"
import { checkMembership } from "../tree/membership-validation.ts"
import { checkOwnSigner, sealOwn } from "./own-message.ts"
import { toProposal } from "./own-proposals.ts"
import { type PendingChoice, pendingProposals } from "./pending-proposals.ts"
import { type AppliedProposals, applyProposals } from "./proposal-application.ts"
import { type CommittedProposal, checkProposalList, keyPackagesIn, needsPath } from "./proposal-list.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { TreeDraft, leafAt, rootHash } from "../tree/ratchet-tree.ts"
import { encodeRatchetTree } from "../tree/ratchet-tree-extension.ts"
import { describeCommit } from "./staged-commit.ts"
import type { CommitTranscript } from "../secrets/transcript.ts"
import { type NewPath, createPath, importKey } from "../tree/tree-kem.ts"
import { commonAncestor } from "../tree/tree-math.ts"
import { encodeGroupSecrets, writeEncryptedGroupSecrets } from "../message/welcome.ts"
import { wireFormat } from "../codec/wire-format.ts"

/**
 * Takes every pending proposal that is valid beside those of `input` (RFC 9420 §12.4), each judged by itself: one that is not is left out
 * alone, so that no member can keep others' removals and updates back by it.
 * @throws MlsError `group_inactive`, `wrong_signer`, and every code of §12.2 for proposals of `input` that do not go together
 */
export const commit: Engine["commit"] = (env, state, input) => {
  const group = internal(state)
  checkActive(group)
  checkOwnSigner(group, input.signer)
  const own = input.proposals.map((proposal) => toProposal(env, group, proposal))
  for (const proposal of own) if (proposal.type === "add") checkLifetime(proposal.keyPackage.leafNode, env.timeMs)
  const sender = { type: "member", leafIndex: group.ownLeafIndex } as const
  const inline = own.map((proposal) => ({ proposal, sender, ownLeafKey: undefined }))
  const pending = input.byReference === false ? [] : pendingProposals(env, group, inline, withOwnResumption(group, input.psks))
  return commitList(env, group, inline, pending, input)
}

function commitList(
  env: Environment,
  group: Group,
  inline: readonly CommittedProposal[],
  pending: readonly PendingChoice[],
  input: Parameters<Engine["commit"]>[2],
): OwnCommit {
  const list = [...pending.map(({ committed }) => committed), ...inline]
  const refs: readonly ProposalOrRef[] = [
    ...pending.map(({ ref }) => ({ type: "reference", ref }) as const),
    ...inline.map(({ proposal }) => ({ type: "proposal", proposal }) as const),
  ]
  checkProposalList(list, { suite: env.crypto.suite(group.suite), group, committer: group.ownLeafIndex, trusted: keyPackagesIn(list) })
  const withPath = needsPath(list) || input.forcePath === true || input.leafExtensions !== undefined
  return assembleCommit(env, group, list, refs, { ...input, withPath })
}

export interface Assembly {
  readonly signer: Signer
  readonly withPath: boolean
  readonly authenticatedData?: Uint8Array
  readonly psks?: PskLookup
  readonly leafExtensions?: readonly Extension[]
  readonly groupInfoExtensions?: (staged: StagedCommit) => readonly Extension[]
}

/** Builds the commit of a list of proposals that was checked. */
export function assembleCommit(
  env: Environment,
  group: Group,
  list: readonly CommittedProposal[],
  refs: readonly ProposalOrRef[],
  input: Assembly,
): OwnCommit {
  const suite = env.crypto.suite(group.suite)
  const draft = new TreeDraft(suite, group.tree)
  const applied = applyProposals(draft, list, group.context.extensions)
  const leaf = withExtensions(present(leafAt(group.tree, group.ownLeafIndex), "our own leaf"), input.leafExtensions ?? [])
  checkLeafExtensions(leaf)
  const path = input.withPath
    ? createPath(suite, draft, env.crypto.random, {
        groupId: group.groupId,
        leafIndex: group.ownLeafIndex,
        content: leaf,
        signatureKey: input.signer.privateKey,
      })
    : undefined
  const { tree } = draft.finish()
  const fresh = [...applied.added, ...applied.updated, ...(path === undefined ? [] : [group.ownLeafIndex])]
  checkMembership(tree, fresh, applied.extensions, applied)
  const provisional = provisionalContext(group, rootHash(tree), applied)
  const updatePath = path?.seal(provisional, new Set(applied.added), env.crypto.random)
  const { framed, signature, transcript } = signCommit(suite, group, refs, updatePath, input)
  const pskSecret = committedPskSecret(suite, group, applied, input.psks)
  const next = concludeCommit(suite, group, {
    tree,
    provisional,
    applied,
    path,
    initSecret: initSecretOf(env, group, applied),
    pskSecret,
    transcript,
  })
  const content = ownContent({ wireFormat: wireFormat.privateMessage, framed, auth: { signature, confirmationTag: next.confirmationTag } })
  const sealed = sealOwn(env, group, content)
  const parts = { list, applied, committer: group.ownLeafIndex, tree, next, ownSecrets: { seed: path?.seed, pskSecret } }
  const staged = describeCommit(suite, group, content, parts)
  const welcomeInput = {
    list,
    applied,
    next,
    pskSecret,
    path,
    signer: input.signer,
    extensions: () => input.groupInfoExtensions?.(staged) ?? [],
  }
  return { message: sealed.message, change: sealed.change, welcome: makeWelcome(env, group, welcomeInput), staged }
}

/** The content of a leaf with these extensions in place of those of the same types. */
function withExtensions(leaf: LeafNode, extensions: readonly Extension[]): LeafNode {
  const types = new Set(extensions.map(({ type }) => type))
  return { ...leaf, extensions: [...leaf.extensions.filter(({ type }) => !types.has(type)), ...extensions] }
}

function signCommit(
  suite: SuiteCrypto,
  group: Group,
  proposals: readonly ProposalOrRef[],
  path: UpdatePath | undefined,
  input: Assembly,
): { readonly framed: FramedContent; readonly signature: Uint8Array; readonly transcript: CommitTranscript } {
  const framed: FramedContent = {
    groupId: group.groupId,
    epoch: group.epoch,
    sender: { type: "member", leafIndex: group.ownLeafIndex },
    authenticatedData: new Uint8Array(input.authenticatedData ?? []),
    ...encodedContent({ type: "commit", commit: { proposals, path } }),
  }
  const signature = signContent(suite, wireFormat.privateMessage, framed, group.context.encoded, input.signer.privateKey)
  return { framed, signature, transcript: { wireFormat: wireFormat.privateMessage, content: encodeFramedContent(framed), signature } }
}

interface WelcomeInput {
  readonly list: readonly CommittedProposal[]
  readonly applied: AppliedProposals
  readonly next: EpochChange
  readonly pskSecret: Uint8Array
  readonly path: NewPath | undefined
  readonly signer: Signer
  /** Of the GroupInfo, beside the tree. */
  extensions(): readonly Extension[]
}

/** One encrypted GroupInfo for all newcomers, and the group secrets for each. */
function makeWelcome(env: Environment, group: Group, input: WelcomeInput): WelcomeParts | undefined {
  const { list, applied, next, pskSecret, path, signer } = input
  const keyPackages = list.flatMap(({ proposal }): KeyPackage[] => (proposal.type === "add" ? [proposal.keyPackage] : []))
  if (keyPackages.length === 0) return undefined
  const suite = env.crypto.suite(group.suite)
  const { random } = env.crypto
  const tree = { type: extensionType.ratchetTree, data: encodeRatchetTree(next.tree) }
  const extensions = [tree, ...input.extensions(), greaseExtension(greaseValue(random), random)]
  checkDistinct(extensions)
  const groupInfo = signGroupInfo(
    suite,
    { context: next.context, extensions, confirmationTag: next.confirmationTag, signer: group.ownLeafIndex },
    signer.privateKey,
  )
  const writer = new TlsWriter()
  writeGroupInfo(writer, groupInfo)
  const keys = welcomeKeys(suite, welcomeSecret(suite, next.joiner, pskSecret))
  const encryptedGroupInfo = suite.seal(keys.key, keys.nonce, new Uint8Array(0), writer.finish())
  const context = encryptContext("Welcome", encryptedGroupInfo)
  const secrets = keyPackages.map((keyPackage, i) => {
    const ref = makeKeyPackageRef(suite, keyPackage.encoded)
    const pathSecret = path?.secretAt(commonAncestor(applied.added[i] as number, group.ownLeafIndex))
    const groupSecrets = encodeGroupSecrets({ joiner: next.joiner, pathSecret, psks: applied.psks })
    const sealed = encryptInContext(suite, importKey(suite, keyPackage.initKey), context, groupSecrets, env.crypto.random)
    const entry = new TlsWriter()
    writeEncryptedGroupSecrets(entry, { newMember: ref, sealed })
    return { ref: bytes<"KeyPackageRef">(ref), encrypted: entry.finish() }
  })
  return { secrets, encryptedGroupInfo }
}
