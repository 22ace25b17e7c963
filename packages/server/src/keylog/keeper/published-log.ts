// What the log tells others, under its last published checkpoint and no later one.

import { assert, concat, equal } from "@nodoor/bytes"
import {
  type HeadProof,
  type LogCrypto,
  type PolicyChange,
  type PrefixMap,
  type SearchRequest,
  type SearchSource,
  answerSearch,
  answerWatchSet,
  decodeSearchRequest,
  encodeEntryBundle,
  encodeSearchResponse,
  encodeWatchSet,
  maxChainVersions,
  parseCheckpoint,
  parseLogEntry,
  parseNote,
  parseTilePath,
  tileWidth,
  tokenKeyLabel,
  widthOfTile,
  KeylogError,
} from "@nodoor/keylog"
import { type LogInsertedAnswer, type LogInsertedRequest, WireError, logSearchAnswerBytes } from "@nodoor/wire"
import type { Database } from "../../sqlite/database.ts"
import {
  entryOfEpoch,
  epochOfVersion,
  latestVersion,
  policyChangesSince,
  readDelta,
  readEntries,
  readEntry,
  tileReader,
  valuesBetween,
} from "./log-rows.ts"
import type { LogView } from "./log-view.ts"
import type { VrfCache } from "./vrf-cache.ts"

export interface LogFile {
  readonly bytes: Uint8Array
  readonly text: boolean
  /** Never changes under this name. */
  readonly immutable: boolean
}

interface Parts {
  readonly crypto: LogCrypto
  readonly db: Database
  readonly view: LogView
  /** The checkpoint with its cosignatures. */
  readonly note: Uint8Array
  readonly auditedNote: Uint8Array | undefined
  readonly map: PrefixMap
  readonly vrf: VrfCache
}

/** Consistency proofs remembered: clients come from few sizes. */
const consistencyMax = 512

