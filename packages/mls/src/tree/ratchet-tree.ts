// The public ratchet tree, RFC 9420 §4.1, §7.7 and §7.8: a flat array of nodes with the tree hash of each. A tree never changes;
// `TreeDraft` makes the next one, copying references only and hashing only what changed.

import { type TlsReader, TlsWriter, concat } from "@nodoor/bytes"
import type { Member } from "../api/api.ts"
import { type LeafNode, memberOf } from "./leaf-node.ts"
import { maxKeyBytes, maxLeaves } from "../codec/limits.ts"
import { check } from "../codec/mls-error.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import * as math from "./tree-math.ts"

/** RFC 9420 §7.1. */
export interface ParentNode {
  readonly encryptionKey: Uint8Array
  readonly parentHash: Uint8Array
  /** Leaf indices in increasing order. */
  readonly unmergedLeaves: readonly number[]
}

export interface RatchetTree {
  /** A power of two. */
  readonly leafCount: number
  /** By node index; leaves at even ones. */
  readonly nodes: readonly (LeafNode | ParentNode | undefined)[]
  /** Tree hash of each node, RFC 9420 §7.8. */
  readonly hashes: readonly Uint8Array[]
}

type Nodes = Pick<RatchetTree, "nodes" | "leafCount">

export function leafAt(tree: Nodes, leafIndex: number): LeafNode | undefined {
  return tree.nodes[2 * leafIndex] as LeafNode | undefined
}

export function parentAt(tree: Nodes, node: number): ParentNode | undefined {
  return tree.nodes[node] as ParentNode | undefined
}

export function rootHash(tree: RatchetTree): Uint8Array {
  return tree.hashes[math.root(tree.leafCount)] as Uint8Array
}

/** Non-blank leaves with their indices, in order. */
export function* leavesOf(tree: Nodes): Generator<[number, LeafNode]> {
  for (let leafIndex = 0; leafIndex < tree.leafCount; leafIndex++) {
    const leaf = leafAt(tree, leafIndex)
    if (leaf !== undefined) yield [leafIndex, leaf]
  }
}

export function membersOf(tree: Nodes): Member[] {
  return Array.from(leavesOf(tree), ([leafIndex, leaf]) => memberOf(leafIndex, leaf))
}

/** RFC 9420 §4.1.1: the nodes that together cover all non-blank leaves under `node`. */
export function resolution(tree: Nodes, node: number): number[] {
  const found: number[] = []
  const visit = (at: number): void => {
    const content = tree.nodes[at]
    if (content !== undefined) {
      found.push(at)
      if (!math.isLeaf(at)) for (const leafIndex of (content as ParentNode).unmergedLeaves) found.push(math.leafNode(leafIndex))
    } else if (!math.isLeaf(at)) {
      visit(math.left(at))
      visit(math.right(at))
    }
  }
  visit(node)
  return found
}

export interface PathStep {
  /** A node of the filtered direct path. */
  readonly node: number
  /** Its child off the path. */
  readonly copath: number
  /** Resolution of that child. */
  readonly resolution: readonly number[]
}

/** RFC 9420 §4.1.2: the direct path without the nodes whose copath child has an empty resolution. */
export function filteredDirectPath(tree: Nodes, leafIndex: number): PathStep[] {
  const steps: PathStep[] = []
  let below = math.leafNode(leafIndex)
  for (const node of math.directPath(below, tree.leafCount)) {
    const copath = math.sibling(below)
    const covering = resolution(tree, copath)
    if (covering.length > 0) steps.push({ node, copath, resolution: covering })
    below = node
  }
  return steps
}

export function writeParentNode(writer: TlsWriter, node: ParentNode): void {
  writer.vector(node.encryptionKey).vector(node.parentHash)
  writer.list(node.unmergedLeaves, (inner, leafIndex) => inner.u32(leafIndex))
}

export function readParentNode(reader: TlsReader): ParentNode {
  return {
    encryptionKey: reader.vector(maxKeyBytes),
    parentHash: reader.vector(maxKeyBytes),
    unmergedLeaves: reader.list((inner) => inner.u32(), maxLeaves),
  }
}

/** Tree hash of a leaf (present or blank), RFC 9420 §7.8. */
export function leafHash(suite: SuiteCrypto, leafIndex: number, leaf: LeafNode | undefined): Uint8Array {
  const head = Uint8Array.of(1, leafIndex >>> 24, leafIndex >>> 16, leafIndex >>> 8, leafIndex, leaf === undefined ? 0 : 1)
  return suite.hash(leaf === undefined ? head : concat(head, leaf.encoded))
}

/** Tree hash of a parent (present or blank) over its children's, RFC 9420 §7.8. */
export function parentNodeHash(suite: SuiteCrypto, node: ParentNode | undefined, leftHash: Uint8Array, rightHash: Uint8Array): Uint8Array {
  const writer = new TlsWriter().u8(2).optional(node, writeParentNode).vector(leftHash).vector(rightHash)
  return suite.hash(writer.finish())
}

