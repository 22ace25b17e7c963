// Joining by Welcome, RFC 9420 §12.4.3.1.

import { TlsWriter, decodeTls, equal, toHex } from "@nodoor/bytes"
import type { Engine, Extension, PskLookup, StagedJoin } from "../api/api.ts"
import { isKnownSuite, mls10 } from "../codec/capabilities.ts"
import { decryptWithLabel, makeKeyPackageRef } from "../codec/cryptographic-objects.ts"
import { checkDistinct, extensionType, findExtension, writeExtensions } from "../codec/extension.ts"
import { type GroupInfo, readGroupInfo, verifyGroupInfo } from "../message/group-info.ts"
import { maxLifetimeOf, resolveOptions } from "../codec/group-options.ts"
import { type Group, asGroupId, group as makeGroup, internal, withOwnResumption } from "./group-state.ts"
import { type KeyPackageSecret, decodeKeyPackageSecret } from "../message/key-package.ts"
import { epochFromJoiner, welcomeKeys, welcomeSecret } from "../secrets/key-schedule.ts"
import { checkLeafNode, checkLeafSupportsGroup } from "../tree/leaf-node-validation.ts"
import { checkCredentialTypes } from "../tree/membership-validation.ts"
import { MlsError, check, decoding } from "../codec/mls-error.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { type PreSharedKeyId, lookUpPskSecret } from "../secrets/psk.ts"
import { type RatchetTree, leafAt, leavesOf, membersOf, rootHash } from "../tree/ratchet-tree.ts"
import { readRatchetTree } from "../tree/ratchet-tree-extension.ts"
import { checkRatchetTree } from "../tree/ratchet-tree-validation.ts"
import { records } from "./records.ts"
import { secretTree } from "../secrets/secret-tree.ts"
import { confirmationTag, interimTranscriptHash } from "../secrets/transcript.ts"
import { newcomerKeys } from "../tree/tree-kem.ts"
import { leafNode } from "../tree/tree-math.ts"
import { type GroupSecrets, type Welcome, parseWelcome, readGroupSecrets } from "../message/welcome.ts"

interface Staged extends StagedJoin {
  readonly state: Group
}

