// The map of docs/transparency.md ("Map") as its keeper holds it: a binary tree over the bits of the indices, insert-only.
// A million keys take some 160 MB, because nodes are numbers into typed arrays and not objects. A batch is staged beside the
// published tree, shares what it does not change, and is committed or discarded as a whole.

import { assert, compare } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"
import { type PrefixProof, type PrefixSearchResult, bitAt } from "./prefix-proof.ts"

/** An index and its commitment, 32 bytes each: a row of a delta file. */
export const mapRowBytes = 64
/** A leaf's depth is written in one byte; two pseudorandom indices never agree in 255 bits. */
export const maxMapDepth = 255

/** Which node: 0 none, n > 0 inner node n, n < 0 leaf -n - 1. */
type NodeRef = number

const segmentBits = 14
const segmentSize = 1 << segmentBits
const segmentMask = segmentSize - 1

/** A map that would be, were the batch committed. One at a time. */
export interface StagedMap {
  readonly root: Uint8Array
  readonly keyCount: number
  /** Proofs against the staged root. */
  prove(indices: readonly Uint8Array[]): PrefixProof
  /** Makes the batch part of the map. Cannot fail. */
  commit(): void
  /** Forgets the batch. */
  discard(): void
}

export class PrefixMap {
  readonly #crypto: LogCrypto
  /** 32 bytes per inner node. */
  readonly #hashes: Uint8Array[] = []
  /** Two refs per inner node. */
  readonly #children: Int32Array[] = []
  /** `mapRowBytes` per leaf, in order of insertion. */
  readonly #leaves: Uint8Array[] = []
  readonly #inner = new Uint8Array(65).fill(0x03, 0, 1)
  readonly #outer = new Uint8Array(65).fill(0x02, 0, 1)
  #root: NodeRef = 0
  #leafCount = 0
  #nodeCount = 0
  #free: NodeRef[] = []
  #staging: { added: NodeRef[]; retired: NodeRef[]; leafCount: number } | undefined

  constructor(crypto: LogCrypto) {
    this.#crypto = crypto
  }

  get keyCount(): number {
    return this.#staging ? this.#staging.leafCount : this.#leafCount
  }

  /** 32 bytes; zeros for the empty map. */
  get root(): Uint8Array {
    return this.#hash(this.#root)
  }

  /** Bytes held in typed arrays, room for growth included. */
  get memoryBytes(): number {
    return this.#hashes.length * segmentSize * (32 + 8) + this.#leaves.length * segmentSize * mapRowBytes
  }

  /** The commitment at an index, 32 bytes, if the published map has the index. */
  commitment(index: Uint8Array): Uint8Array | undefined {
    const result = this.prove([index]).results[0]
    return result?.kind === "inclusion" ? result.commitment : undefined
  }

  /** One proof for all the indices, against the published root. Results stand in the order of the indices. */
  prove(indices: readonly Uint8Array[]): PrefixProof {
    return this.#prove(this.#root, indices)
  }

