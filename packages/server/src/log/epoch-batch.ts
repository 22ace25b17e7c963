// The next epoch, before it is written: which entries, which versions, which rows of the map.

import { assert } from "@nodoor/bytes"
import {
  type EntryReference,
  type LogCrypto,
  type LogEntry,
  type PrefixMap,
  type StagedMap,
  accountLabel,
  commitment,
  encodeDelta,
  formatLogEntry,
  handleLabel,
  openingBytes,
  parseLogEntry,
  type AccountId,
} from "@nodoor/keylog"
import type { Random } from "../ports.ts"
import { ServerError } from "../server-error.ts"
import type { FeedRow } from "../store/store.ts"
import type { VersionRow } from "./log-rows.ts"
import type { LogView } from "./log-view.ts"
import type { VrfCache } from "./vrf-cache.ts"

/** A label's next version, and what it shall be committed to. */
export interface NewVersion {
  readonly label: Uint8Array
  readonly version: number
  readonly value: Uint8Array
}

export interface EpochBatch {
  readonly entries: readonly { readonly kind: LogEntry["kind"]; readonly bytes: Uint8Array }[]
  readonly epoch: number
  readonly delta: Uint8Array
  readonly versions: readonly VersionRow[]
  /** The map with the delta, neither committed nor discarded. */
  readonly staged: StagedMap
}

/** A row of the feed as versions of labels: an account's state and, with its first, the handle's binding. */
export function newVersions({ accountId, version, state, handle }: FeedRow): NewVersion[] {
  const account = { label: accountLabel(accountId as AccountId), version, value: state }
  return handle === undefined ? [account] : [account, { label: handleLabel(handle.name), version: 0, value: handle.binding }]
}

/**
 * Makes the batch and stages it in the map. `before`: what the log says now; undefined for its beginning, whose entries are `others`.
 * @throws ServerError `log_refused` for an entry that cannot come next
 */
export function epochBatch(
  parts: { readonly crypto: LogCrypto; readonly random: Random; readonly vrf: VrfCache; readonly map: PrefixMap },
  input: {
    readonly before: LogView | undefined
    /** The map as an epoch before left it that is not published; then there are no versions. */
    readonly staged: StagedMap | undefined
    readonly others: readonly Uint8Array[]
    readonly versions: readonly NewVersion[]
    readonly nowMs: number
  },
): EpochBatch {
  const { before } = input
  const epoch = before === undefined ? 0 : before.epoch.entry.epoch + 1
  const firstIndex = before?.size ?? 0
  const references = referencesOf(parts.crypto, before, input.others, firstIndex)

  const versions = input.versions.map(({ label, version, value }): VersionRow => {
    const { index, proof } = parts.vrf.place(label, version, { keep: true })
    return { label, version, epoch, index, proof, opening: parts.random(openingBytes), value }
  })
  const delta = encodeDelta(versions.map((row) => ({ index: row.index, commitment: commitment(parts.crypto, row) })))
  assert(input.staged === undefined || versions.length === 0, "one batch of rows at a time")
  const staged = input.staged ?? parts.map.stage(delta)
  const entry: LogEntry = {
    kind: "epoch",
    epoch,
    timeMs: before === undefined ? input.nowMs : Math.max(input.nowMs, before.epoch.entry.timeMs + 1),
    configHash: references.configHash,
    policy: references.policy,
    prev: before?.epoch.hash ?? new Uint8Array(32),
    keyCount: staged.keyCount,
    mapRoot: staged.root,
    deltaCount: versions.length,
    deltaHash: parts.crypto.sha256(delta),
    release: references.release,
    notice: references.notice,
  }
  const others = input.others.map((bytes) => ({ kind: parseLogEntry(bytes).kind, bytes }))
  return { entries: [...others, { kind: "epoch", bytes: formatLogEntry(entry) }], epoch, delta, versions, staged }
}

interface References {
  readonly configHash: Uint8Array
  readonly policy: EntryReference
  readonly release: EntryReference | undefined
  readonly notice: EntryReference | undefined
}

/** The latest policy, release and notice with the new entries counted in. */
function referencesOf(crypto: LogCrypto, before: LogView | undefined, others: readonly Uint8Array[], firstIndex: number): References {
  let configHash = before?.pin.configHash
  let policy: EntryReference | undefined = before?.policy
  let release = before?.release
  let notice = before?.notice
  others.forEach((bytes, i) => {
    const reference = { index: firstIndex + i, hash: crypto.sha256(bytes) }
    const { kind } = parseLogEntry(bytes)
    if (kind === "config") configHash = reference.hash
    if (kind === "policy") policy = reference
    if (kind === "release") release = reference
    if (kind === "notice") notice = reference
    if (kind === "epoch") throw new ServerError("log_refused", "Epochs are made by the log itself.")
  })
  assert(configHash !== undefined && policy !== undefined, "a log begins with config and policy")
  return { configHash, policy: { index: policy.index, hash: policy.hash }, release, notice }
}
