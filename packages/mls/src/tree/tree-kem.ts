// TreeKEM, RFC 9420 §7.4 to §7.6: a committer renews the keys above its leaf and sends each subtree the secret it needs.

import { compare, equal, present } from "@nodoor/bytes"
import type { UpdatePath } from "./update-path.ts"
import { type HpkeCiphertext, decryptWithLabel, deriveSecret, encryptContext, encryptInContext } from "../codec/cryptographic-objects.ts"
import type { GroupContext } from "../codec/group-context.ts"
import { type LeafNode, type LeafNodeContent, detachLeafNode, signLeafNode } from "./leaf-node.ts"
import { findClash } from "./membership-validation.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import { mergePath } from "./parent-hash.ts"
import type { KemPublicKey, Random, SuiteCrypto } from "../provider/provider.ts"
import { type ParentNode, type PathStep, type RatchetTree, type TreeDraft, filteredDirectPath, parentAt } from "./ratchet-tree.ts"
import * as math from "./tree-math.ts"

/** What a path gives to who can read it. `keys` are private keys by node index. */
export interface PathKeys {
  readonly commitSecret: Uint8Array
  readonly keys: ReadonlyMap<number, Uint8Array>
}

/** The secrets from which a committer's whole path follows; kept with an own commit until it is applied. */
export interface PathSeed {
  readonly leafKey: Uint8Array
  /** path_secret[0]. */
  readonly pathSecret: Uint8Array
}

interface DerivedPath extends PathKeys {
  readonly publicKeys: readonly Uint8Array[]
  readonly secrets: readonly Uint8Array[]
}

/** RFC 9420 §7.4: path secrets, key pairs and commit secret for `nodes`, beginning with `pathSecret` at the first. */
function derivePath(suite: SuiteCrypto, pathSecret: Uint8Array, nodes: readonly number[]): DerivedPath {
  const keys = new Map<number, Uint8Array>()
  const publicKeys: Uint8Array[] = []
  const secrets: Uint8Array[] = []
  let secret = pathSecret
  for (const node of nodes) {
    const pair = suite.deriveKeyPair(deriveSecret(suite, secret, "node"))
    keys.set(node, pair.privateKey.bytes)
    publicKeys.push(pair.publicKey.bytes)
    secrets.push(secret)
    secret = deriveSecret(suite, secret, "path")
  }
  return { commitSecret: secret, keys, publicKeys, secrets }
}

export interface NewPath extends PathKeys {
  readonly seed: PathSeed
  /** Path secret of a node on the path, for newcomers below it. */
  secretAt(node: number): Uint8Array | undefined
  /** Encrypts to the members, once the provisional context is known. */
  seal(context: GroupContext, excludedLeaves: ReadonlySet<number>, random: Random): UpdatePath
}

/** Renews the path of `leafIndex` in the draft, which already holds the proposals. */
export function createPath(
  suite: SuiteCrypto,
  draft: TreeDraft,
  random: Random,
  leaf: {
    readonly groupId: Uint8Array
    readonly leafIndex: number
    readonly content: Omit<LeafNodeContent, "source" | "encryptionKey">
    readonly signatureKey: Uint8Array
  },
): NewPath {
  const leafPair = suite.deriveKeyPair(random(suite.hashBytes))
  const seed = { leafKey: leafPair.privateKey.bytes, pathSecret: random(suite.hashBytes) }
  const steps = filteredDirectPath(draft, leaf.leafIndex)
  const derived = derivePath(
    suite,
    seed.pathSecret,
    steps.map(({ node }) => node),
  )
  // Before the merge, since the keys that seal the path are those of the tree without it.
  const recipients = steps.map((step) =>
    step.resolution.map((node) => [node, present(draft.nodes[node], "a node of a resolution").encryptionKey] as const),
  )
  const parentHash = mergePath(suite, draft, leaf.leafIndex, steps, derived.publicKeys)
  const { groupId, leafIndex } = leaf
  const content: LeafNodeContent = { ...leaf.content, encryptionKey: leafPair.publicKey.bytes, source: { type: "commit", parentHash } }
  const leafNode = signLeafNode(suite, content, leaf.signatureKey, { groupId, leafIndex })
  draft.setLeaf(leafIndex, leafNode)
  return {
    commitSecret: derived.commitSecret,
    keys: new Map([...derived.keys, [math.leafNode(leafIndex), seed.leafKey]]),
    seed,
    secretAt: (node) => derived.secrets[steps.findIndex((step) => step.node === node)],
    seal(context, excludedLeaves, sealRandom) {
      const info = encryptContext("UpdatePathNode", context.encoded)
      const nodes = steps.map((_, i) => ({
        encryptionKey: derived.publicKeys[i] as Uint8Array,
        encryptedPathSecrets: withoutLeaves(recipients[i] as (readonly [number, Uint8Array])[], excludedLeaves).map(([, key]) =>
          encryptInContext(suite, importKey(suite, key), info, derived.secrets[i] as Uint8Array, sealRandom),
        ),
      }))
      return { leafNode, nodes }
    },
  }
}

