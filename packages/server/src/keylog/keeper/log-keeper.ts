// The keeper of the log: synchronous, the only writer of its file and the only holder of its keys. An epoch goes through two
// transactions: one writes entries, delta, map rows and tiles; then witnesses sign; one makes the checkpoint the published one. Between
// the two, nothing of the epoch is shown, and after a crash it continues where it was: what was signed once can never change.

import { assert } from "@nodoor/bytes"
import {
  KeylogError,
  type LogCrypto,
  type LogEntry,
  PrefixMap,
  type StagedMap,
  appendSignatures,
  formatLogEntry,
  isVouchedFor,
  judgeCosignatures,
  noteKey,
  noteKeyTypes,
  parseCheckpoint,
  parseLogEntry,
  parseNote,
  pinLog,
  signCheckpoint,
  verifyCheckpoint,
  vrfInput,
} from "@nodoor/keylog"
import { type LogInsertedAnswer, type LogInsertedRequest, WireError } from "@nodoor/wire"
import type { Random } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import { emptyWriteAheadLog, writeAnew } from "../../sqlite/traces.ts"
import type { FeedRow } from "../../accounts/store/store.ts"
import { type EpochBatch, type FeedKey, type NewVersion, epochBatch, newTokenKeys, newVersions } from "./epoch-batch.ts"
import { behindWitness, raced } from "./keeper-refusal.ts"
import type { LogKeys } from "./log-keys.ts"
import {
  addEntry,
  addEpoch,
  addPolicyChange,
  addVersion,
  latestVersion,
  loadMap,
  pendingEntries,
  readDelta,
  readEntry,
  readProgress,
  tileReader,
  writeTile,
} from "./log-rows.ts"
import { endedBefore, eraseEnded, forgetTraces, noteEnded, tracesAreLeft } from "./ended-accounts.ts"
import { checkNextEntry } from "./next-entry.ts"
import { type LogView, viewLog } from "./log-view.ts"
import { type LogFile, PublishedLog } from "./published-log.ts"
import { type PlacedVersion, VrfCache } from "./vrf-cache.ts"

/** Others wait while the file is written anew, some seconds per gigabyte. */
const writeAnewEveryMs = 24 * 3_600_000

/** What the log is about, fixed with its first entry, and the policy it begins with. */
export interface LogBeginning {
  /** `<host>/kt/1` */
  readonly origin: string
  readonly resetDelayMs: number
  /** A `kt-policy/v1` entry. */
  readonly policy: Uint8Array
}

export interface LogStatus {
  /** `<host>/kt/1` */
  readonly origin: string
  /** SHA-256 of the first entry, written or not. */
  readonly configHash: Uint8Array
  /** The key that signs now. */
  readonly logKey: Uint8Array
  /** Order of the last account state that is in the log, published or not. */
  readonly feedPosition: number
  /** Entries in the tree. */
  readonly size: number
  /** Entries under the published checkpoint; less than `size` while witnesses are asked. */
  readonly publishedSize: number
  /** The time that its epoch states, Unix milliseconds: ahead of the clock after that was ahead. Undefined before the first. */
  readonly publishedAtMs: number | undefined
  readonly epoch: number
  readonly keyCount: number
  readonly ended: boolean
  /** Entries of the operator's that wait for the next epoch, and whether another signing key is among them. */
  readonly pending: number
  readonly rekeying: boolean
  /** Policies of which a quorum must sign the next checkpoint: the one it names, first; and the one published, if it is another. */
  readonly policies: readonly Uint8Array[]
  readonly mapBytes: number
}

