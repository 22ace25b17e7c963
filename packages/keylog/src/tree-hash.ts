// The hashes of the log's Merkle tree and the checks of its two proofs (RFC 6962 §2.1, algorithms of RFC 9162 §2.1).

import { equal } from "@nodoor/bytes"
import type { LogCrypto } from "./crypto.ts"
import { rule } from "./keylog-error.ts"

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
  const path = isPowerOfTwo(older.size) ? [older.root, ...proof] : [...proof]
  let at = older.size - 1
  let last = newer.size - 1
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  const seed = path.shift()
  rule(seed !== undefined, "tree_consistency", "proof too short") // T4
  let oldHash = seed
  let newHash = seed
  for (const sibling of path) {
    rule(last > 0, "tree_consistency", "proof too long") // T4
    if (at % 2 === 1 || at === last) {
      oldHash = nodeHash(crypto, { left: sibling, right: oldHash })
      newHash = nodeHash(crypto, { left: sibling, right: newHash })
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else {
      newHash = nodeHash(crypto, { left: newHash, right: sibling })
    }
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  rule(
    last === 0 && equal(oldHash, older.root) && equal(newHash, newer.root),
    "tree_consistency",
    "the newer tree does not begin with the older",
  ) // T4
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isPowerOfTwo(value: number): boolean {
  let rest = value
  while (rest % 2 === 0 && rest > 0) rest /= 2
  return rest === 1
}
