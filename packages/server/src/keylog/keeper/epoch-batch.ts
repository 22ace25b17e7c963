// The next epoch, before it is written: what the feed and the operator put into it.

import {
  type AccountId,
  type BuiltEpoch,
  type LogCrypto,
  type LogState,
  type PrefixMap,
  type ReadTile,
  accountLabel,
  buildEpoch,
  commitment,
  emptyLogState,
  handleLabel,
  openingBytes,
  parseLogEntry,
  tokenKeyLabel,
} from "@nodoor/keylog"
import type { Random } from "../../core/ports.ts"
import type { Database } from "../../sqlite/database.ts"
import type { FeedRow } from "../../accounts/store/store.ts"
import { type VersionRow, latestVersion } from "./log-rows.ts"
import type { LogView } from "./log-view.ts"
import type { VrfCache } from "./vrf-cache.ts"

/** A label's next version, and what it will be committed to. */
export interface NewVersion {
  readonly label: Uint8Array
  readonly version: number
  readonly value: Uint8Array
}

/** An epoch whose map is staged, neither committed nor discarded. */
export interface EpochBatch extends BuiltEpoch {
  readonly versions: readonly VersionRow[]
}

/** A row of the feed as versions of labels: an account's state and, with its first, the handle's binding. */
export function newVersions({ accountId, version, state, handle }: FeedRow): NewVersion[] {
  const account = { label: accountLabel(accountId as AccountId), version, value: state }
  return handle === undefined ? [account] : [account, { label: handleLabel(handle.name), version: 0, value: handle.binding }]
}

/** A key for tokens, as the feed tells of it. */
export interface FeedKey {
  readonly epoch: number
  readonly key: Uint8Array
}

/** Those that the log holds none for, each as the one version that its label ever has. */
export function newTokenKeys(
  { db, crypto }: { readonly db: Database; readonly crypto: LogCrypto },
  keys: readonly FeedKey[],
): NewVersion[] {
  const versions = keys.map(({ epoch, key }) => ({ label: tokenKeyLabel(epoch), version: 0, value: new Uint8Array(crypto.sha256(key)) }))
  return versions.filter(({ label }) => latestVersion(db, label, Number.MAX_SAFE_INTEGER) === undefined)
}

/** Makes the batch and stages it in the map. `before`: the log's present state; undefined at its beginning. */
export function epochBatch(
  parts: {
    readonly crypto: LogCrypto
    readonly random: Random
    readonly vrf: VrfCache
    readonly map: PrefixMap
    readonly readTile: ReadTile
  },
  input: {
    readonly before: LogView | undefined
    /** Entries other than the epoch. */
    readonly others: readonly Uint8Array[]
    readonly versions: readonly NewVersion[]
    readonly nowMs: number
  },
): EpochBatch {
  const { crypto, random, vrf, map, readTile } = parts
  const state = input.before === undefined ? emptyLogState : stateOf(input.before)
  const epoch = state.last === undefined ? 0 : state.last.epoch + 1
  const versions = input.versions.map(({ label, version, value }): VersionRow => {
    const { index, proof } = vrf.place(label, version, { keep: false })
    return { label, version, epoch, index, proof, opening: random(openingBytes), value }
  })
  const rows = versions.map((row) => ({ index: row.index, commitment: commitment(crypto, row) }))
  // The clock may have been set back. Epochs still rise.
  const timeMs = state.last === undefined ? input.nowMs : Math.max(input.nowMs, state.last.timeMs + 1)
  return { ...buildEpoch(crypto, { state, map, readTile, entries: input.others.map(parseLogEntry), rows, timeMs }), versions }
}

function stateOf({ size, epoch, pin, policy, release, notice }: LogView): LogState {
  const last = { epoch: epoch.entry.epoch, timeMs: epoch.entry.timeMs, hash: epoch.hash }
  return { size, last, configHash: pin.configHash, policy: { index: policy.index, hash: policy.hash }, release, notice }
}