export class PublishedLog {
  readonly view: LogView
  readonly note: Uint8Array
  readonly #parts: Parts
  readonly #inclusion: readonly Uint8Array[]
  readonly #consistency = new Map<number, readonly Uint8Array[]>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.view = parts.view
    this.note = parts.note
    this.#inclusion = parts.view.tree.inclusionProof(parts.view.size - 1)
  }

  /** @throws CodecError for an invalid request; WireError `too_large` for an answer that would not fit */
  search(request: Uint8Array): Uint8Array {
    const decoded = decodeSearchRequest(request)
    const response = encodeSearchResponse(answerSearch({ request: decoded, head: this.#headProof(decoded), source: this.#source() }))
    if (response.length > logSearchAnswerBytes) throw new WireError("too_large", "ask for fewer labels at once")
    return response
  }

  /** The encoded watch set of a label. */
  watchSet(label: Uint8Array): Uint8Array {
    return encodeWatchSet(answerWatchSet(this.#source(), label).proofs)
  }

  /** The greatest published version of a label. */
  latestVersion(label: Uint8Array): number | undefined {
    return latestVersion(this.#parts.db, label, this.view.epoch.entry.epoch)?.version
  }

  /** SHA-256 of the key for tokens of an epoch. */
  tokenKey(epoch: number): Uint8Array | undefined {
    return latestVersion(this.#parts.db, tokenKeyLabel(epoch), this.view.epoch.entry.epoch)?.value
  }

  /** The log's first entry. */
  config(): Uint8Array {
    const entry = readEntry(this.#parts.db, 0)
    assert(entry !== undefined, "a published log has begun")
    return entry
  }

  /** The epoch that put a version of a label into the map, proven in the tree of `size`. @throws WireError `not_found` */
  inserted({ label, version, size }: LogInsertedRequest): LogInsertedAnswer {
    const { db } = this.#parts
    const epoch = epochOfVersion(db, label, version)
    const place = epoch === undefined ? undefined : { epoch, index: entryOfEpoch(db, epoch) }
    if (place?.index === undefined || place.index >= size || size > this.view.size) throw new WireError("not_found")
    const [entry, delta] = [readEntry(db, place.index), readDelta(db, place.epoch)]
    assert(entry !== undefined && delta !== undefined, "the entry and delta of an epoch")
    const { proof: vrfProof } = this.#source().vrf(label, version)
    return { entry, index: place.index, inclusion: concat(...this.view.tree.inclusionProof(place.index, size)), delta, vrfProof }
  }

  /** A file below `/kt/`; undefined if there is none of that name. */
  file(path: string): LogFile | undefined {
    if (path === "checkpoint") return { bytes: this.note, text: true, immutable: false }
    if (path === "policy") return { bytes: this.view.policy.entry, text: true, immutable: false }
    if (path === "audited") return this.#parts.auditedNote && { bytes: this.#parts.auditedNote, text: true, immutable: false }
    const epoch = /^delta\/(0|[1-9][0-9]{0,15})$/.exec(path)?.[1]
    if (epoch !== undefined) return this.#delta(Number(epoch))
    return this.#tile(path)
  }

  #delta(epoch: number): LogFile | undefined {
    const delta = epoch <= this.view.epoch.entry.epoch ? readDelta(this.#parts.db, epoch) : undefined
    return delta && { bytes: delta, text: false, immutable: true }
  }

  #tile(path: string): LogFile | undefined {
    let tile: ReturnType<typeof parseTilePath>
    try {
      tile = parseTilePath(path)
    } catch (error) {
      if (error instanceof KeylogError) return undefined
      throw error
    }
    const { level, index, width } = tile
    if (width > widthOfTile(this.view.size, { level: level === "entries" ? 0 : level, index })) return undefined
    if (level === "entries") {
      const first = index * tileWidth
      return { bytes: encodeEntryBundle(readEntries(this.#parts.db, first, first + width)), text: false, immutable: true }
    }
    const hashes = tileReader(this.#parts.db)({ level, index, width })
    return hashes && { bytes: hashes.slice(0, 32 * width), text: false, immutable: true }
  }

  #headProof({ lastSize, logKey, knownPolicy }: SearchRequest): HeadProof {
    const { view } = this
    const since = view.rekeys.findIndex(({ oldKey }) => equal(oldKey, logKey))
    const rekeys = since < 0 ? [] : view.rekeys.slice(since)
    return {
      checkpoint: this.note,
      consistency: lastSize === undefined ? [] : this.#consistencyFrom(lastSize),
      epochEntry: view.epoch.bytes,
      inclusion: this.#inclusion,
      policyEntry: knownPolicy !== undefined && equal(knownPolicy, view.policy.hash) ? undefined : view.policy.entry,
      rekeys: rekeys.map(({ index, entry }) => ({ index, entry, inclusion: view.tree.inclusionProof(index) })),
      policyChanges: knownPolicy === undefined ? [] : this.#policyChanges(knownPolicy),
      audit: this.#audit(),
    }
  }

  #policyChanges(knownPolicy: Uint8Array): readonly PolicyChange[] {
    const { crypto, db } = this.#parts
    return policyChangesSince(db, knownPolicy)
      .filter(({ index }) => index < this.view.size)
      .map(({ index, note }) => {
        const epochEntry = readEntry(db, index)
        const epoch = epochEntry && parseLogEntry(epochEntry)
        assert(epochEntry !== undefined && epoch?.kind === "epoch", "a policy comes with an epoch")
        const policyEntry = readEntry(db, epoch.policy.index)
        assert(policyEntry !== undefined && equal(crypto.sha256(policyEntry), epoch.policy.hash), "the policy of an epoch")
        const inclusion = this.view.tree.inclusionProof(index, index + 1)
        return { note, consistency: this.#consistencyFrom(index + 1), epochEntry, inclusion, policyEntry }
      })
  }

  /** Empty for a size larger than ours. No proof exists for it, and the client sees that we are smaller. */
  #consistencyFrom(older: number): readonly Uint8Array[] {
    if (older > this.view.size) return []
    let proof = this.#consistency.get(older)
    if (proof === undefined) {
      proof = this.view.tree.consistencyProof({ older })
      if (this.#consistency.size >= consistencyMax) this.#consistency.clear()
      this.#consistency.set(older, proof)
    }
    return proof
  }

  #audit(): HeadProof["audit"] {
    const note = this.#parts.auditedNote
    if (note === undefined || this.view.policy.parsed.auditors.length === 0) return undefined
    const older = parseCheckpoint(parseNote(note).text).size
    return older > this.view.size ? undefined : { note, consistency: this.#consistencyFrom(older) }
  }

  #source(): SearchSource {
    const { db, map, vrf } = this.#parts
    const { epoch } = this.view.epoch.entry
    return {
      map,
      vrf: (label, version) => vrf.place(label, version, { keep: latestVersion(db, label, epoch) !== undefined }),
      latest: ({ label, knownVersion }) => {
        const latest = latestVersion(db, label, epoch)
        if (latest === undefined) return undefined
        const after = knownVersion ?? -1
        const isAccount = label[0] === accountLabelByte
        const states = isAccount ? valuesBetween(db, { label, after, before: latest.version, max: maxChainVersions }) : []
        const { version, opening, value } = latest
        return {
          version,
          committed: value.length === 0 ? undefined : { opening, value },
          states: states.some((state) => state.length === 0) ? undefined : states,
        }
      },
    }
  }
}

const accountLabelByte = 0x01
