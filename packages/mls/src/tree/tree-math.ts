// Index arithmetic of array-based trees, RFC 9420 Appendix C. Leaves are the even node indices; every tree is full, with a power
// of two of leaves.

import { assert } from "@nodoor/bytes"

/** Level of a node: 0 for leaves. */
export function level(node: number): number {
  return 31 - Math.clz32(~node & (node + 1))
}

export function nodeCount(leafCount: number): number {
  return 2 * leafCount - 1
}

export function root(leafCount: number): number {
  return leafCount - 1
}

export function leafNode(leafIndex: number): number {
  return 2 * leafIndex
}

export function isLeaf(node: number): boolean {
  return (node & 1) === 0
}

/** Of a parent node only. */
export function left(node: number): number {
  return node ^ (1 << (level(node) - 1))
}

/** Of a parent node only. */
export function right(node: number): number {
  return node ^ (3 << (level(node) - 1))
}

/** Of any node but the root. */
export function parent(node: number): number {
  const k = level(node)
  return (node | (1 << k)) & ~(1 << (k + 1))
}

/** Of any node but the root. */
export function sibling(node: number): number {
  const above = parent(node)
  return node < above ? right(above) : left(above)
}

/** Nodes above `node`, from its parent to the root. */
export function directPath(node: number, leafCount: number): number[] {
  assert(node < nodeCount(leafCount), "a node of the tree")
  const path: number[] = []
  const top = root(leafCount)
  for (let at = node; at !== top;) {
    at = parent(at)
    path.push(at)
  }
  return path
}

/** Whether leaf `leafIndex` stands below (or is) `node`. */
export function covers(node: number, leafIndex: number): boolean {
  const span = (1 << level(node)) - 1
  return 2 * leafIndex >= node - span && 2 * leafIndex <= node + span
}

/** Lowest node that covers both leaves. */
export function commonAncestor(leafA: number, leafB: number): number {
  let node = leafNode(leafA)
  while (!covers(node, leafB)) node = parent(node)
  return node
}