  /**
   * The map with new rows, index ‖ commitment each, strictly ascending by index. The published map stays as it is.
   * @throws KeylogError `delta_order`, `map_key_present`, `map_depth`; then nothing was staged
   */
  stage(rows: Uint8Array): StagedMap {
    assert(this.#staging === undefined, "one batch staged at a time")
    rule(rows.length % mapRowBytes === 0, "delta_order", "half a row") // D1
    const count = rows.length / mapRowBytes
    for (let i = 1; i < count; i++) {
      rule(compare(rowIndex(rows, i - 1), rowIndex(rows, i)) < 0, "delta_order", "rows strictly ascending") // D1
    }
    const staging = { added: [] as NodeRef[], retired: [] as NodeRef[], leafCount: this.#leafCount }
    this.#staging = staging
    let root: NodeRef
    try {
      for (let i = 0; i < count; i++) this.#addLeaf(rows.subarray(i * mapRowBytes, (i + 1) * mapRowBytes))
      root = this.#insert(this.#root, { rows, from: 0, to: count, firstLeaf: staging.leafCount }, 0)
    } catch (error) {
      this.#discard()
      throw error
    }
    const open = (): void => assert(this.#staging === staging, "a batch is committed or discarded once")
    const keyCount = this.#leafCount
    return {
      root: this.#hash(root),
      keyCount,
      prove: (indices) => {
        open()
        return this.#prove(root, indices)
      },
      commit: () => {
        open()
        this.#root = root
        for (const ref of staging.retired) this.#free.push(ref)
        this.#staging = undefined
      },
      discard: () => {
        open()
        this.#discard()
      },
    }
  }

  /** Stages and commits. @throws KeylogError as `stage` */
  insert(rows: Uint8Array): void {
    this.stage(rows).commit()
  }

  #discard(): void {
    const staging = this.#staging
    assert(staging !== undefined, "something staged")
    for (const ref of staging.added) this.#free.push(ref)
    this.#leafCount = staging.leafCount
    this.#staging = undefined
  }

  /** The subtree at `depth` with the batch's rows in it. Changed nodes are new; the old ones are retired with the commit. */
  #insert(ref: NodeRef, batch: Batch, depth: number): NodeRef {
    if (batch.from === batch.to) return ref
    if (ref === 0 && batch.to - batch.from === 1) return -(batch.firstLeaf + batch.from) - 1
    if (ref < 0) {
      const leaf = this.#leaf(ref).subarray(0, 32)
      for (let i = batch.from; i < batch.to; i++) {
        rule(compare(rowIndex(batch.rows, i), leaf) !== 0, "map_key_present", "an index is inserted once") // D2
      }
    }
    rule(depth < maxMapDepth, "map_depth", "indices that agree in 255 bits") // M3
    const middle = splitAt(batch, depth)
    const first = { ...batch, to: middle }
    const second = { ...batch, from: middle }
    let left: NodeRef = 0
    let right: NodeRef = 0
    if (ref > 0) {
      left = this.#child(ref, 0)
      right = this.#child(ref, 1)
      ;(this.#staging as { retired: NodeRef[] }).retired.push(ref)
    } else if (ref < 0) {
      if (bitAt(this.#leaf(ref), depth) === 0) left = ref
      else right = ref
    }
    return this.#addNode(this.#insert(left, first, depth + 1), this.#insert(right, second, depth + 1))
  }

  #addLeaf(row: Uint8Array): void {
    const number = this.#leafCount++
    const segment = number >> segmentBits
    if (segment === this.#leaves.length) this.#leaves.push(new Uint8Array(segmentSize * mapRowBytes))
    ;(this.#leaves[segment] as Uint8Array).set(row, (number & segmentMask) * mapRowBytes)
  }

  #addNode(left: NodeRef, right: NodeRef): NodeRef {
    const ref = this.#free.pop() ?? ++this.#nodeCount
    const segment = ref >> segmentBits
    while (segment >= this.#hashes.length) {
      this.#hashes.push(new Uint8Array(segmentSize * 32))
      this.#children.push(new Int32Array(segmentSize * 2))
    }
    this.#copyHash(left, this.#inner, 1)
    this.#copyHash(right, this.#inner, 33)
    const at = ref & segmentMask
    ;(this.#hashes[segment] as Uint8Array).set(this.#crypto.sha256(this.#inner), at * 32)
    const children = this.#children[segment] as Int32Array
    children[2 * at] = left
    children[2 * at + 1] = right
    this.#staging?.added.push(ref)
    return ref
  }

  #prove(root: NodeRef, indices: readonly Uint8Array[]): PrefixProof {
    const order = indices.map((_, i) => i).sort((a, b) => compare(indices[a] as Uint8Array, indices[b] as Uint8Array))
    const results: PrefixSearchResult[] = Array.from({ length: indices.length })
    const elements: Uint8Array[] = []
    const walk = (ref: NodeRef, from: number, to: number, depth: number): void => {
      if (from === to) {
        elements.push(this.#hash(ref))
      } else if (ref <= 0) {
        for (let i = from; i < to; i++) {
          const at = order[i] as number
          results[at] = this.#result(ref, indices[at] as Uint8Array, depth)
        }
      } else {
        let middle = from
        while (middle < to && bitAt(indices[order[middle] as number] as Uint8Array, depth) === 0) middle++
        walk(this.#child(ref, 0), from, middle, depth + 1)
        walk(this.#child(ref, 1), middle, to, depth + 1)
      }
    }
    if (indices.length > 0) walk(root, 0, order.length, 0)
    return { results, elements }
  }

  #result(ref: NodeRef, index: Uint8Array, depth: number): PrefixSearchResult {
    if (ref === 0) return { kind: "non-inclusion parent", depth }
    const leaf = this.#leaf(ref)
    const commitment = leaf.slice(32)
    if (compare(leaf.subarray(0, 32), index) === 0) return { kind: "inclusion", depth, commitment }
    return { kind: "non-inclusion leaf", depth, index: leaf.slice(0, 32), commitment }
  }

  #leaf(ref: NodeRef): Uint8Array {
    const number = -ref - 1
    const at = (number & segmentMask) * mapRowBytes
    return (this.#leaves[number >> segmentBits] as Uint8Array).subarray(at, at + mapRowBytes)
  }

  #child(ref: NodeRef, side: 0 | 1): NodeRef {
    return (this.#children[ref >> segmentBits] as Int32Array)[2 * (ref & segmentMask) + side] as NodeRef
  }

  #hash(ref: NodeRef): Uint8Array {
    const out = new Uint8Array(32)
    this.#copyHash(ref, out, 0)
    return out
  }

  #copyHash(ref: NodeRef, out: Uint8Array, at: number): void {
    if (ref === 0) {
      out.fill(0, at, at + 32)
    } else if (ref > 0) {
      const start = (ref & segmentMask) * 32
      out.set((this.#hashes[ref >> segmentBits] as Uint8Array).subarray(start, start + 32), at)
    } else {
      this.#outer.set(this.#leaf(ref), 1)
      out.set(this.#crypto.sha256(this.#outer), at)
    }
  }
}

/** Rows `from` to before `to` of a batch whose first row became leaf `firstLeaf`. */
interface Batch {
  readonly rows: Uint8Array
  readonly from: number
  readonly to: number
  readonly firstLeaf: number
}

/** The first row of the range whose bit at `depth` is 1. All bits before agree, so these rows are the upper part. */
function splitAt({ rows, from, to }: Batch, depth: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    const byte = rows[middle * mapRowBytes + (depth >> 3)] as number
    if ((byte >> (7 - (depth & 7))) & 1) high = middle
    else low = middle + 1
  }
  return low
}

function rowIndex(rows: Uint8Array, row: number): Uint8Array {
  return rows.subarray(row * mapRowBytes, row * mapRowBytes + 32)
}
