// The log's tree read through its tiles: roots and proofs of any size, and the tiles that new leaves make.

import { assert } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"
import { type Tile, tileWidth, widthOfTile } from "./tile.ts"
import { type TreeHead, emptyRoot, nodeHash } from "./tree-hash.ts"

/**
 * Gives the bytes of a tile, 32 per hash, or of a fuller version of it; undefined if there is none. Synchronous: whoever
 * reads from far away fetches first. Called again for the same tile; keep the recent ones.
 */
export type ReadTile = (tile: Tile) => Uint8Array | undefined

/** A tree of `size` leaves whose hashes stand in tiles. Trusts the tiles: compare its root with a checkpoint before believing a foreign one. */
export class TiledTree {
  readonly size: number
  readonly #crypto: LogCrypto
  readonly #readTile: ReadTile

  constructor(crypto: LogCrypto, input: { readonly size: number; readonly readTile: ReadTile }) {
    this.#crypto = crypto
    this.size = input.size
    this.#readTile = input.readTile
  }

  /** The root of the first `size` leaves, 32 bytes. @throws KeylogError `tile_missing` */
  root(size: number = this.size): Uint8Array {
    assert(size <= this.size, "a root beyond the tree")
    return size === 0 ? emptyRoot(this.#crypto) : this.#range(0, size)
  }

  head(size: number = this.size): TreeHead {
    return { size, root: this.root(size) }
  }

  /** RFC 6962 §2.1.1 path of leaf `index` in the tree of the first `size` leaves. @throws KeylogError `tile_missing` */
  inclusionProof(index: number, size: number = this.size): Uint8Array[] {
    assert(index < size && size <= this.size, "a leaf beyond the tree")
    const path: Uint8Array[] = []
    let [start, end] = [0, size]
    while (end - start > 1) {
      const middle = start + largestPowerOfTwoBelow(end - start)
      path.push(index < middle ? this.#range(middle, end) : this.#range(start, middle))
      ;[start, end] = index < middle ? [start, middle] : [middle, end]
    }
    return path.toReversed()
  }

  /** RFC 6962 §2.1.2 proof from the tree of `older` leaves to the one of `newer`. @throws KeylogError `tile_missing` */
  consistencyProof({ older, newer = this.size }: { readonly older: number; readonly newer?: number }): Uint8Array[] {
    assert(older <= newer && newer <= this.size, "trees in order and within this one")
    if (older === 0 || older === newer) return []
    const path: Uint8Array[] = []
    let [start, end] = [0, newer]
    while (end !== older) {
      const middle = start + largestPowerOfTwoBelow(end - start)
      path.push(older <= middle ? this.#range(middle, end) : this.#range(start, middle))
      ;[start, end] = older <= middle ? [start, middle] : [middle, end]
    }
    if (start !== 0) path.push(this.#range(start, end))
    return path.toReversed()
  }

  /** Hash of the leaves from `start` to before `end`, as RFC 6962 splits them. */
  #range(start: number, end: number): Uint8Array {
    const count = end - start
    const level = Math.log2(count)
    if (Number.isInteger(level)) return this.#complete(level, start / count)
    const middle = start + largestPowerOfTwoBelow(count)
    return nodeHash(this.#crypto, { left: this.#range(start, middle), right: this.#range(middle, end) })
  }

  /** Hash number `index` of the complete subtrees of 2^level leaves. */
  #complete(level: number, index: number): Uint8Array {
    const tileLevel = Math.floor(level / 8)
    const below = level - 8 * tileLevel
    let hashes = this.#hashes(tileLevel, index * 2 ** below, 2 ** below)
    while (hashes.length > 1) {
      const parents: Uint8Array[] = []
      for (let i = 0; i < hashes.length; i += 2) {
        parents.push(nodeHash(this.#crypto, { left: hashes[i] as Uint8Array, right: hashes[i + 1] as Uint8Array }))
      }
      hashes = parents
    }
    return hashes[0] as Uint8Array
  }

  #hashes(level: number, first: number, count: number): Uint8Array[] {
    const index = Math.floor(first / tileWidth)
    const at = first - index * tileWidth
    const tile = this.#readTile({ level, index, width: widthOfTile(this.size, { level, index }) })
    rule(tile !== undefined && tile.length % 32 === 0 && tile.length >= 32 * (at + count), "tile_missing", "a tile is missing or short") // T6
    return Array.from({ length: count }, (_, i) => tile.slice(32 * (at + i), 32 * (at + i + 1)))
  }
}

/**
 * The tiles that change when `leaves` (leaf hashes) are appended to a tree of `size` leaves, to be written before the
 * checkpoint, and the tree that reads them. A partial tile is given only at its last width.
 * @throws KeylogError `tile_missing`
 */
export function growTiles(
  crypto: LogCrypto,
  input: { readonly size: number; readonly leaves: readonly Uint8Array[]; readonly readTile: ReadTile },
): { readonly tree: TiledTree; readonly tiles: readonly { readonly tile: Tile; readonly bytes: Uint8Array }[] } {
  const size = input.size + input.leaves.length
  const changed = new Map<string, { tile: Tile; bytes: Uint8Array }>()
  const readTile: ReadTile = (tile) => changed.get(`${tile.level}/${tile.index}`)?.bytes ?? input.readTile(tile)
  const tree = new TiledTree(crypto, { size, readTile })

  let fresh = input.leaves
  for (let level = 0; fresh.length > 0; level++) {
    let number = Math.floor(input.size / tileWidth ** level)
    const filled: Uint8Array[] = []
    for (let done = 0; done < fresh.length;) {
      const index = Math.floor(number / tileWidth)
      const at = number - index * tileWidth
      const taken = fresh.slice(done, done + tileWidth - at)
      const width = at + taken.length
      const bytes = new Uint8Array(32 * width)
      if (at > 0) {
        const before = input.readTile({ level, index, width: at })
        rule(before !== undefined && before.length >= 32 * at, "tile_missing", "the tile at the right edge") // T6
        bytes.set(before.subarray(0, 32 * at))
      }
      taken.forEach((hash, i) => bytes.set(hash, 32 * (at + i)))
      changed.set(`${level}/${index}`, { tile: { level, index, width }, bytes })
      if (width === tileWidth) filled.push(tileRoot(crypto, bytes))
      number += taken.length
      done += taken.length
    }
    fresh = filled
  }
  return { tree, tiles: [...changed.values()] }
}

/** The hash over a full tile, which is one hash of the tile above. */
function tileRoot(crypto: LogCrypto, tile: Uint8Array): Uint8Array {
  let level = tile
  while (level.length > 32) {
    const above = new Uint8Array(level.length / 2)
    for (let at = 0; at < above.length; at += 32) {
      above.set(nodeHash(crypto, { left: level.subarray(2 * at, 2 * at + 32), right: level.subarray(2 * at + 32, 2 * at + 64) }), at)
    }
    level = above
  }
  return level
}

function largestPowerOfTwoBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}
