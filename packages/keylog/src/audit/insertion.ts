// Since when a version has been in the log: the epoch whose delta holds its row. From its time on a device of a hard reset is held.

import { equal } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"
import { type EpochEntry, parseLogEntry } from "../tree/log-entry.ts"
import { mapRowBytes } from "../map/prefix-map.ts"
import { type TreeHead, leafHash, maxTreeProofHashes, verifyInclusion } from "../tree/tree-hash.ts"

export interface InsertionProof {
  /** The entry of the epoch, and its place in the tree of the verifier's head. */
  readonly entry: Uint8Array
  readonly index: number
  readonly inclusion: readonly Uint8Array[]
  /** The delta file of that epoch. */
  readonly delta: Uint8Array
}

/**
 * The epoch that put the row into the map. `mapIndex`: the 32 verified bytes of the label and version.
 * @throws KeylogError `entry_malformed`, `tree_inclusion`, `delta_hash`, `delta_order`, `search_shape` for a delta without the row
 */
export function verifyInsertion(
  crypto: LogCrypto,
  input: { readonly head: TreeHead; readonly mapIndex: Uint8Array; readonly proof: InsertionProof },
): EpochEntry {
  const { head, mapIndex, proof } = input
  rule(proof.inclusion.length <= maxTreeProofHashes && proof.index < head.size, "tree_inclusion", "place of the epoch") // T1
  verifyInclusion(crypto, { index: proof.index, leaf: leafHash(crypto, proof.entry), head, proof: proof.inclusion })
  const epoch = parseLogEntry(proof.entry)
  rule(epoch.kind === "epoch", "entry_malformed", "not an epoch") // E1
  rule(equal(crypto.sha256(proof.delta), epoch.deltaHash), "delta_hash", "another delta") // D3
  rule(proof.delta.length % mapRowBytes === 0, "delta_order", "half a row") // D1
  rule(holdsRow(proof.delta, mapIndex), "search_shape", "the delta does not hold the version") // S1
  return epoch
}

function holdsRow(delta: Uint8Array, mapIndex: Uint8Array): boolean {
  for (let at = 0; at < delta.length; at += mapRowBytes) if (equal(delta.subarray(at, at + 32), mapIndex)) return true
  return false
}
