// What a leaf must be among the other members, RFC 9420 §7.3 and §12.2: keys unlike all others, credentials and extensions that all support.

import { compare } from "@nodoor/bytes"
import type { Extension } from "../api/api.ts"
import type { LeafNode } from "./leaf-node.ts"
import { checkLeafSupportsGroup } from "./leaf-node-validation.ts"
import { check } from "../codec/mls-error.ts"
import { type RatchetTree, leafAt, leavesOf } from "./ratchet-tree.ts"
import { leafNode } from "./tree-math.ts"

type Nodes = Pick<RatchetTree, "nodes" | "leafCount">

/**
 * Checks new leaves against the tree they now stand in, and all leaves against new extensions of the group.
 * @throws MlsError
 */
export function checkMembership(
  tree: Nodes,
  freshLeaves: readonly number[],
  extensions: readonly Extension[],
  input: { readonly extensionsChanged: boolean },
): void {
  for (const leafIndex of freshLeaves) checkLeafSupportsGroup(leafAt(tree, leafIndex) as LeafNode, extensions)
  if (input.extensionsChanged) for (const [, leaf] of leavesOf(tree)) checkLeafSupportsGroup(leaf, extensions)
  if (freshLeaves.length > 0) {
    checkCredentialTypes(tree)
    checkSignatureKeys(tree, freshLeaves)
    checkFreshEncryptionKeys(tree, freshLeaves.map(leafNode))
  }
}

/** RFC 9420 §7.3: every member supports every credential type in use. @throws MlsError `credential_unsupported` */
export function checkCredentialTypes(tree: Nodes): void {
  const inUse = new Set<number>()
  for (const [, leaf] of leavesOf(tree)) inUse.add(leaf.credential.type)
  for (const [, leaf] of leavesOf(tree)) {
    for (const type of inUse)
      check(leaf.capabilities.credentials.includes(type), "credential_unsupported", "a member does not support a credential type in use")
  }
}

/** @throws MlsError `duplicate_signature_key` */
function checkSignatureKeys(tree: Nodes, freshLeaves: readonly number[]): void {
  const all = Array.from(leavesOf(tree), ([leafIndex, leaf]) => [leafIndex, leaf.signatureKey] as const)
  const clash = findClash(
    all,
    freshLeaves.map((leafIndex) => [leafIndex, (leafAt(tree, leafIndex) as LeafNode).signatureKey] as const),
  )
  check(!clash, "duplicate_signature_key", "another member has this signature key")
}

/** RFC 9420 §7.3, §16.7: no other node has the encryption key of these nodes. @throws MlsError `duplicate_encryption_key` */
export function checkFreshEncryptionKeys(tree: Nodes, freshNodes: readonly number[]): void {
  const all: (readonly [number, Uint8Array])[] = []
  tree.nodes.forEach((node, index) => node !== undefined && all.push([index, node.encryptionKey]))
  const clash = findClash(
    all,
    freshNodes.map((node) => [node, (tree.nodes[node] as LeafNode).encryptionKey] as const),
  )
  check(!clash, "duplicate_encryption_key", "another node has this encryption key")
}

/** Whether one of `fresh` equals the key of another index in `all`. Keys are grouped by their first bytes, so that few are compared. */
export function findClash(all: readonly (readonly [number, Uint8Array])[], fresh: readonly (readonly [number, Uint8Array])[]): boolean {
  const byPrefix = new Map<number, (readonly [number, Uint8Array])[]>()
  for (const entry of fresh) {
    const group = byPrefix.get(prefix(entry[1]))
    if (group === undefined) byPrefix.set(prefix(entry[1]), [entry])
    else group.push(entry)
  }
  return all.some(
    ([index, key]) => byPrefix.get(prefix(key))?.some(([other, candidate]) => other !== index && compare(candidate, key) === 0) ?? false,
  )
}

function prefix(key: Uint8Array): number {
  return ((key[0] ?? 0) << 24) | ((key[1] ?? 0) << 16) | ((key[2] ?? 0) << 8) | (key[3] ?? 0)
}
