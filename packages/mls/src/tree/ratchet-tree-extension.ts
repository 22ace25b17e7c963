// The ratchet tree as it travels, RFC 9420 §12.4.3.3.

import { CodecError, type TlsReader, TlsWriter } from "@nodoor/bytes"
import { type LeafNode, readLeafNode, writeLeafNode } from "./leaf-node.ts"
import { maxLeaves, maxRatchetTreeBytes } from "../codec/limits.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { type ParentNode, type RatchetTree, TreeDraft, readParentNode, writeParentNode } from "./ratchet-tree.ts"
import { isLeaf } from "./tree-math.ts"

const nodeType = { leaf: 1, parent: 2 } as const

export function writeTreeNode(writer: TlsWriter, node: LeafNode | ParentNode): void {
  if ("signature" in node) writeLeafNode(writer.u8(nodeType.leaf), node)
  else writeParentNode(writer.u8(nodeType.parent), node)
}

export function readTreeNode(reader: TlsReader): LeafNode | ParentNode {
  const type = reader.u8()
  if (type === nodeType.leaf) return readLeafNode(reader)
  if (type === nodeType.parent) return readParentNode(reader)
  throw new CodecError("invalid_value", "node type")
}

/** `optional<Node> ratchet_tree<V>`, without blank nodes at its end. */
export function encodeRatchetTree(tree: RatchetTree): Uint8Array {
  let end = tree.nodes.length
  while (end > 0 && tree.nodes[end - 1] === undefined) end--
  return new TlsWriter().list(tree.nodes.slice(0, end), (writer, node) => writer.optional(node, writeTreeNode)).finish()
}

/**
 * Reads a ratchet tree and hashes it. Its shape is checked here, its meaning in ratchet-tree-validation.ts.
 * @throws CodecError `invalid_value` for an empty tree, a blank last node, a leaf where a parent belongs or the reverse
 */
export function readRatchetTree(reader: TlsReader, suite: SuiteCrypto): RatchetTree {
  const nodes = reader.list((inner) => inner.optional(readTreeNode), 2 * maxLeaves, maxRatchetTreeBytes)
  // RFC 9420 §12.4.3.3: "The receiver MUST check that the last node in ratchet_tree is non-blank"
  if (nodes.length === 0 || nodes.at(-1) === undefined) throw new CodecError("invalid_value", "a ratchet tree ends in a blank node")
  nodes.forEach((node, index) => {
    if (node !== undefined && "signature" in node !== isLeaf(index))
      throw new CodecError("invalid_value", "node type at this place of a tree")
  })
  return treeOfNodes(suite, nodes)
}

/** A tree of these nodes, extended to the next full size. */
export function treeOfNodes(suite: SuiteCrypto, nodes: readonly (LeafNode | ParentNode | undefined)[]): RatchetTree {
  let leafCount = 1
  while (2 * leafCount - 1 < nodes.length) leafCount *= 2
  if (leafCount > maxLeaves) throw new CodecError("oversized", `more than ${maxLeaves} leaves`)
  const full = [...nodes, ...new Array<undefined>(2 * leafCount - 1 - nodes.length).fill(undefined)]
  const unhashed = { leafCount, nodes: full, hashes: new Array<Uint8Array>(full.length) }
  return new TreeDraft(suite, unhashed).finish().tree
}
