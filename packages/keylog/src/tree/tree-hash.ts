// The hashes of the log's Merkle tree and the checks of its two proofs (RFC 6962 §2.1, algorithms of RFC 9162 §2.1).

import { equal } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"

/** Size and root of the log at one moment; the root is 32 bytes. */
export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

/** A tree of 2^53 leaves has no proof longer than this. */
export const maxTreeProofHashes = 64

/** SHA-256(0x00 ‖ entry): the hash of a leaf. */
export function leafHash(crypto: LogCrypto, entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return crypto.sha256(input)
}

/** SHA-256(0x01 ‖ left ‖ right): the hash of an inner node. */
export function nodeHash(crypto: LogCrypto, { left, right }: { readonly left: Uint8Array; readonly right: Uint8Array }): Uint8Array {
  const input = new Uint8Array(65)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 33)
  return crypto.sha256(input)
}

/** SHA-256(""): the root of the tree without leaves. */
export function emptyRoot(crypto: LogCrypto): Uint8Array {
  return crypto.sha256(new Uint8Array())
}

/**
 * Whether the leaf stands at `index` of the tree.
 * @throws KeylogError `tree_inclusion`
 */
export function verifyInclusion(
  crypto: LogCrypto,
  input: { readonly index: number; readonly leaf: Uint8Array; readonly head: TreeHead; readonly proof: readonly Uint8Array[] },
): void {
  const { index, leaf, head, proof } = input
  rule(isIndex(index) && isIndex(head.size) && index < head.size, "tree_inclusion", "index outside the tree") // T1
  rule(proof.every((hash) => hash.length === 32) && leaf.length === 32, "tree_inclusion", "length of a hash") // T1
  let at = index
  let last = head.size - 1
  let hash = leaf
  for (const sibling of proof) {
    rule(last > 0, "tree_inclusion", "proof too long") // T1
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(crypto, { left: sibling, right: hash })
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else {
      hash = nodeHash(crypto, { left: hash, right: sibling })
    }
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  rule(last === 0 && equal(hash, head.root), "tree_inclusion", "leaf is not in the tree") // T1
}

/**
 * Whether the newer tree begins with the older one. Every tree begins with the tree of size 0.
 * @throws KeylogError `tree_smaller`, `tree_fork` (equal sizes, different roots), `tree_consistency`
 */
export function verifyConsistency(
  crypto: LogCrypto,
  input: { readonly older: TreeHead; readonly newer: TreeHead; readonly proof: readonly Uint8Array[] },
): void {
  const { older, newer, proof } = input
  rule(isIndex(older.size) && isIndex(newer.size), "tree_consistency", "size") // T4
  rule(newer.size >= older.size, "tree_smaller", "the tree shrank") // T2
  rule(proof.length <= maxTreeProofHashes && proof.every((hash) => hash.length === 32), "tree_consistency", "shape of the proof") // T4
  if (older.size === newer.size) {
    rule(equal(older.root, newer.root), "tree_fork", "two roots of one size") // T3
    rule(proof.length === 0, "tree_consistency", "proof of nothing") // T4
    return
  }
  if (older.size === 0) {
    rule(equal(older.root, emptyRoot(crypto)) && proof.length === 0, "tree_consistency", "older tree without leaves") // T4
    return
  }
  const roots = walkConsistency(crypto, { older: older.size, newer: newer.size, path: consistencyPath(older, proof) })
  rule(equal(roots.older, older.root) && equal(roots.newer, newer.root), "tree_consistency", "the newer tree does not begin with the older") // T4
}

/** The hashes of a consistency proof with the one that it leaves out where the older tree is a node of the newer one. */
export function consistencyPath(older: TreeHead, proof: readonly Uint8Array[]): readonly Uint8Array[] {
  return isPowerOfTwo(older.size) ? [older.root, ...proof] : proof
}

/**
 * The two roots that the path leads to. When the newer one is the root of a signed tree, the older one is that of the first `older` leaves
 * of that very tree, whatever anybody says it is.
 * @throws KeylogError `tree_consistency` for a path that is too short or too long
 */
export function walkConsistency(
  crypto: LogCrypto,
  input: { readonly older: number; readonly newer: number; readonly path: readonly Uint8Array[] },
): { readonly older: Uint8Array; readonly newer: Uint8Array } {
  rule(isIndex(input.older) && isIndex(input.newer) && 0 < input.older && input.older < input.newer, "tree_consistency", "size") // T4
  const [seed, ...path] = input.path
  rule(seed !== undefined && input.path.every((hash) => hash.length === 32), "tree_consistency", "proof too short") // T4
  let at = input.older - 1
  let last = input.newer - 1
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  let older = seed
  let newer = seed
  for (const sibling of path) {
    rule(last > 0, "tree_consistency", "proof too long") // T4
    if (at % 2 === 1 || at === last) {
      older = nodeHash(crypto, { left: sibling, right: older })
      newer = nodeHash(crypto, { left: sibling, right: newer })
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else {
      newer = nodeHash(crypto, { left: newer, right: sibling })
    }
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  rule(last === 0, "tree_consistency", "proof too short") // T4
  return { older, newer }
}

/**
 * The root of the first `size` leaves, a power of two, which its own consistency proof leaves out: in the path for one leaf more it is the
 * first hash that stands to the left.
 */
export function rootInPath(input: {
  readonly size: number
  readonly newer: number
  readonly path: readonly Uint8Array[]
}): Uint8Array | undefined {
  let at = input.size
  let last = input.newer - 1
  for (const sibling of input.path.slice(1)) {
    if (at % 2 === 1 || at === last) return sibling
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return undefined
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

export function isPowerOfTwo(value: number): boolean {
  let rest = value
  while (rest % 2 === 0 && rest > 0) rest /= 2
  return rest === 1
}