/** The next tree in the making. Starts as a copy of references; `finish` gives the tree and which nodes differ. */
export class TreeDraft {
  #nodes: (LeafNode | ParentNode | undefined)[]
  #hashes: (Uint8Array | undefined)[]
  #leafCount: number
  #firstBlankLeaf = 0
  readonly #suite: SuiteCrypto
  readonly #changed = new Set<number>()

  constructor(suite: SuiteCrypto, tree: RatchetTree | undefined) {
    this.#suite = suite
    this.#nodes = tree === undefined ? [undefined] : [...tree.nodes]
    this.#hashes = tree === undefined ? [undefined] : [...tree.hashes]
    this.#leafCount = tree?.leafCount ?? 1
  }

  get leafCount(): number {
    return this.#leafCount
  }
  get nodes(): readonly (LeafNode | ParentNode | undefined)[] {
    return this.#nodes
  }

  #set(node: number, content: LeafNode | ParentNode | undefined): void {
    this.#nodes[node] = content
    this.#changed.add(node)
    this.#hashes[node] = undefined
    for (let at = node, top = math.root(this.#leafCount); at !== top;) {
      at = math.parent(at)
      if (this.#hashes[at] === undefined) break
      this.#hashes[at] = undefined
    }
  }

  setLeaf(leafIndex: number, leaf: LeafNode): void {
    this.#set(math.leafNode(leafIndex), leaf)
  }

  setParent(node: number, content: ParentNode | undefined): void {
    if (this.#nodes[node] !== content) this.#set(node, content)
  }

  /** Blanks the nodes above a leaf. */
  blankPath(leafIndex: number): void {
    for (const node of math.directPath(math.leafNode(leafIndex), this.#leafCount)) this.setParent(node, undefined)
  }

  /** RFC 9420 §12.1.1: places a new leaf at the leftmost blank one, or extends the tree, and gives its index. @throws MlsError `group_full` */
  addLeaf(leaf: LeafNode): number {
    const leafIndex = this.reserveLeaf()
    this.setLeaf(leafIndex, leaf)
    for (const node of math.directPath(math.leafNode(leafIndex), this.#leafCount)) {
      const above = parentAt(this, node)
      if (above === undefined) continue
      const unmergedLeaves = [...above.unmergedLeaves, leafIndex].sort((a, b) => a - b)
      this.setParent(node, { ...above, unmergedLeaves })
    }
    return leafIndex
  }

  /** Index of the leftmost blank leaf, extending the tree when there is none. @throws MlsError `group_full` */
  reserveLeaf(): number {
    let leafIndex = this.#firstBlankLeaf
    while (leafIndex < this.#leafCount && this.#nodes[2 * leafIndex] !== undefined) leafIndex++
    this.#firstBlankLeaf = leafIndex
    if (leafIndex === this.#leafCount) this.#extend()
    return leafIndex
  }

  /** RFC 9420 §7.7: doubles the number of leaves. */
  #extend(): void {
    check(this.#leafCount < maxLeaves, "group_full", `more than ${maxLeaves} leaves`)
    const before = this.#nodes.length
    this.#leafCount *= 2
    for (let node = before; node < math.nodeCount(this.#leafCount); node++) {
      this.#nodes.push(undefined)
      this.#hashes.push(undefined)
    }
  }

  /** RFC 9420 §12.1.3, except for truncating the tree, which comes after the last removal. */
  removeLeaf(leafIndex: number): void {
    this.#set(math.leafNode(leafIndex), undefined)
    this.blankPath(leafIndex)
    this.#firstBlankLeaf = Math.min(this.#firstBlankLeaf, leafIndex)
  }

  /** RFC 9420 §7.7: halves the tree while its right half has no leaf. */
  truncate(): void {
    while (this.#leafCount > 1) {
      const half = this.#leafCount / 2
      for (let leafIndex = half; leafIndex < this.#leafCount; leafIndex++) if (this.#nodes[2 * leafIndex] !== undefined) return
      this.#leafCount = half
      for (let node = math.nodeCount(half); node < this.#nodes.length; node++) if (this.#nodes[node] !== undefined) this.#changed.add(node)
      this.#nodes.length = math.nodeCount(half)
      this.#hashes.length = math.nodeCount(half)
    }
  }

  /** Tree hash of a node as the draft stands. */
  hash(node: number): Uint8Array {
    const known = this.#hashes[node]
    if (known !== undefined) return known
    const hash = math.isLeaf(node)
      ? leafHash(this.#suite, node / 2, leafAt(this, node / 2))
      : parentNodeHash(this.#suite, parentAt(this, node), this.hash(math.left(node)), this.hash(math.right(node)))
    this.#hashes[node] = hash
    return hash
  }

  /** The tree, and the indices of nodes that may differ from the one the draft began with (some past its end). */
  finish(): { readonly tree: RatchetTree; readonly changed: ReadonlySet<number> } {
    this.hash(math.root(this.#leafCount))
    return { tree: { leafCount: this.#leafCount, nodes: this.#nodes, hashes: this.#hashes as Uint8Array[] }, changed: this.#changed }
  }
}
