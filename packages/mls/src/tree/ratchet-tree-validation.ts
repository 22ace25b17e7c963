// What a newcomer checks of a ratchet tree, RFC 9420 §12.4.3.1 and §7.9.2. Leaves are checked by leaf-node-validation.ts.

import { equal } from "@nodoor/bytes"
import type { LeafNode } from "./leaf-node.ts"
import { check } from "../codec/mls-error.ts"
import { parentHash } from "./parent-hash.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { type ParentNode, type RatchetTree, leafAt, leafHash, leavesOf, parentAt, parentNodeHash, resolution } from "./ratchet-tree.ts"
import * as math from "./tree-math.ts"

/** Unmerged leaves, parent hashes and unique keys of a whole tree. @throws MlsError */
export function checkRatchetTree(suite: SuiteCrypto, tree: RatchetTree): void {
  for (let node = 1; node < tree.nodes.length; node += 2) {
    const content = parentAt(tree, node)
    if (content === undefined) continue
    check(content.encryptionKey.length === suite.kemPublicKeyBytes, "invalid_public_key", "encryption key of a parent node")
    checkUnmergedLeaves(tree, node, content)
  }
  checkParentHashes(suite, tree)
  checkUniqueKeys(tree)
}

/** RFC 9420 §12.4.3.1: each entry is a member below, and every non-blank node between lists it too. */
function checkUnmergedLeaves(tree: RatchetTree, node: number, content: ParentNode): void {
  let previous = -1
  for (const leafIndex of content.unmergedLeaves) {
    check(leafIndex > previous, "unmerged_leaves", "unmerged leaves are not in increasing order")
    previous = leafIndex
    const isMemberBelow = leafIndex < tree.leafCount && math.covers(node, leafIndex) && leafAt(tree, leafIndex) !== undefined
    check(isMemberBelow, "unmerged_leaves", "an unmerged leaf is not a member below its node")
    for (let at = math.parent(math.leafNode(leafIndex)); at !== node; at = math.parent(at)) {
      const between = parentAt(tree, at)
      check(
        between === undefined || between.unmergedLeaves.includes(leafIndex),
        "unmerged_leaves",
        "a node between does not list the unmerged leaf",
      )
    }
  }
}

/** RFC 9420 §7.9.2, top down: exactly one descendant of each parent node P carries P's parent hash in the right place. */
function checkParentHashes(suite: SuiteCrypto, tree: RatchetTree): void {
  for (let node = 1; node < tree.nodes.length; node += 2) {
    const above = parentAt(tree, node)
    if (above === undefined) continue
    const children = [math.left(node), math.right(node)] as const
    const chained = children.filter((child, i) => isChained(suite, tree, above, child, children[1 - i] as number))
    check(chained.length === 1, "tree_parent_hash", "a parent node is not the work of exactly one member below it")
  }
}

/** Whether some node D in the resolution of `child` was set together with its ancestor `above`. */
function isChained(suite: SuiteCrypto, tree: RatchetTree, above: ParentNode, child: number, sibling: number): boolean {
  const covering = resolution(tree, child)
  const unmerged = new Set(above.unmergedLeaves.filter((leafIndex) => math.covers(child, leafIndex)).map(math.leafNode))
  // The resolution of `child` without D must be the unmerged leaves of P below `child`: so D is its one node that is not.
  const merged = covering.filter((node) => !unmerged.has(node))
  if (merged.length !== 1 || covering.length !== unmerged.size + 1) return false
  const stored = parentHashOf(tree, merged[0] as number)
  if (stored === undefined) return false
  return equal(stored, parentHash(suite, above, originalTreeHash(suite, tree, sibling, above.unmergedLeaves)))
}

function parentHashOf(tree: RatchetTree, node: number): Uint8Array | undefined {
  if (!math.isLeaf(node)) return parentAt(tree, node)?.parentHash
  const source = (tree.nodes[node] as LeafNode | undefined)?.source
  return source?.type === "commit" ? source.parentHash : undefined
}

/** RFC 9420 §7.9: tree hash of `node` as it was before the `unmerged` leaves came. Subtrees without any of them keep their hash. */
function originalTreeHash(suite: SuiteCrypto, tree: RatchetTree, node: number, unmerged: readonly number[]): Uint8Array {
  const below = unmerged.filter((leafIndex) => math.covers(node, leafIndex))
  if (below.length === 0) return tree.hashes[node] as Uint8Array
  if (math.isLeaf(node)) return leafHash(suite, node / 2, undefined)
  const content = parentAt(tree, node)
  const original = content && { ...content, unmergedLeaves: content.unmergedLeaves.filter((leafIndex) => !below.includes(leafIndex)) }
  return parentNodeHash(
    suite,
    original,
    originalTreeHash(suite, tree, math.left(node), below),
    originalTreeHash(suite, tree, math.right(node), below),
  )
}

const latin1 = new TextDecoder("latin1")

/** Bytes as a text that is equal only for equal bytes, for sets. */
function asText(bytes: Uint8Array): string {
  return latin1.decode(bytes)
}

/** RFC 9420 §7.3, §12.4.3.1, §16.7: every encryption key and every signature key of the tree stands in one node only. @throws MlsError */
export function checkUniqueKeys(tree: Pick<RatchetTree, "nodes" | "leafCount">): void {
  const encryptionKeys = new Set<string>()
  for (const node of tree.nodes) {
    if (node === undefined) continue
    const key = asText(node.encryptionKey)
    check(!encryptionKeys.has(key), "duplicate_encryption_key", "two nodes of the tree have one encryption key")
    encryptionKeys.add(key)
  }
  const signatureKeys = new Set<string>()
  for (const [, leaf] of leavesOf(tree)) {
    const key = asText(leaf.signatureKey)
    check(!signatureKeys.has(key), "duplicate_signature_key", "two members have one signature key")
    signatureKeys.add(key)
  }
}
