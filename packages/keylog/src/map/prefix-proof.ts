// Proofs that indices are in the map or are not, many at once (draft-ietf-keytrans-protocol, prefix tree).

import { CodecError, TlsReader, compare, concat, encodeTls, equal } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"

/** Where the search for an index ends. `depth` is that of the node it ends at, the root's being 0. */
export type PrefixSearchResult =
  | { readonly kind: "inclusion"; readonly depth: number; readonly commitment: Uint8Array }
  | { readonly kind: "non-inclusion leaf"; readonly depth: number; readonly index: Uint8Array; readonly commitment: Uint8Array }
  | { readonly kind: "non-inclusion parent"; readonly depth: number }

export interface PrefixProof {
  /** In the order of the indices asked for. */
  readonly results: readonly PrefixSearchResult[]
  /** The fewest node hashes that give the root with the results, from left to right; 32 bytes each. */
  readonly elements: readonly Uint8Array[]
}

/** 16 labels of up to 64 ladder steps each. */
export const maxPrefixResults = 1024
/** What 65,535 bytes hold. */
export const maxPrefixElements = 2047

/**
 * Whether the map with that root gives these results for these indices, in order. Returns the commitment of each index, or undefined
 * where it is proven absent.
 * @throws KeylogError `map_proof` unless the hashes lead to the root, `map_shape` for a tree that no map has
 */
export function verifyPrefixProof(
  crypto: LogCrypto,
  input: { readonly root: Uint8Array; readonly indices: readonly Uint8Array[]; readonly proof: PrefixProof },
): (Uint8Array | undefined)[] {
  const { indices } = input
  const { results, elements } = input.proof
  rule(indices.length > 0 && indices.length <= maxPrefixResults, "map_proof", "number of indices") // M1
  rule(results.length === indices.length && elements.length <= maxPrefixElements, "map_proof", "one result per index") // M1
  rule(indices.every((index) => index.length === 32) && elements.every((element) => element.length === 32), "map_proof", "lengths") // M1
  const order = indices.map((_, i) => i).sort((a, b) => compare(indices[a] as Uint8Array, indices[b] as Uint8Array))
  let used = 0

  const build = (from: number, to: number, depth: number): Node => {
    if (from === to) {
      const element = elements[used++]
      rule(element !== undefined, "map_proof", "too few elements") // M1
      return { hash: element, leaf: false }
    }
    if ((results[order[from] as number] as PrefixSearchResult).depth === depth) {
      let node: Node | undefined
      for (let i = from; i < to; i++) {
        const at = order[i] as number
        const next = endOfSearch(crypto, indices[at] as Uint8Array, results[at] as PrefixSearchResult, depth)
        rule(node === undefined || equal(node.hash, next.hash), "map_proof", "two ends of one search") // M1
        node = next
      }
      return node as Node
    }
    rule(depth < 255, "map_proof", "deeper than a map can be") // M1
    let middle = from
    while (middle < to && bitAt(indices[order[middle] as number] as Uint8Array, depth) === 0) middle++
    const left = build(from, middle, depth + 1)
    const right = build(middle, to, depth + 1)
    const [noLeft, noRight] = [isZero(left.hash), isZero(right.hash)]
    rule(!(noLeft && noRight) && !(noLeft && right.leaf) && !(noRight && left.leaf), "map_shape", "a lone leaf stands higher") // M2
    return { hash: crypto.sha256(concat(Uint8Array.of(0x03), left.hash, right.hash)), leaf: false }
  }

  const top = build(0, order.length, 0)
  rule(used === elements.length, "map_proof", "too many elements") // M1
  rule(equal(top.hash, input.root), "map_proof", "another map") // M1
  return results.map((result) => (result.kind === "inclusion" ? result.commitment : undefined))
}

interface Node {
  readonly hash: Uint8Array
  /** Whether it is known to be a leaf. */
  readonly leaf: boolean
}

function endOfSearch(crypto: LogCrypto, target: Uint8Array, result: PrefixSearchResult, depth: number): Node {
  rule(result.depth === depth, "map_proof", "ends at two depths") // M1
  if (result.kind === "non-inclusion parent") return { hash: new Uint8Array(32), leaf: false }
  const index = result.kind === "inclusion" ? target : result.index
  rule(index.length === 32 && result.commitment.length === 32, "map_proof", "lengths") // M1
  if (result.kind === "non-inclusion leaf") {
    rule(!equal(index, target), "map_proof", "absent and yet there") // M1
    for (let i = 0; i < depth; i++) rule(bitAt(index, i) === bitAt(target, i), "map_proof", "a leaf of another branch") // M1
  }
  return { hash: crypto.sha256(concat(Uint8Array.of(0x02), index, result.commitment)), leaf: true }
}

/**
 * `struct { PrefixSearchResult results<0..2^32-1>; opaque elements<0..2^16-1>; }`, a result being `uint8 kind` (1 inclusion:
 * commitment; 2 non-inclusion leaf: index, commitment; 3 non-inclusion parent), then `uint8 depth`.
 */
export function encodePrefixProof({ results, elements }: PrefixProof): Uint8Array {
  return encodeTls((w) => {
    const body = encodeTls((inner) => {
      for (const result of results) {
        inner.u8(result.kind === "inclusion" ? 1 : result.kind === "non-inclusion leaf" ? 2 : 3)
        if (result.kind === "non-inclusion leaf") inner.raw(result.index)
        if (result.kind !== "non-inclusion parent") inner.raw(result.commitment)
        inner.u8(result.depth)
      }
    })
    w.prefixed(4, body)
    w.prefixed(2, concat(...elements))
  })
}

/** @throws CodecError */
export function readPrefixProof(r: TlsReader): PrefixProof {
  const inner = new TlsReader(r.prefixed(4, maxPrefixResults * 66))
  const results: PrefixSearchResult[] = []
  while (inner.remainingBytes > 0) {
    if (results.length === maxPrefixResults) throw new CodecError("oversized", "results of a prefix proof")
    const kind = inner.u8()
    if (kind === 1) results.push({ kind: "inclusion", commitment: inner.raw(32).slice(), depth: inner.u8() })
    else if (kind === 2) {
      results.push({ kind: "non-inclusion leaf", index: inner.raw(32).slice(), commitment: inner.raw(32).slice(), depth: inner.u8() })
    } else if (kind === 3) results.push({ kind: "non-inclusion parent", depth: inner.u8() })
    else throw new CodecError("invalid_value", "kind of a prefix search result")
  }
  const hashes = r.prefixed(2)
  if (hashes.length % 32 !== 0) throw new CodecError("invalid_value", "elements of a prefix proof")
  const elements = Array.from({ length: hashes.length / 32 }, (_, i) => hashes.slice(32 * i, 32 * i + 32))
  return { results, elements }
}

function isZero(hash: Uint8Array): boolean {
  return hash.every((byte) => byte === 0)
}

/** Bit number `depth` of an index, from the most significant. */
export function bitAt(index: Uint8Array, depth: number): 0 | 1 {
  return (((index[depth >> 3] as number) >> (7 - (depth & 7))) & 1) as 0 | 1
}