/** Opens and validates a Welcome completely. That its group id is new to this client is for the caller to check. @throws MlsError */
export const openWelcome: Engine["openWelcome"] = (env, input) => {
  const welcome = parseWelcome(input.welcome)
  const secret = decodeKeyPackageSecret(input.keyPackageSecret)
  const { keyPackage } = secret
  check(equal(keyPackage.leafNode.signatureKey, input.signer.publicKey), "wrong_signer", "a signer that is not the one of the key package")
  check(isKnownSuite(welcome.suite), "unsupported_suite", `cipher suite ${welcome.suite}`)
  check(welcome.suite === keyPackage.suite, "welcome_not_for_key_package", "a Welcome of another cipher suite")
  const suite = env.crypto.suite(welcome.suite)
  const resumed = input.resumes && internal(input.resumes)
  const groupSecrets = openGroupSecrets(suite, welcome, secret)
  checkPsks(suite, groupSecrets.psks)
  const lookup: PskLookup | undefined = resumed ? withOwnResumption(resumed, input.psks) : input.psks
  const pskSecret = lookUpPskSecret(suite, groupSecrets.psks, lookup)
  const groupInfo = openGroupInfo(suite, welcome, groupSecrets.joiner, pskSecret)
  const { context } = groupInfo
  check(context.suite === keyPackage.suite, "group_info_suite", "a group of another cipher suite")
  const tree = treeOf(suite, groupInfo, input.ratchetTree)
  const options = resolveOptions(input.options)
  checkGroup(suite, groupInfo, tree, maxLifetimeOf(options))
  const ownLeafIndex = findOwnLeaf(tree, keyPackage.leafNode.encoded)
  const privateKeys = new Map([[leafNode(ownLeafIndex), secret.encryptionKey]])
  if (groupSecrets.pathSecret !== undefined) {
    check(ownLeafIndex !== groupInfo.signer, "path_secret", "a path secret from this member itself")
    for (const [node, key] of newcomerKeys(suite, tree, ownLeafIndex, groupInfo.signer, groupSecrets.pathSecret)) privateKeys.set(node, key)
  }
  const epoch = epochFromJoiner(suite, groupSecrets.joiner, pskSecret, context)
  const tag = confirmationTag(suite, epoch.confirmation, context.confirmedTranscriptHash)
  check(equal(tag, groupInfo.confirmationTag), "confirmation_tag", "the confirmation tag of the GroupInfo does not fit")
  const state = makeGroup({
    groupId: asGroupId(context.groupId),
    epoch: context.epoch,
    suite: welcome.suite,
    ownLeafIndex,
    active: true,
    options,
    context,
    tree,
    privateKeys,
    secrets: epoch.secrets,
    confirmationTag: tag,
    interimTranscriptHash: interimTranscriptHash(suite, context.confirmedTranscriptHash, tag),
    secretTree: secretTree(context.epoch, tree.leafCount, epoch.encryption),
    past: [],
    proposals: new Map(),
    reinit: undefined,
  })
  checkResumption(state, groupSecrets.psks, resumed)
  const staged: Staged = {
    groupId: state.groupId,
    epoch: state.epoch,
    members: membersOf(tree),
    extensions: context.extensions,
    groupInfoExtensions: groupInfo.extensions.filter(({ type }) => type !== extensionType.ratchetTree),
    leaves: Array.from(leavesOf(tree), ([leafIndex, leaf]) => ({ leafIndex, extensions: leaf.extensions })),
    signer: groupInfo.signer,
    ownLeafIndex,
    state,
  }
  return staged
}

export const join: Engine["join"] = (_env, staged) => {
  const { state } = staged as Staged
  return { state, writes: records(state) }
}

export function openGroupSecrets(suite: SuiteCrypto, welcome: Welcome, secret: KeyPackageSecret): GroupSecrets {
  const ref = makeKeyPackageRef(suite, secret.keyPackage.encoded)
  const entry = welcome.secrets.find((candidate) => equal(candidate.newMember, ref))
  if (entry === undefined) throw new MlsError("welcome_not_for_key_package", "the Welcome holds nothing for this key package")
  const initKey = suite.importPrivateKey(secret.initKey)
  if (initKey === undefined) throw new MlsError("broken_records", "the init key of a key package secret")
  const opened = decryptWithLabel(suite, initKey, "Welcome", welcome.encryptedGroupInfo, entry.sealed)
  if (opened === undefined) throw new MlsError("welcome_secrets", "the group secrets do not open")
  return decoding(() => decodeTls(opened, readGroupSecrets))
}

/** RFC 9420 §12.4.3.1, §8.4: nonces have their length; a PSK of usage reinit or branch "is the only such PSK". */
function checkPsks(suite: SuiteCrypto, psks: readonly PreSharedKeyId[]): void {
  for (const psk of psks) check(psk.nonce.length === suite.hashBytes, "psk_nonce", "a PSK nonce of another length")
  const resuming = psks.filter(({ id }) => id.type === "resumption" && id.usage !== "application")
  check(resuming.length <= 1, "welcome_psks", "several PSKs of usage reinit or branch")
}

export function openGroupInfo(suite: SuiteCrypto, welcome: Welcome, joiner: Uint8Array, pskSecret: Uint8Array): GroupInfo {
  const keys = welcomeKeys(suite, welcomeSecret(suite, joiner, pskSecret))
  const opened = suite.open(keys.key, keys.nonce, new Uint8Array(0), welcome.encryptedGroupInfo)
  if (opened === undefined) throw new MlsError("group_info_decryption", "the GroupInfo does not open")
  return decoding(() => decodeTls(new Uint8Array(opened), readGroupInfo))
}