/** Everything the keeper can do. It takes and gives plain data, so that it can run in a thread of its own. */
export interface KeeperOperations {
  status(input: Record<string, never>): LogStatus
  /** Makes the VRF proofs that `build` will need: half a millisecond each. */
  prepare(input: { readonly rows: readonly FeedRow[]; readonly tokenKeys?: readonly FeedKey[] }): void
  /** Inputs of the VRF that `prepare` would evaluate. */
  unplaced(input: { readonly rows: readonly FeedRow[]; readonly tokenKeys?: readonly FeedKey[] }): readonly Uint8Array[]
  /** Takes evaluations by another thread with the same key, so that `prepare` need not make them. */
  learn(input: { readonly inputs: readonly Uint8Array[]; readonly placed: readonly PlacedVersion[] }): void
  /**
   * Writes the next epoch, if there is anything for it or an empty one is asked for. It is not published yet. Of `tokenKeys` it takes those of
   * which the log holds none: the first of an epoch stays for ever. @throws ServerError `log_raced`, `log_refused`
   */
  build(input: BuildInput): boolean
  /** The signed checkpoint of the newest tree. `knownSizes`: what witnesses have signed. @throws ServerError `log_behind_witness` and nothing is signed */
  draft(input: { readonly knownSizes: readonly number[] }): { readonly note: Uint8Array; readonly size: number }
  /** Proof between two of our sizes. */
  consistency(input: { readonly older: number; readonly newer: number }): readonly Uint8Array[]
  /** Makes a draft with its cosignatures the published checkpoint. @throws KeylogError without the quorum, also of the policy before: nothing changed */
  publish(input: { readonly note: Uint8Array; readonly nowMs: number }): void
  /** Keeps the newest note that auditors signed. @throws KeylogError for one that is not of this log */
  audited(input: { readonly note: Uint8Array; readonly nowMs: number }): void
  /** Puts an entry into the next epoch. @throws ServerError `log_refused` */
  enqueue(input: { readonly entry: Uint8Array }): void
  search(input: { readonly request: Uint8Array }): Uint8Array
  watchSet(input: { readonly label: Uint8Array }): Uint8Array
  /** The first entry. */
  config(input: Record<string, never>): Uint8Array
  /** Since when a version has been in the log. @throws WireError `not_found` */
  inserted(input: LogInsertedRequest): LogInsertedAnswer
  latestVersion(input: { readonly label: Uint8Array }): number | undefined
  /** SHA-256 of the key for tokens that the published log holds for an epoch. */
  tokenKey(input: { readonly epoch: number }): Uint8Array | undefined
  /** Labels of accounts whose end was published before that time, and of which something is to be erased. */
  ended(input: { readonly beforeMs: number }): readonly Uint8Array[]
  /** Erases openings and values before the account's end, and of its handle's binding; then also from the write-ahead log. */
  eraseEnded(input: { readonly account: Uint8Array; readonly handle: Uint8Array }): void
  /** Writes the file anew if something was erased since it last was, at most once a day: SQLite leaves copies of rows that it moved. */
  eraseTraces(input: { readonly nowMs: number }): void
  file(input: { readonly path: string }): LogFile | undefined
  /** The published checkpoint; undefined before the first. */
  checkpoint(input: Record<string, never>): Uint8Array | undefined
}

export interface BuildInput {
  readonly rows: readonly FeedRow[]
  readonly tokenKeys?: readonly FeedKey[]
  readonly nowMs: number
  readonly evenEmpty?: boolean
}

export interface KeeperParts {
  readonly crypto: LogCrypto
  readonly random: Random
  readonly db: Database
  readonly keys: LogKeys
  readonly beginning: LogBeginning
}

interface Loaded {
  readonly map: PrefixMap
  readonly vrf: VrfCache
  built: LogView | undefined
  published: PublishedLog | undefined
  /** The map of an epoch that is written and not published. */
  staged: StagedMap | undefined
  feedPosition: number
  auditedNote: Uint8Array | undefined
}

/** A keeper in this thread or in its own. */
export type Keeper = {
  readonly [Name in keyof KeeperOperations]: (
    input: Parameters<KeeperOperations[Name]>[0],
  ) => Promise<Awaited<ReturnType<KeeperOperations[Name]>>>
}

export class LogKeeper implements KeeperOperations {
  readonly #parts: KeeperParts
  /** Undefined after a failed write, whose result is unknown. The file is then read again. */
  #loaded: Loaded | undefined
  #writtenAnewMs = -Infinity

  constructor(parts: KeeperParts) {
    this.#parts = parts
    this.#loaded = this.#load()
  }