/** @throws MlsError `invalid_public_key` */
export function importKey(suite: SuiteCrypto, key: Uint8Array): KemPublicKey {
  const imported = suite.importPublicKey(key)
  if (imported === undefined) throw new MlsError("invalid_public_key", "bytes that are no key of this suite")
  return imported
}

function withoutLeaves<T>(entries: readonly (readonly [number, T])[], excluded: ReadonlySet<number>): (readonly [number, T])[] {
  return entries.filter(([node]) => !(math.isLeaf(node) && excluded.has(node / 2)))
}

/**
 * Puts a received path into the draft, RFC 9420 §12.4.2 and §7.5, and gives its steps. The leaf itself is checked by the caller.
 * @throws MlsError `path_length`, `invalid_public_key`, `path_key_reused`, `leaf_parent_hash`
 */
export function mergeUpdatePath(suite: SuiteCrypto, draft: TreeDraft, leafIndex: number, path: UpdatePath): readonly PathStep[] {
  const steps = filteredDirectPath(draft, leafIndex)
  check(steps.length === path.nodes.length, "path_length", "an update path of another length than the filtered direct path")
  const keys = path.nodes.map((node) => new Uint8Array(node.encryptionKey))
  for (const key of keys) importKey(suite, key)
  checkKeysAreNew(draft, [path.leafNode.encryptionKey, ...keys])
  const parentHash = mergePath(suite, draft, leafIndex, steps, keys)
  const { source } = path.leafNode
  check(source.type === "commit", "leaf_source", "a commit's leaf has another source")
  // RFC 9420 §7.9.2: "recompute the expected value of parent_hash for the committer's new leaf and verify that it matches"
  check(equal(source.parentHash, parentHash), "leaf_parent_hash", "a commit's leaf has another parent hash")
  draft.setLeaf(leafIndex, detachLeafNode(path.leafNode))
  return steps
}

/** RFC 9420 §12.4.2: "Verify that none of the public keys in the UpdatePath appear in any node of the new ratchet tree". */
function checkKeysAreNew(tree: Pick<RatchetTree, "nodes">, keys: readonly Uint8Array[]): void {
  const fresh = keys.map((key, i) => [-1 - i, key] as const)
  const all: (readonly [number, Uint8Array])[] = [...fresh]
  tree.nodes.forEach((node, index) => node !== undefined && all.push([index, node.encryptionKey]))
  check(!findClash(all, fresh), "path_key_reused", "an update path uses a key of the tree")
}

export interface PathReader {
  readonly ownLeafIndex: number
  readonly committer: number
  /** Private keys we hold, by node index; the leaf's own is already that of our Update, if one was committed. */
  readonly privateKeys: ReadonlyMap<number, Uint8Array>
  /** Leaves added by the same commit. */
  readonly added: ReadonlySet<number>
  readonly context: GroupContext
}

/**
 * Decrypts what of a merged path is meant for us, RFC 9420 §7.5.
 * @throws MlsError `path_ciphertexts`, `path_decryption`, `path_key`
 */
export function openPath(suite: SuiteCrypto, draft: TreeDraft, steps: readonly PathStep[], path: UpdatePath, reader: PathReader): PathKeys {
  const { nodes, pathSecret } = receivedPathSecret(suite, steps, path, reader)
  return keysFrom(suite, draft, nodes, pathSecret)
}