function treeOf(suite: SuiteCrypto, groupInfo: GroupInfo, given: Uint8Array | undefined): RatchetTree {
  const data = findExtension(groupInfo.extensions, extensionType.ratchetTree) ?? (given && new Uint8Array(given))
  if (data === undefined) throw new MlsError("no_ratchet_tree", "neither the GroupInfo nor the caller has the ratchet tree")
  return decoding(() => decodeTls(data, (reader) => readRatchetTree(reader, suite)))
}

/** Signature of the GroupInfo and integrity of the tree. */
function checkGroup(suite: SuiteCrypto, groupInfo: GroupInfo, tree: RatchetTree, maxLifetimeS: number | undefined): void {
  const { context } = groupInfo
  check(equal(rootHash(tree), context.treeHash), "tree_hash", "the ratchet tree is not the one of the GroupInfo")
  const signer = groupInfo.signer < tree.leafCount ? leafAt(tree, groupInfo.signer) : undefined
  if (signer === undefined) throw new MlsError("group_info_signer", "the signer of the GroupInfo is not a member")
  check(verifyGroupInfo(suite, groupInfo, signer.signatureKey), "group_info_signature", "the GroupInfo's signature does not verify")
  checkDistinct(context.extensions)
  checkDistinct(groupInfo.extensions)
  checkRatchetTree(suite, tree)
  for (const [leafIndex, leaf] of leavesOf(tree)) {
    checkLeafNode(suite, leaf, { groupId: context.groupId, leafIndex, maxLifetimeS, importKey: false })
    checkLeafSupportsGroup(leaf, context.extensions)
  }
  checkCredentialTypes(tree)
}

function findOwnLeaf(tree: RatchetTree, encoded: Uint8Array): number {
  for (const [leafIndex, leaf] of leavesOf(tree)) if (equal(leaf.encoded, encoded)) return leafIndex
  throw new MlsError("leaf_not_in_tree", "the key package's leaf is not in the tree")
}

/** RFC 9420 §11.2, §11.3, §12.4.3.1: a group that continues another one does what the other agreed to. @throws MlsError `resumed_group` */
function checkResumption(state: Group, psks: readonly PreSharedKeyId[], resumed: Group | undefined): void {
  const resuming = psks.find(({ id }) => id.type === "resumption" && id.usage !== "application")?.id
  if (resuming === undefined || resuming.type !== "resumption") return
  check(state.epoch === 1n, "resumed_group", "a group that continues another begins at epoch 1")
  check(
    resumed !== undefined && equal(resumed.groupId, resuming.groupId),
    "resumed_group",
    "the group that this one continues was not given",
  )
  const identities = (group: Group): Set<string> => new Set(membersOf(group.tree).map((member) => toHex(member.identity)))
  const before = identities(resumed)
  const after = identities(state)
  if (resuming.usage === "branch") {
    check(state.suite === resumed.suite, "resumed_group", "a branch has another cipher suite")
    check(
      [...after].every((identity) => before.has(identity)),
      "resumed_group",
      "a branch has a member that the group did not have",
    )
    return
  }
  const { reinit } = resumed
  check(reinit !== undefined && resuming.epoch === resumed.epoch, "resumed_group", "the other group was not re-initialised in that epoch")
  const matches =
    equal(reinit.groupId, state.groupId) &&
    reinit.version === mls10 &&
    reinit.suite === state.suite &&
    sameExtensions(reinit.extensions, state.context.extensions)
  check(matches, "resumed_group", "the new group is not the one of the ReInit")
  check(
    [...before].every((identity) => after.has(identity)),
    "resumed_group",
    "the new group lacks a member of the old one",
  )
}

function sameExtensions(a: readonly Extension[], b: readonly Extension[]): boolean {
  const encode = (list: readonly Extension[]): Uint8Array => {
    const writer = new TlsWriter()
    writeExtensions(writer, list)
    return writer.finish()
  }
  return equal(encode(a), encode(b))
}
