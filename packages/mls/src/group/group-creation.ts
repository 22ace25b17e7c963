// Making a group, RFC 9420 §11: one member, epoch 0.

import type { Engine } from "../api/api.ts"
import { ownCapabilities } from "../codec/capabilities.ts"
import { greaseExtension, greaseValue } from "../codec/grease.ts"
import { basicCredential } from "../codec/credential.ts"
import { empty } from "../codec/cryptographic-objects.ts"
import { checkDistinct, externalSenders, requiredCapabilities } from "../codec/extension.ts"
import { groupContext } from "../codec/group-context.ts"
import { resolveOptions } from "../codec/group-options.ts"
import { group as makeGroup } from "./group-state.ts"
import { epochFromSecret } from "../secrets/key-schedule.ts"
import { signLeafNode } from "../tree/leaf-node.ts"
import { checkLeafExtensions, checkLeafSupportsGroup } from "../tree/leaf-node-validation.ts"
import { TreeDraft, rootHash } from "../tree/ratchet-tree.ts"
import { records } from "./records.ts"
import { secretTree } from "../secrets/secret-tree.ts"
import { confirmationTag, interimTranscriptHash } from "../secrets/transcript.ts"

export const generateSigner: Engine["generateSigner"] = (env, input) => {
  const pair = env.crypto.suite(input.suite).signatureKeyPair(env.crypto.random)
  return { identity: new Uint8Array(input.identity), publicKey: pair.publicKey, privateKey: pair.privateKey }
}

/** @throws MlsError `duplicate_extension`, `leaf_extension`, `group_extension_unsupported`, `required_capabilities` for what the creator cannot support itself */
export const createGroup: Engine["createGroup"] = (env, input) => {
  const suite = env.crypto.suite(input.suite)
  const extensions = input.extensions.map(({ type, data }) => ({ type, data: new Uint8Array(data) }))
  checkDistinct(extensions)
  requiredCapabilities(extensions)
  externalSenders(extensions)
  const encryption = suite.deriveKeyPair(env.crypto.random(suite.hashBytes))
  const nowS = BigInt(Math.floor(env.timeMs / 1000))
  const options = resolveOptions(input.options)
  const lifetimeS = Number.isFinite(options.maxLifetimeS) ? BigInt(options.maxLifetimeS) : 90n * 86_400n
  const grease = greaseValue(env.crypto.random)
  const leaf = signLeafNode(
    suite,
    {
      encryptionKey: encryption.publicKey.bytes,
      signatureKey: input.signer.publicKey,
      credential: basicCredential(input.signer.identity),
      capabilities: ownCapabilities(input.suite, input, grease),
      source: { type: "key_package", lifetime: { notBeforeS: nowS, notAfterS: nowS + lifetimeS } },
      extensions: [...(input.leafExtensions ?? []), greaseExtension(grease, env.crypto.random)],
    },
    input.signer.privateKey,
    { groupId: input.groupId, leafIndex: 0 },
  )
  checkLeafExtensions(leaf)
  checkLeafSupportsGroup(leaf, extensions)
  const draft = new TreeDraft(suite, undefined)
  draft.setLeaf(0, leaf)
  const { tree } = draft.finish()
  const groupId = new Uint8Array(input.groupId) as typeof input.groupId
  const context = groupContext({
    suite: input.suite,
    groupId,
    epoch: 0n,
    treeHash: rootHash(tree),
    confirmedTranscriptHash: empty,
    extensions,
  })
  const epoch = epochFromSecret(suite, env.crypto.random(suite.hashBytes))
  const tag = confirmationTag(suite, epoch.confirmation, empty)
  const state = makeGroup({
    groupId,
    epoch: 0n,
    suite: input.suite,
    ownLeafIndex: 0,
    active: true,
    options,
    context,
    tree,
    privateKeys: new Map([[0, encryption.privateKey.bytes]]),
    secrets: epoch.secrets,
    confirmationTag: tag,
    interimTranscriptHash: interimTranscriptHash(suite, empty, tag),
    secretTree: secretTree(0n, 1, epoch.encryption),
    past: [],
    proposals: new Map(),
    reinit: undefined,
  })
  return { state, writes: records(state) }
}
