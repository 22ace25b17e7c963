// Keeps the devices of the account alike: what the person does here is noted as an entry in the same transaction, told to the other devices
// through the self group, and what they tell is merged (docs/sync.md).

import { type CborValue, encodeCbor, equal } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import type { Changes } from "../core/changes.ts"
import { NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Session } from "../core/session.ts"
import { type SyncEntry, type SyncNotes, syncLimits } from "../store/sync/sync-entry.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type StoredEntry, findEntry, hasDueEntries, listDueEntries, listOpenEntries, putEntry } from "../store/sync/entries.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { countLeaves } from "../store/group/members.ts"
import { findSelfGroup } from "../store/group/own-groups.ts"
import { readerOf } from "../store/reader.ts"
import type { ApplyParts } from "./apply.ts"
import { applyOpen, mergeSyncEntries } from "./merge.ts"
import { compareEntries, ruleOf, takes } from "./rules.ts"
import { timeAfter, timeToSend } from "./stamp.ts"

const tellKind = "sync"
const openKind = "sync-open"
/** What is typed is told together, so often at most. */
const draftMs = 1_000

export interface SyncParts extends ApplyParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly session: Pick<Session, "serverNowMs" | "serverAheadMs" | "token">
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  /** Queues entries in the self group. */
  post(tx: Transaction, group: GroupRow, entries: readonly SyncEntry[]): Promise<unknown>
  fault(error: unknown): void
}

export class Sync implements Part, SyncNotes {
  readonly #parts: SyncParts
  /** Whether entries may wait for something that is not known here. */
  #open = true

  constructor(parts: SyncParts) {
    this.#parts = parts
    parts.jobs.register({ kind: tellKind, whileOnline: true, run: () => this.#tell() })
    parts.jobs.register({ kind: openKind, run: () => this.#applyOpen() })
  }

  /** Notes what the person changed here. The same value again, or one that says what is so anyway, is no change. */
  async synced(tx: Transaction, key: string, value: CborValue): Promise<void> {
    const { own, session, jobs } = this.#parts
    const rule = ruleOf(key)
    if (!rule || !takes(rule, value)) return
    const present = await findEntry(tx, key)
    if (!present && (value === false || value === "" || value === null)) return
    if (present && equal(encodeCbor(present.value), encodeCbor(value))) return
    const stamp = { ...timeAfter(present?.stamp, session.serverNowMs), deviceId: own.deviceId }
    const entry: SyncEntry = { key, value, stamp }
    if (present && compareEntries(rule, entry, present) <= 0) return
    putEntry(tx, { ...entry, due: true, shared: present?.shared ?? { ms: 0, counter: 0 }, open: false })
    if (rule.name === "chatDraft") jobs.schedule({ kind: tellKind, inMs: draftMs, keepSooner: true }, tx)
    else await this.#kick(tx)
  }

  /** Entries that came in a record of the self group. */
  async take(tx: Transaction, entries: readonly SyncEntry[], { placedMs }: { readonly placedMs: number }): Promise<void> {
    await mergeSyncEntries(this.#parts, tx, entries, { placedMs })
    tx.after(() => (this.#open = true))
  }

  /** Entries of an archive of this account. */
  async takeArchived(tx: Transaction, entries: readonly SyncEntry[]): Promise<void> {
    await mergeSyncEntries(this.#parts, tx, entries)
    tx.after(() => (this.#open = true))
  }

  /** Entries that are due become content of the self group. Says whether something was queued. Without another device nobody is told. */
  async due(tx: Transaction, group: GroupRow): Promise<boolean> {
    const { session, post } = this.#parts
    if (group.policy.kind !== "self" || !equal(group.groupId, (await findSelfGroup(tx)) ?? new Uint8Array())) return false
    if ((await countLeaves(tx, group.groupId)) < 2) return false
    // Until the server's time is known, nobody knows whether this clock is right.
    if (session.serverAheadMs === undefined) {
      if (await hasDueEntries(tx)) this.#parts.jobs.schedule({ kind: tellKind, inMs: 0, keepSooner: true }, tx)
      return false
    }
    const entries = inOnePost(await listDueEntries(tx, syncLimits.postEntries)).map((entry) => this.#toSend(entry))
    if (entries.length === 0) return false
    for (const entry of entries) putEntry(tx, { ...entry, due: false, shared: entry.stamp })
    await post(tx, group, entries)
    return true
  }

  /** What was stored may be what open entries wait for. */
  changed({ chats, contacts }: Pick<Changes, "chats" | "contacts">): void {
    if (this.#open && chats.size + contacts.size > 0) this.#parts.jobs.schedule({ kind: openKind, inMs: 0, keepSooner: true })
  }

  online(): void {
    this.#parts.jobs.schedule({ kind: tellKind, inMs: 0 })
  }

  offline(): void {}

  close(): void {}

  #toSend(entry: StoredEntry): StoredEntry {
    const { serverNowMs } = this.#parts.session
    const time = timeToSend(entry.stamp, entry.shared, serverNowMs)
    // Of two orders the greater stays whatever their times, and each holds for what came until then: a clock that is behind is corrected here.
    if (ruleOf(entry.key)?.merge === "greatest" && time.ms < serverNowMs)
      return { ...entry, stamp: { ms: serverNowMs, counter: 0, deviceId: entry.stamp.deviceId } }
    return { ...entry, stamp: { ...time, deviceId: entry.stamp.deviceId } }
  }

  async #kick(tx: Transaction): Promise<void> {
    const groupId = await findSelfGroup(tx)
    if (groupId) tx.after(() => this.#parts.kick(groupId))
  }

  async #tell(): Promise<JobEnd> {
    const { transactions, session, kick } = this.#parts
    const reader = readerOf(transactions.database)
    const groupId = await findSelfGroup(reader)
    if (!groupId || !(await hasDueEntries(reader))) return
    try {
      if (session.serverAheadMs === undefined) await session.token()
    } catch (error) {
      if (error instanceof NetworkError || error instanceof WireError) return "failed"
      throw error
    }
    kick(groupId)
  }

  async #applyOpen(): Promise<void> {
    this.#open = await this.#parts.transactions.run(async (tx) => {
      const open = await listOpenEntries(tx)
      await applyOpen(this.#parts, tx, open)
      return open.length > 0
    })
  }
}

/** As many from the front as fit. */
function inOnePost<Entry extends SyncEntry>(entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0
  // Key, stamp and what surrounds them.
  const end = entries.findIndex(({ key, value }) => (bytes += key.length + encodeCbor(value).length + 48) > syncLimits.postBytes)
  return end === -1 ? entries : entries.slice(0, end)
}
