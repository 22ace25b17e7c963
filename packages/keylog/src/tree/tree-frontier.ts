// The right edge of a Merkle tree: all that is needed to append leaves and state the root (RFC 6962 §2.1). 32 bytes per level.

import { CodecError, TlsReader, decodeTls, encodeTls } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { emptyRoot, nodeHash } from "./tree-hash.ts"

export class TreeFrontier {
  readonly #crypto: LogCrypto
  /** The complete subtree of 2^level leaves at the right edge, for each bit set in the size. */
  readonly #levels: (Uint8Array | undefined)[] = []
  #size = 0

  constructor(crypto: LogCrypto) {
    this.#crypto = crypto
  }

  get size(): number {
    return this.#size
  }

  /** Adds the hash of the next leaf. */
  append(leaf: Uint8Array): void {
    let hash = leaf
    let level = 0
    for (let left = this.#levels[level]; left !== undefined; left = this.#levels[++level]) {
      hash = nodeHash(this.#crypto, { left, right: hash })
      this.#levels[level] = undefined
    }
    this.#levels[level] = hash
    this.#size++
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined
    for (const left of this.#levels) {
      if (left === undefined) continue
      root = root === undefined ? left : nodeHash(this.#crypto, { left, right: root })
    }
    return root ?? emptyRoot(this.#crypto)
  }

  /** Bytes for storage. */
  encode(): Uint8Array {
    return encodeTls((w) => {
      w.u64(BigInt(this.#size))
      for (const hash of this.#levels) if (hash) w.raw(hash)
    })
  }

  /** @throws CodecError */
  static decode(crypto: LogCrypto, encoded: Uint8Array): TreeFrontier {
    return decodeTls(encoded, (r: TlsReader) => {
      const size = r.u64()
      if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new CodecError("invalid_value", "size of a tree")
      const tree = new TreeFrontier(crypto)
      tree.#size = Number(size)
      for (let level = 0; size >> BigInt(level) > 0n; level++) {
        tree.#levels[level] = (size >> BigInt(level)) & 1n ? r.raw(32).slice() : undefined
      }
      return tree
    })
  }
}