  status(): LogStatus {
    const { built, published, feedPosition, map } = this.#state()
    const others = this.#others(built)
    const waiting = others.filter((entry) => parseLogEntry(entry).kind === "policy").at(-1)
    const inOrder = [built?.size === published?.view.size ? waiting : undefined, built?.policy.entry, published?.view.policy.entry]
    const waitingFirst = inOrder.filter((entry) => entry !== undefined)
    const first = built?.pin ?? pinLog(this.#parts.crypto, others[0] ?? new Uint8Array())
    return {
      origin: first.origin,
      configHash: first.configHash,
      logKey: built?.logKey ?? first.logKey,
      feedPosition,
      size: built?.size ?? 0,
      publishedSize: published?.view.size ?? 0,
      publishedAtMs: published?.view.epoch.entry.timeMs,
      epoch: built?.epoch.entry.epoch ?? -1,
      keyCount: built?.epoch.entry.keyCount ?? 0,
      ended: built?.ended ?? false,
      pending: others.length,
      rekeying: others.some((entry) => parseLogEntry(entry).kind === "rekey"),
      policies: waitingFirst.filter((entry, i) => waitingFirst.findIndex((one) => Buffer.compare(one, entry) === 0) === i),
      mapBytes: map.memoryBytes,
    }
  }

  prepare({ rows, tokenKeys = [] }: Pick<BuildInput, "rows" | "tokenKeys">): void {
    const { vrf } = this.#state()
    for (const { label, version } of this.#newVersions(rows, tokenKeys)) vrf.place(label, version, { keep: false })
  }

  unplaced({ rows, tokenKeys = [] }: Pick<BuildInput, "rows" | "tokenKeys">): readonly Uint8Array[] {
    const { vrf } = this.#state()
    const missing = this.#newVersions(rows, tokenKeys).filter(({ label, version }) => !vrf.isPlaced(label, version))
    return missing.map(({ label, version }) => vrfInput(label, version))
  }

  learn({ inputs, placed }: { readonly inputs: readonly Uint8Array[]; readonly placed: readonly PlacedVersion[] }): void {
    const { vrf } = this.#state()
    for (const [at, one] of placed.entries()) vrf.learn(inputs[at] as Uint8Array, one)
  }

  build({ rows, tokenKeys = [], nowMs, evenEmpty = false }: BuildInput): boolean {
    const state = this.#state()
    const { built, map, vrf } = state
    assert(built?.size === state.published?.view.size, "one epoch at a time")
    if (readProgress(this.#parts.db).size !== (built?.size ?? 0)) {
      this.#loaded = undefined
      throw raced()
    }
    if (built?.ended === true) return false
    const others = this.#others(built)
    const versions = this.#newVersions(rows, tokenKeys)
    if (versions.length === 0 && others.length === 0 && !evenEmpty) return false
    this.#checkVersions(versions)
    const batch = epochBatch({ ...this.#parts, vrf, map, readTile: tileReader(this.#parts.db) }, { before: built, others, versions, nowMs })
    const feedPosition = rows.at(-1)?.order ?? state.feedPosition
    this.#write(() => this.#writeEpoch(batch, { size: built?.size ?? 0, feedPosition, vrf }))
    vrf.saved()
    state.staged = batch.staged
    state.feedPosition = feedPosition
    state.built = this.#view((built?.size ?? 0) + batch.entries.length)
    this.#loaded = state
    return true
  }

  draft({ knownSizes }: { readonly knownSizes: readonly number[] }): { readonly note: Uint8Array; readonly size: number } {
    const { built } = this.#state()
    assert(built !== undefined, "a tree to sign")
    if (knownSizes.some((size) => size > built.size)) throw behindWitness(built.size, Math.max(...knownSizes))
    const key = noteKey(this.#parts.crypto, { name: built.pin.origin, type: noteKeyTypes.ed25519, publicKey: built.logKey })
    const signing = this.#parts.keys.signing.find(({ publicKey }) => Buffer.compare(publicKey, built.logKey) === 0)
    if (signing === undefined)
      throw new ServerError("log_keys_unreadable", "The log's signing key is not among its files. Restore it from a backup.")
    return { note: signCheckpoint(this.#parts.crypto, { head: built, key, privateKey: signing.privateKey }), size: built.size }
  }

  consistency({ older, newer }: { readonly older: number; readonly newer: number }): readonly Uint8Array[] {
    const { built } = this.#state()
    assert(built !== undefined && newer <= built.size, "sizes of this tree")
    return built.tree.consistencyProof({ older, newer })
  }

  publish({ note, nowMs }: { readonly note: Uint8Array; readonly nowMs: number }): void {
    const state = this.#state()
    const { built } = state
    assert(built !== undefined, "a tree to publish")
    const { crypto, db } = this.#parts
    const key = noteKey(crypto, { name: built.pin.origin, type: noteKeyTypes.ed25519, publicKey: built.logKey })
    const checkpoint = verifyCheckpoint(crypto, { note, key })
    assert(checkpoint.size === built.size && Buffer.compare(checkpoint.root, built.root) === 0, "the checkpoint of the newest tree")
    // Auditors replay what is published, so their statements come later, beside the checkpoint.
    judgeCosignatures(crypto, { note: checkpoint.note, policy: { ...built.policy.parsed, audits: 0 }, nowMs })
    const before = state.published?.view.policy
    const changesPolicy = before !== undefined && Buffer.compare(before.hash, built.policy.hash) !== 0
    if (changesPolicy && !isVouchedFor(crypto, { note: checkpoint.note, policy: before.parsed, nowMs })) {
      throw new KeylogError("policy_change", "the policy before did not see its end")
    }
    this.#write(() => {
      const changed = db.run("UPDATE progress SET published_note = ? WHERE id = 1 AND size = ?", note, built.size)
      if (changed !== 1) throw raced()
      if (changesPolicy) addPolicyChange(db, { entryIndex: built.size - 1, before: before.hash, note })
    })
    state.staged?.commit()
    state.staged = undefined
    state.published = this.#publishedLog(state, built, note)
    this.#loaded = state
  }

  audited({ note, nowMs }: { readonly note: Uint8Array; readonly nowMs: number }): void {
    const state = this.#state()
    const { published } = state
    assert(published !== undefined, "a published log")
    const { crypto, db } = this.#parts
    const parsed = parseNote(note)
    const { origin, size, root } = parseCheckpoint(parsed.text)
    if (origin !== published.view.pin.origin || size > published.view.size) return
    if (Buffer.compare(root, published.view.tree.root(size)) !== 0) return
    const { auditors } = published.view.policy.parsed
    judgeCosignatures(crypto, {
      note: parsed,
      policy: { quorum: 0, faults: 0, audits: 1, witnesses: [], operators: [], auditors },
      nowMs,
    })
    const merged = mergeNotes(state.auditedNote, note)
    this.#write(() => db.run("UPDATE progress SET audited_note = ? WHERE id = 1", merged))
    state.auditedNote = merged
    state.published = this.#publishedLog(state, published.view, published.note)
    this.#loaded = state
  }

  enqueue({ entry }: { readonly entry: Uint8Array }): void {
    const state = this.#state()
    const { built } = state
    if (built === undefined) throw new ServerError("log_refused", "The log is empty. It begins with the first start of the server.")
    const { crypto, db, keys } = this.#parts
    const notice = built.notice && parseLogEntry(readEntry(db, built.notice.index) ?? new Uint8Array())
    const noticeDay = notice?.kind === "notice" ? notice.day : undefined
    checkNextEntry(crypto, { entry, view: built, waiting: this.#others(built), signing: keys.signing, noticeDay })
    this.#write(() => db.run("INSERT INTO pending (entry) VALUES (?)", entry))
    this.#loaded = state
  }

  search({ request }: { readonly request: Uint8Array }): Uint8Array {
    return this.#shown().search(request)
  }

  watchSet({ label }: { readonly label: Uint8Array }): Uint8Array {
    return this.#shown().watchSet(label)
  }

  config(): Uint8Array {
    return this.#shown().config()
  }

  inserted(input: LogInsertedRequest): LogInsertedAnswer {
    return this.#shown().inserted(input)
  }

  latestVersion({ label }: { readonly label: Uint8Array }): number | undefined {
    return this.#state().published?.latestVersion(label)
  }

  tokenKey({ epoch }: { readonly epoch: number }): Uint8Array | undefined {
    return this.#state().published?.tokenKey(epoch)
  }

  ended({ beforeMs }: { readonly beforeMs: number }): readonly Uint8Array[] {
    const { published } = this.#state()
    if (published === undefined) return []
    return endedBefore(this.#parts.db, { publishedEpoch: published.view.epoch.entry.epoch, beforeMs })
  }

  eraseEnded(input: { readonly account: Uint8Array; readonly handle: Uint8Array }): void {
    const state = this.#state()
    const { db } = this.#parts
    this.#write(() => eraseEnded(db, input))
    this.#loaded = state
    emptyWriteAheadLog(db)
  }

  eraseTraces({ nowMs }: { readonly nowMs: number }): void {
    const { db } = this.#parts
    if (Math.abs(nowMs - this.#writtenAnewMs) < writeAnewEveryMs || !tracesAreLeft(db)) return
    this.#writtenAnewMs = nowMs
    writeAnew(db)
    forgetTraces(db)
    emptyWriteAheadLog(db)
  }

  file({ path }: { readonly path: string }): LogFile | undefined {
    return this.#state().published?.file(path)
  }

  checkpoint(): Uint8Array | undefined {
    return this.#state().published?.note
  }

  #shown(): PublishedLog {
    const { published } = this.#state()
    if (published === undefined) throw new WireError("unavailable", "the log has no checkpoint yet", { retryAfterMs: 1000 })
    return published
  }

  #state(): Loaded {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  #load(): Loaded {
    const { crypto, db, keys } = this.#parts
    const { size, feedPosition, publishedNote, auditedNote } = readProgress(db)
    const publishedSize = publishedNote === undefined ? 0 : parseCheckpoint(parseNote(publishedNote).text).size
    const map = new PrefixMap(crypto)
    const vrf = new VrfCache(db, keys.vrf)
    const built = this.#view(size)
    const view = publishedSize === size ? built : this.#view(publishedSize)
    loadMap(db, map, view === undefined ? 0 : view.epoch.entry.epoch + 1)
    const state: Loaded = { map, vrf, built, published: undefined, staged: undefined, feedPosition, auditedNote }
    if (built !== undefined && built !== view) {
      state.staged = map.stage(readDelta(db, built.epoch.entry.epoch) ?? new Uint8Array())
      assert(Buffer.compare(state.staged.root, built.epoch.entry.mapRoot) === 0, "the map is the one that was written")
    }
    if (view !== undefined && publishedNote !== undefined) state.published = this.#publishedLog(state, view, publishedNote)
    return state
  }

  #view(size: number): LogView | undefined {
    return viewLog(this.#parts.crypto, this.#parts.db, { size, readTile: tileReader(this.#parts.db) })
  }

  #publishedLog({ map, vrf, auditedNote }: Loaded, view: LogView, note: Uint8Array): PublishedLog {
    return new PublishedLog({ crypto: this.#parts.crypto, db: this.#parts.db, view, note, auditedNote, map, vrf })
  }

  /** The operator's entries of the next epoch: config and policy at the beginning, then what waits. */
  #others(built: LogView | undefined): Uint8Array[] {
    const waiting = pendingEntries(this.#parts.db).map(({ entry }) => entry)
    if (built !== undefined) return waiting
    const { keys, beginning } = this.#parts
    const [first] = keys.signing
    assert(first !== undefined, "a signing key")
    const { origin, resetDelayMs, policy } = beginning
    const config: LogEntry = { kind: "config", origin, vrfKey: keys.vrf.publicKey, logKey: first.publicKey, resetDelayMs }
    return [formatLogEntry(config), policy, ...waiting]
  }

  #newVersions(rows: readonly FeedRow[], tokenKeys: readonly FeedKey[]): readonly NewVersion[] {
    return [...rows.flatMap(newVersions), ...newTokenKeys(this.#parts, tokenKeys)]
  }

  /** Versions of a label have no gaps, also within one batch. */
  #checkVersions(versions: readonly { readonly label: Uint8Array; readonly version: number }[]): void {
    const next = new Map<string, number>()
    for (const { label, version } of versions) {
      const name = Buffer.from(label).toString("latin1")
      const expected = next.get(name) ?? (latestVersion(this.#parts.db, label, Number.MAX_SAFE_INTEGER)?.version ?? -1) + 1
      if (version !== expected)
        throw new ServerError("log_behind_accounts", "The accounts and the log are from different backups. Restore both from the same one.")
      next.set(name, version + 1)
    }
  }

  #writeEpoch(batch: EpochBatch, input: { readonly size: number; readonly feedPosition: number; readonly vrf: VrfCache }): void {
    const { db } = this.#parts
    const size = input.size + batch.entries.length
    const changed = db.run(
      "UPDATE progress SET size = ?, feed_position = ? WHERE id = 1 AND size = ?",
      size,
      input.feedPosition,
      input.size,
    )
    if (changed !== 1) throw raced()
    batch.entries.forEach((entry, i) => addEntry(db, input.size + i, parseLogEntry(entry).kind, entry))
    addEpoch(db, batch.epoch.epoch, size - 1, batch.delta)
    for (const version of batch.versions) addVersion(db, version)
    noteEnded(db, batch.versions)
    for (const { tile, bytes } of batch.tiles) writeTile(db, tile, bytes)
    db.run("DELETE FROM pending")
    input.vrf.save()
  }

  /**
   * One transaction. What is in memory is forgotten with its beginning; the caller puts it back as the last thing it does, and whatever
   * fails before then has the file read again.
   */
  #write(write: () => void): void {
    const { db } = this.#parts
    this.#loaded = undefined
    try {
      db.run("BEGIN IMMEDIATE")
      write()
      db.run("COMMIT")
    } catch (error) {
      try {
        if (db.inTransaction) db.run("ROLLBACK")
      } catch {
        // SQLite rolls back by itself when the file is lost; the next load says so.
      }
      throw error
    }
  }
}

/** The signatures of both notes if they are of one tree, else the newer note. */
function mergeNotes(before: Uint8Array | undefined, note: Uint8Array): Uint8Array {
  if (before === undefined) return note
  const [old, fresh] = [parseNote(before), parseNote(note)]
  if (old.text !== fresh.text) return note
  const known = new Set(fresh.signatures.map(({ name }) => name))
  return appendSignatures(
    note,
    old.signatures.filter(({ name }) => !known.has(name)),
  )
}
