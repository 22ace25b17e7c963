// Replays a log from its entries and deltas. An auditor's cosignature says: every entry parses; epochs are consecutive with rising
// time and constant config; every delta is sorted, holds only new keys and makes the map root and count that its epoch states; the
// last leaf is an epoch. It fails closed: what it does not understand it does not sign.

import { concat, encodeTls, equal, toHex } from "@nodoor/bytes"
import { verifyCheckpoint } from "../checkpoint/checkpoint.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { KeylogError, rule } from "../core/keylog-error.ts"
import { type LogPin, pinLog, verifyRekey } from "../checkpoint/head.ts"
import { type EntryReference, type EpochEntry, type LogEntry, parseLogEntry } from "../tree/log-entry.ts"
import { PrefixMap, mapRowBytes } from "../map/prefix-map.ts"
import { noteKey, noteKeyTypes } from "../checkpoint/signed-note.ts"
import { TreeFrontier } from "../tree/tree-frontier.ts"
import { leafHash } from "../tree/tree-hash.ts"
import { parsePolicy } from "../checkpoint/witness-policy.ts"

/** Rows in one delta: 4 MiB, some minutes of a busy server at one epoch a second. */
export const maxDeltaRows = 65536

/** Something that does not break the log but that people should hear of. */
export interface AuditFinding {
  readonly code: "notice_missing" | "watched_index"
  /** Index of the entry at which it shows. */
  readonly index: number
  readonly what: string
}

export class Auditor {
  readonly #crypto: LogCrypto
  readonly #map: PrefixMap
  readonly #tree: TreeFrontier
  readonly #watched = new Set<string>()
  #pin: LogPin | undefined
  #logKey: Uint8Array = new Uint8Array()
  #policy: EntryReference | undefined
  #release: EntryReference | undefined
  #notice: (EntryReference & { readonly day: string }) | undefined
  readonly #slots = new Map<string, Uint8Array>()
  #last: { readonly entry: EpochEntry; readonly hash: Uint8Array } | undefined
  #lastKind: LogEntry["kind"] | undefined
  #ended: "no" | "ending" | "ended" = "no"

  /** Starts at the log's first entry. */
  constructor(crypto: LogCrypto) {
    this.#crypto = crypto
    this.#map = new PrefixMap(crypto)
    this.#tree = new TreeFrontier(crypto)
  }

  /** How many entries were replayed. */
  get size(): number {
    return this.#tree.size
  }

  get root(): Uint8Array {
    return this.#tree.root()
  }

  get keyCount(): number {
    return this.#map.keyCount
  }

  get pin(): LogPin | undefined {
    return this.#pin
  }

  /** The key that signs checkpoints now, 32 bytes; empty before the first entry. */
  get logKey(): Uint8Array {
    return this.#logKey
  }

  get epoch(): EpochEntry | undefined {
    return this.#last?.entry
  }

  /** The day of the latest notice, `YYYY-MM-DD`: a day that passes without one is an alarm. */
  get noticeDay(): string | undefined {
    return this.#notice?.day
  }

