// Vectors of RFC 9420 §7 and Appendix C: tree-math, tree-operations, tree-validation, treekem.

import { decodeTls, equal, fromHex } from "@nodoor/bytes"
import { readUpdatePath } from "../../src/tree/update-path.ts"
import { deriveSecret } from "../../src/codec/cryptographic-objects.ts"
import { groupContext } from "../../src/codec/group-context.ts"
import { verifyLeafNode } from "../../src/tree/leaf-node.ts"
import { applyProposals } from "../../src/group/proposal-application.ts"
import { readProposal } from "../../src/message/proposal.ts"
import type { CryptoProvider, SuiteCrypto } from "../../src/provider/provider.ts"
import { type RatchetTree, TreeDraft, leafAt, leavesOf, parentAt, resolution, rootHash } from "../../src/tree/ratchet-tree.ts"
import { encodeRatchetTree, readRatchetTree } from "../../src/tree/ratchet-tree-extension.ts"
import { checkRatchetTree } from "../../src/tree/ratchet-tree-validation.ts"
import { createPath, mergeUpdatePath, openPath, receivedPathSecret } from "../../src/tree/tree-kem.ts"
import * as math from "../../src/tree/tree-math.ts"
import { suiteOf } from "./suite.ts"
import { type Entry, type Json, entries, expect, expectEqual, hex, list, number, uint64 } from "@nodoor/bytes/vectors"
import type { VectorFormat } from "./vector.ts"

export const treeMath: VectorFormat = {
  name: "tree-math",
  keys: ["n_leaves", "n_nodes", "root"],
  run(entry) {
    const leafCount = number(entry, "n_leaves")
    const size = number(entry, "n_nodes")
    expect(math.nodeCount(leafCount) === size, "number of nodes")
    expect(math.root(leafCount) === number(entry, "root"), "root")
    const isRoot = (node: number): boolean => node === math.root(leafCount)
    const relations: readonly (readonly [string, (node: number) => number | null])[] = [
      ["left", (node) => (math.isLeaf(node) ? null : math.left(node))],
      ["right", (node) => (math.isLeaf(node) ? null : math.right(node))],
      ["parent", (node) => (isRoot(node) ? null : math.parent(node))],
      ["sibling", (node) => (isRoot(node) ? null : math.sibling(node))],
    ]
    for (const [name, relation] of relations) {
      const expected = list(entry, name)
      expect(expected.length === size, `${name} of every node`)
      expected.forEach((value, node) => expect(relation(node) === value, `${name} of node ${node}`))
    }
  },
}

function decodeTree(suite: SuiteCrypto, encoded: Uint8Array): RatchetTree {
  return decodeTls(encoded, (reader) => readRatchetTree(reader, suite))
}

export const treeOperations: VectorFormat = {
  name: "tree-operations",
  keys: ["tree_before", "proposal", "proposal_sender"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    const before = decodeTree(suite, hex(entry, "tree_before"))
    expectEqual(rootHash(before), hex(entry, "tree_hash_before"), "tree hash before")
    const proposal = decodeTls(hex(entry, "proposal"), readProposal)
    const draft = new TreeDraft(suite, before)
    if (proposal.type === "remove") expect(leafAt(before, proposal.removed) !== undefined, "removed leaf")
    const sender = { type: "member", leafIndex: number(entry, "proposal_sender") } as const
    expect(leafAt(before, sender.leafIndex) !== undefined, "proposal sender")
    applyProposals(draft, [{ proposal, sender, ownLeafKey: undefined }], [])
    const after = draft.finish().tree
    expectEqual(encodeRatchetTree(after), hex(entry, "tree_after"), "tree after")
    expectEqual(rootHash(after), hex(entry, "tree_hash_after"), "tree hash after")
  },
}

export const treeValidation: VectorFormat = {
  name: "tree-validation",
  keys: ["tree", "tree_hashes", "resolutions"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    const tree = decodeTree(suite, hex(entry, "tree"))
    const hashes = list(entry, "tree_hashes")
    const resolutions = list(entry, "resolutions")
    expect(hashes.length === tree.nodes.length && resolutions.length === tree.nodes.length, "size of the tree")
    tree.hashes.forEach((hash, node) => expectEqual(hash, fromHex(hashes[node] as string), `tree hash of node ${node}`))
    resolutions.forEach((expected, node) =>
      expect(JSON.stringify(resolution(tree, node)) === JSON.stringify(expected), `resolution of node ${node}`),
    )
    checkRatchetTree(suite, tree)
    const groupId = hex(entry, "group_id")
    for (const [leafIndex, leaf] of leavesOf(tree))
      expect(verifyLeafNode(suite, leaf, { groupId, leafIndex }), `signature of leaf ${leafIndex}`)
  },
}

interface LeafPrivate {
  readonly leafIndex: number
  readonly signatureKey: Uint8Array
  readonly keys: ReadonlyMap<number, Uint8Array>
}