/** The path secret sealed to us, and the nodes of the path from its own upwards. */
export function receivedPathSecret(
  suite: SuiteCrypto,
  steps: readonly PathStep[],
  path: UpdatePath,
  reader: PathReader,
): { readonly nodes: readonly number[]; readonly pathSecret: Uint8Array } {
  steps.forEach((step, i) => {
    const expected = withoutLeaves(
      step.resolution.map((node) => [node, undefined] as const),
      reader.added,
    ).length
    check(
      path.nodes[i]?.encryptedPathSecrets.length === expected,
      "path_ciphertexts",
      "a path node has another number of ciphertexts than recipients",
    )
  })
  const at = steps.findIndex((step) => math.covers(step.node, reader.ownLeafIndex))
  const step = steps[at]
  if (step === undefined) throw new MlsError("path_decryption", "the path does not reach this member")
  const recipients = withoutLeaves(
    step.resolution.map((node) => [node, undefined] as const),
    reader.added,
  )
  const position = recipients.findIndex(([node]) => reader.privateKeys.has(node) && math.covers(node, reader.ownLeafIndex))
  const held = reader.privateKeys.get(recipients[position]?.[0] ?? -1)
  const sealed = path.nodes[at]?.encryptedPathSecrets[position]
  if (held === undefined || sealed === undefined) throw new MlsError("path_decryption", "no ciphertext for a key of this member")
  return { nodes: steps.slice(at).map(({ node }) => node), pathSecret: openPathSecret(suite, held, reader.context, sealed) }
}

function openPathSecret(suite: SuiteCrypto, key: Uint8Array, context: GroupContext, sealed: HpkeCiphertext): Uint8Array {
  const opened = decryptWithLabel(
    suite,
    present(suite.importPrivateKey(key), "a stored private key"),
    "UpdatePathNode",
    context.encoded,
    sealed,
  )
  if (opened === undefined) throw new MlsError("path_decryption", "a path secret does not open")
  return opened
}

/** The keys that follow from a path secret at `nodes`, each compared with the tree's. @throws MlsError `path_key` */
function keysFrom(
  suite: SuiteCrypto,
  tree: Pick<RatchetTree, "nodes" | "leafCount">,
  nodes: readonly number[],
  pathSecret: Uint8Array,
): PathKeys {
  const derived = derivePath(suite, pathSecret, nodes)
  // RFC 9420 §7.5: "Verify that the derived public keys are the same as the corresponding public keys sent in the UpdatePath"
  nodes.forEach((node, i) => {
    const expected = parentAt(tree, node) as ParentNode
    check(
      compare(expected.encryptionKey, derived.publicKeys[i] as Uint8Array) === 0,
      "path_key",
      "a path secret gives another public key than the path states",
    )
  })
  return derived
}

/** The keys of our own merged path, again from its seed. */
export function ownPath(suite: SuiteCrypto, draft: TreeDraft, steps: readonly PathStep[], leafIndex: number, seed: PathSeed): PathKeys {
  const above = keysFrom(
    suite,
    draft,
    steps.map(({ node }) => node),
    seed.pathSecret,
  )
  return { commitSecret: above.commitSecret, keys: new Map([...above.keys, [math.leafNode(leafIndex), seed.leafKey]]) }
}

/**
 * Private keys of a newcomer above the common ancestor with the committer, RFC 9420 §12.4.3.1.
 * @throws MlsError `path_secret` when they do not fit the tree
 */
export function newcomerKeys(
  suite: SuiteCrypto,
  tree: RatchetTree,
  ownLeafIndex: number,
  signer: number,
  pathSecret: Uint8Array,
): ReadonlyMap<number, Uint8Array> {
  const ancestor = math.commonAncestor(ownLeafIndex, signer)
  const above = [ancestor, ...math.directPath(ancestor, tree.leafCount)].filter((node) => parentAt(tree, node) !== undefined)
  check(above[0] === ancestor, "path_secret", "a path secret for a blank node")
  try {
    return keysFrom(suite, tree, above, pathSecret).keys
  } catch (error) {
    if (error instanceof MlsError) throw new MlsError("path_secret", "the path secret does not fit the tree")
    throw error
  }
}

/** The private keys that still belong to the tree after it changed: stale ones are dropped, RFC 9420 §7.5. */
export function prunedKeys(before: RatchetTree, after: RatchetTree, keys: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> {
  const kept = new Map<number, Uint8Array>()
  for (const [node, key] of keys) {
    const old = before.nodes[node] as LeafNode | ParentNode | undefined
    const now = after.nodes[node] as LeafNode | ParentNode | undefined
    if (old !== undefined && now !== undefined && compare(old.encryptionKey, now.encryptionKey) === 0) kept.set(node, key)
  }
  return kept
}