  /** Raises a finding when one of these 32-byte indices is inserted from now on; those already there are returned. */
  watch(indices: readonly Uint8Array[]): Uint8Array[] {
    for (const index of indices) this.#watched.add(toHex(index))
    return indices.filter((index) => this.#map.commitment(index) !== undefined)
  }

  /**
   * The next entry of the log; with its delta file if it is an epoch. Nothing changes if it is refused.
   * @throws KeylogError
   */
  append(bytes: Uint8Array, delta?: Uint8Array): AuditFinding[] {
    const entry = parseLogEntry(bytes)
    const index = this.#tree.size
    rule(this.#ended === "no" || (this.#ended === "ending" && entry.kind === "epoch"), "log_ended", "an entry after the end") // D7
    rule((entry.kind === "config") === (index === 0), "config_changed", "config is entry 0 and no other") // E3
    const reference = { index, hash: new Uint8Array(this.#crypto.sha256(bytes)) }
    const findings = this.#apply(entry, bytes, reference, delta)
    this.#tree.append(leafHash(this.#crypto, bytes))
    this.#lastKind = entry.kind
    return findings
  }

  /**
   * Whether the checkpoint is of exactly what was replayed, signed by the key in force. Returns the text that may be cosigned.
   * @throws KeylogError `tree_smaller` or `audit_behind` for another size, `tree_fork`, `epoch_not_last`, and as `verifyCheckpoint`
   */
  verifyCheckpoint(note: Uint8Array): string {
    rule(this.#pin !== undefined, "audit_behind", "nothing replayed") // D6
    const key = noteKey(this.#crypto, { name: this.#pin.origin, type: noteKeyTypes.ed25519, publicKey: this.#logKey })
    const checkpoint = verifyCheckpoint(this.#crypto, { note, key })
    rule(checkpoint.size >= this.#tree.size, "tree_smaller", "smaller than what was replayed") // T2
    rule(checkpoint.size === this.#tree.size, "audit_behind", "larger than what was replayed") // D6
    rule(equal(checkpoint.root, this.#tree.root()), "tree_fork", "another tree of this size") // T3
    rule(this.#lastKind === "epoch", "epoch_not_last", "the last entry is no epoch") // E2
    return checkpoint.note.text
  }

  #apply(entry: LogEntry, bytes: Uint8Array, reference: EntryReference, delta: Uint8Array | undefined): AuditFinding[] {
    switch (entry.kind) {
      case "config":
        this.#pin = pinLog(this.#crypto, bytes)
        this.#logKey = this.#pin.logKey
        return []
      case "policy":
        parsePolicy(this.#crypto, { entry: bytes, origin: (this.#pin as LogPin).origin, logKey: this.#logKey })
        this.#policy = reference
        return []
      case "rekey":
        this.#logKey = verifyRekey(this.#crypto, { entry: bytes, origin: (this.#pin as LogPin).origin, logKey: this.#logKey })
        return []
      case "release":
        this.#release = reference
        return []
      case "notice": {
        const before = this.#notice?.day
        rule(before === undefined || entry.day > before, "notice_day", "days rise") // D8
        for (const opened of entry.opened) {
          const slot = this.#slots.get(opened.day)
          rule(slot !== undefined, "notice_opening", "a slot that was not logged") // D9
          verifyNoticeOpening(this.#crypto, { slot, key: opened.key, body: opened.body })
        }
        this.#slots.set(entry.day, entry.slot)
        this.#notice = { ...reference, day: entry.day }
        if (before === undefined || entry.day === dayAfter(before)) return []
        return [{ code: "notice_missing", index: reference.index, what: `no slot between ${before} and ${entry.day}` }]
      }
      case "end":
        this.#ended = "ending"
        return []
      case "epoch":
        return this.#applyEpoch(entry, reference, delta)
    }
  }

  #applyEpoch(entry: EpochEntry, reference: EntryReference, delta: Uint8Array | undefined): AuditFinding[] {
    const last = this.#last
    rule(entry.epoch === (last ? last.entry.epoch + 1 : 0), "epoch_order", "epochs without gaps") // E5
    rule(!last || entry.timeMs > last.entry.timeMs, "epoch_order", "time rises") // E5
    rule(equal(entry.prev, last?.hash ?? new Uint8Array(32)), "epoch_prev", "the epoch before") // E6
    rule(equal(entry.configHash, (this.#pin as LogPin).configHash), "config_changed", "config of the log") // E3
    const agree = sameReference(entry.policy, this.#policy) && sameReference(entry.release, this.#release)
    rule(agree && sameReference(entry.notice, this.#notice), "epoch_reference", "latest policy, release and notice") // D5

    rule(delta !== undefined && delta.length <= maxDeltaRows * mapRowBytes, "delta_hash", "the epoch's delta") // D3
    const matches = equal(this.#crypto.sha256(delta), entry.deltaHash) && delta.length === entry.deltaCount * mapRowBytes
    rule(matches, "delta_hash", "another delta than the epoch states") // D3
    const staged = this.#map.stage(delta)
    if (!equal(staged.root, entry.mapRoot) || staged.keyCount !== entry.keyCount) {
      staged.discard()
      throw new KeylogError("delta_root", "the delta makes another map") // D4
    }
    staged.commit()
    this.#last = { entry, hash: reference.hash }
    if (this.#ended === "ending") this.#ended = "ended"
    return this.#watchedRows(delta, reference.index)
  }

  #watchedRows(delta: Uint8Array, index: number): AuditFinding[] {
    const findings: AuditFinding[] = []
    if (this.#watched.size === 0) return findings
    for (let at = 0; at < delta.length; at += mapRowBytes) {
      const key = toHex(delta.subarray(at, at + 32))
      if (this.#watched.has(key)) findings.push({ code: "watched_index", index, what: key })
    }
    return findings
  }
}

/**
 * Whether a day's slot holds this body: HMAC-SHA256(key, body). It proves when the record was made, not that all were.
 * @throws KeylogError `notice_opening`
 */
export function verifyNoticeOpening(
  crypto: LogCrypto,
  { slot, key, body }: { readonly slot: Uint8Array; readonly key: Uint8Array; readonly body: Uint8Array },
): void {
  rule(equal(crypto.hmacSha256(key, body), slot), "notice_opening", "the slot holds something else") // D9
}

/** A delta file of rows in any order: index ‖ commitment each, sorted by index. */
export function encodeDelta(rows: readonly { readonly index: Uint8Array; readonly commitment: Uint8Array }[]): Uint8Array {
  const sorted = rows.map(({ index, commitment }) => concat(index, commitment)).sort(compareRows)
  return encodeTls((w) => {
    for (const row of sorted) w.raw(row)
  })
}

function compareRows(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < mapRowBytes; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

function sameReference(a: EntryReference | undefined, b: EntryReference | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.index === b.index && equal(a.hash, b.hash)
}

/** The UTC day after `YYYY-MM-DD`. */
function dayAfter(day: string): string {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number)
  return new Date(Date.UTC(year, month - 1, date + 1)).toISOString().slice(0, 10)
}
