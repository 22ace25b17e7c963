// What a sequencer writes for one epoch: the new entries with the epoch last, the delta, the changed tiles and the map that would be.
// Pure: nothing is published, nothing in the map committed, until the caller has made everything durable.

import { assert } from "@nodoor/bytes"
import { encodeDelta } from "./auditor.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { type EntryReference, type EpochEntry, type LogEntry, formatLogEntry } from "../tree/log-entry.ts"
import { type PrefixMap, type StagedMap, mapRowBytes } from "../map/prefix-map.ts"
import type { Tile } from "../tree/tile.ts"
import { type ReadTile, type TiledTree, growTiles } from "../tree/tiled-tree.ts"
import { leafHash } from "../tree/tree-hash.ts"

/** Where a log stands after its last epoch; small, and stored with it. */
export interface LogState {
  /** Entries. */
  readonly size: number
  /** The latest epoch and SHA-256 of its entry; undefined before the first. */
  readonly last: { readonly epoch: number; readonly timeMs: number; readonly hash: Uint8Array } | undefined
  /** SHA-256 of entry 0; undefined before it is written. */
  readonly configHash: Uint8Array | undefined
  readonly policy: EntryReference | undefined
  readonly release: EntryReference | undefined
  readonly notice: EntryReference | undefined
}

/** A log without entries. Its first epoch comes with a config and a policy, in this order. */
export const emptyLogState: LogState = {
  size: 0,
  last: undefined,
  configHash: undefined,
  policy: undefined,
  release: undefined,
  notice: undefined,
}

export interface BuiltEpoch {
  /** To be appended at `size` of the state before, the epoch last. */
  readonly entries: readonly Uint8Array[]
  readonly epoch: EpochEntry
  /** The file at `/kt/delta/<epoch>`. */
  readonly delta: Uint8Array
  readonly tiles: readonly { readonly tile: Tile; readonly bytes: Uint8Array }[]
  /** Reads the new tiles and, below them, the old ones: roots and proofs of the new size. */
  readonly tree: TiledTree
  /** Commit it once all of this is durable; discard it otherwise. */
  readonly staged: StagedMap
  readonly state: LogState
}

/**
 * Order of what follows: entries durable, then delta, map and tiles, then a quorum of witnesses, then the checkpoint.
 * `timeMs` must be later than the last epoch's; `rows` in any order; `entries` are those other than the epoch.
 * @throws KeylogError `map_key_present`, `map_depth`, `tile_missing`; then nothing is staged
 */
export function buildEpoch(
  crypto: LogCrypto,
  input: {
    readonly state: LogState
    readonly map: PrefixMap
    readonly readTile: ReadTile
    readonly entries: readonly LogEntry[]
    readonly rows: readonly { readonly index: Uint8Array; readonly commitment: Uint8Array }[]
    readonly timeMs: number
  },
): BuiltEpoch {
  const { state, timeMs } = input
  assert(timeMs > (state.last?.timeMs ?? -1), "time that rises from epoch to epoch")
  const entries = input.entries.map(formatLogEntry)
  let { configHash, policy, release, notice } = state
  input.entries.forEach((entry, i) => {
    const reference = { index: state.size + i, hash: new Uint8Array(crypto.sha256(entries[i] as Uint8Array)) }
    assert((entry.kind === "config") === (reference.index === 0) && entry.kind !== "epoch", "the config first, one epoch last")
    if (entry.kind === "config") configHash = reference.hash
    if (entry.kind === "policy") policy = reference
    if (entry.kind === "release") release = reference
    if (entry.kind === "notice") notice = reference
  })
  assert(configHash !== undefined && policy !== undefined, "a config and a policy before the first epoch")
  const delta = encodeDelta(input.rows)
  const staged = input.map.stage(delta)
  try {
    const epoch: EpochEntry = {
      kind: "epoch",
      epoch: state.last ? state.last.epoch + 1 : 0,
      timeMs,
      configHash,
      policy,
      prev: state.last?.hash ?? new Uint8Array(32),
      keyCount: staged.keyCount,
      mapRoot: staged.root,
      deltaCount: delta.length / mapRowBytes,
      deltaHash: new Uint8Array(crypto.sha256(delta)),
      release,
      notice,
    }
    entries.push(formatLogEntry(epoch))
    const leaves = entries.map((entry) => leafHash(crypto, entry))
    const { tree, tiles } = growTiles(crypto, { size: state.size, leaves, readTile: input.readTile })
    const hash = new Uint8Array(crypto.sha256(entries.at(-1) as Uint8Array))
    const last = { epoch: epoch.epoch, timeMs, hash }
    return { entries, epoch, delta, tiles, tree, staged, state: { size: tree.size, last, configHash, policy, release, notice } }
  } catch (error) {
    staged.discard()
    throw error
  }
}