export const treeKem: VectorFormat = {
  name: "treekem",
  keys: ["leaves_private", "update_paths", "ratchet_tree"],
  run(entry, crypto) {
    const suite = suiteOf(entry, crypto)
    const tree = decodeTree(suite, hex(entry, "ratchet_tree"))
    checkRatchetTree(suite, tree)
    const leaves = entries(entry, "leaves_private").map((leaf) => readPrivate(suite, tree, leaf))
    for (const update of entries(entry, "update_paths")) {
      applyGivenPath(suite, entry, tree, leaves, update)
      applyOwnPath(crypto, suite, entry, tree, leaves, number(update, "sender"))
    }
  },
}

/** A member's private keys, each fitting the tree's public one. */
function readPrivate(suite: SuiteCrypto, tree: RatchetTree, leaf: Entry): LeafPrivate {
  const leafIndex = number(leaf, "index")
  const keys = new Map([[math.leafNode(leafIndex), hex(leaf, "encryption_priv")]])
  const own = suite.importPrivateKey(hex(leaf, "encryption_priv"))
  const content = leafAt(tree, leafIndex)
  expect(
    own !== undefined && content !== undefined && equal(suite.publicKeyOf(own).bytes, content.encryptionKey),
    "encryption_priv of a leaf",
  )
  for (const item of entries(leaf, "path_secrets")) {
    const pair = suite.deriveKeyPair(deriveSecret(suite, hex(item, "path_secret"), "node"))
    const node = number(item, "node")
    const parent = parentAt(tree, node)
    expect(parent !== undefined && equal(pair.publicKey.bytes, parent.encryptionKey), `path secret of node ${node}`)
    keys.set(node, pair.privateKey.bytes)
  }
  return { leafIndex, signatureKey: hex(leaf, "signature_priv"), keys }
}

function contextAfter(suite: SuiteCrypto, entry: Entry, treeHash: Uint8Array): ReturnType<typeof groupContext> {
  const confirmedTranscriptHash = hex(entry, "confirmed_transcript_hash")
  return groupContext({
    suite: suite.id,
    groupId: hex(entry, "group_id"),
    epoch: uint64(entry, "epoch"),
    treeHash,
    confirmedTranscriptHash,
    extensions: [],
  })
}

function applyGivenPath(suite: SuiteCrypto, entry: Entry, tree: RatchetTree, leaves: readonly LeafPrivate[], update: Entry): void {
  const committer = number(update, "sender")
  const path = decodeTls(hex(update, "update_path"), readUpdatePath)
  expect(verifyLeafNode(suite, path.leafNode, { groupId: hex(entry, "group_id"), leafIndex: committer }), "signature of the path's leaf")
  const draft = new TreeDraft(suite, tree)
  const steps = mergeUpdatePath(suite, draft, committer, path)
  const after = draft.finish().tree
  expectEqual(rootHash(after), hex(update, "tree_hash_after"), "tree hash after")
  const context = contextAfter(suite, entry, rootHash(after))
  const secrets: readonly Json[] = list(update, "path_secrets")
  for (const leaf of leaves) {
    if (leaf.leafIndex === committer) continue
    const reader = { ownLeafIndex: leaf.leafIndex, committer, privateKeys: leaf.keys, added: new Set<number>(), context }
    const expected = secrets[leaf.leafIndex]
    expect(typeof expected === "string", "a path secret for every other member")
    expectEqual(receivedPathSecret(suite, steps, path, reader).pathSecret, fromHex(expected), "path secret")
    expectEqual(openPath(suite, draft, steps, path, reader).commitSecret, hex(update, "commit_secret"), "commit secret")
  }
}

/** A path of our making, which every other member must read alike. */
function applyOwnPath(
  crypto: CryptoProvider,
  suite: SuiteCrypto,
  entry: Entry,
  tree: RatchetTree,
  leaves: readonly LeafPrivate[],
  committer: number,
): void {
  const sender = leaves.find((leaf) => leaf.leafIndex === committer)
  const content = leafAt(tree, committer)
  expect(sender !== undefined && content !== undefined, "sender of the path")
  const draft = new TreeDraft(suite, tree)
  const input = { groupId: hex(entry, "group_id"), leafIndex: committer, content, signatureKey: sender.signatureKey }
  const created = createPath(suite, draft, crypto.random, input)
  const context = contextAfter(suite, entry, rootHash(draft.finish().tree))
  const path = created.seal(context, new Set(), crypto.random)
  expect(verifyLeafNode(suite, path.leafNode, { groupId: input.groupId, leafIndex: committer }), "signature_priv of the sender")
  const received = new TreeDraft(suite, tree)
  const steps = mergeUpdatePath(suite, received, committer, path)
  for (const leaf of leaves) {
    if (leaf.leafIndex === committer) continue
    const reader = { ownLeafIndex: leaf.leafIndex, committer, privateKeys: leaf.keys, added: new Set<number>(), context }
    expectEqual(openPath(suite, received, steps, path, reader).commitSecret, created.commitSecret, "commit secret of our own path")
  }
}
