// Keeps records that cannot be judged yet, in order within each group, and tries them again when something may have changed.

import { toHex } from "@nodoor/bytes"
import type { Jobs } from "../core/jobs.ts"
import type { Clock } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type PlacedRecord, deleteWaiting, listFirstWaiting, insertWaiting, listWaitingGroups } from "../store/group/waiting-records.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { readerOf } from "../store/reader.ts"
import { LookupBatch, type BatchParts } from "../trust/device/lookup-batch.ts"
import { Undecided } from "../trust/device/undecided.ts"
import type { RecordIntake } from "./record-intake.ts"

/** Records whose accounts could not be looked up are tried again after this. */
const retryMs = 10_000
const job = "undecided-records"
/** Records in one transaction. */
const batchRecords = 256

export interface UndecidedParts extends BatchParts {
  readonly clock: Clock
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
  readonly intake: RecordIntake
  /** There may be something to send in this group. */
  kick(groupId: Uint8Array): void
  fault(error: unknown): void
}

export class UndecidedRecords {
  readonly #parts: UndecidedParts
  readonly #failed: (error: unknown) => void
  /** Records that caused an unexpected error. Each is reported once. */
  readonly #faulty = new Set<string>()
  /** Groups whose first record waits for time to pass, and until when. */
  readonly #notBeforeMs = new Map<string, number>()
  #retrying = false
  #again = false
  #closed = false

  /** `failed`: the store failed, or is an older copy; nothing more is taken in. */
  constructor(parts: UndecidedParts, failed: (error: unknown) => void) {
    this.#parts = parts
    this.#failed = failed
    parts.jobs.register({ kind: job, run: () => this.retry() })
  }

  close(): void {
    this.#closed = true
    this.#parts.jobs.cancel(job)
  }

  /** `behind`: other records of the group wait already, and this one may bring what they need. */
  keep(tx: Transaction, record: PlacedRecord, { behind }: { readonly behind: boolean }): void {
    insertWaiting(tx, record)
    // A commit may bring what an invitation before it waits for.
    if (behind && record.kind === "commit" && this.#notBeforeMs.delete(toHex(record.groupId))) tx.after(() => this.retry())
  }

  /** A bug that a record triggers stops only its group, and is reported once. Other groups continue. */
  contain(record: PlacedRecord, error: unknown): void {
    const name = `${toHex(record.groupId)}/${record.order}`
    if (this.#closed || this.#faulty.has(name)) return
    this.#faulty.add(name)
    this.#parts.fault(error)
  }

  /** Whether there are records that can be judged as soon as the key log has answered. */
  async hasUndecided(): Promise<boolean> {
    return (await this.#groups()).some((groupId) => !this.#waits(groupId))
  }

  /** Looks up the accounts that records wait for, and processes those records. */
  retry(): void {
    if (this.#closed) return
    this.#again = true
    if (this.#retrying) return
    this.#parts.jobs.cancel(job)
    this.#retrying = true
    this.#retryAll()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#retrying = false
      })
  }

  async #retryAll(): Promise<void> {
    let undecided = false
    while (this.#again && !this.#closed) {
      this.#again = false
      undecided = false
      for (const groupId of await this.#groups()) if (this.#waits(groupId) || !(await this.#drained(groupId))) undecided = true
    }
    if (undecided && !this.#closed) this.#parts.jobs.schedule({ kind: job, inMs: retryMs })
  }

  async #drained(groupId: Uint8Array): Promise<boolean> {
    try {
      return await this.#drain(groupId)
    } catch (error) {
      this.#failed(error)
      return false
    }
  }

  /** Processes the waiting records of a group, oldest first. False when some still have to wait. */
  async #drain(groupId: Uint8Array): Promise<boolean> {
    const { transactions, clock } = this.#parts
    let lookups: LookupBatch | undefined
    let askedUpTo = 0
    let count = batchRecords
    while (!this.#closed) {
      const { records, lastOrder } = await listFirstWaiting(readerOf(transactions.database), groupId, count)
      const [first] = records
      if (!first) break
      // A lookup counts only for records that were here when it began.
      if (lookups === undefined || first.order > askedUpTo) [lookups, askedUpTo] = [new LookupBatch(this.#parts), lastOrder]
      const looks = lookups
      const failed = await this.#take(
        records.filter(({ order }) => order <= askedUpTo),
        looks,
      )
      count = failed && failed.at > 0 ? failed.at : batchRecords
      if (!failed || failed.at > 0) continue
      const { error } = failed
      if (!(error instanceof Undecided)) {
        this.contain(first, error)
        return false
      }
      if (error.waitMs !== undefined) {
        this.#notBeforeMs.set(toHex(groupId), clock.nowMs() + error.waitMs)
        return false
      }
      if (!(await looks.answer(error))) return false
    }
    this.#parts.kick(groupId)
    return true
  }

  /** All in one transaction. Undefined when all are taken in; otherwise none is, and which one failed. @throws OlderCopy, StoreError */
  async #take(records: readonly PlacedRecord[], looks: LookupBatch): Promise<{ readonly at: number; readonly error: unknown } | undefined> {
    let at = 0
    try {
      await this.#parts.transactions.run(async (tx) => {
        for (at = 0; at < records.length; at++) {
          const record = records[at] as PlacedRecord
          await this.#parts.intake.take(tx, record, looks)
          deleteWaiting(tx, record)
        }
      })
      return undefined
    } catch (error) {
      if (error instanceof OlderCopy || error instanceof StoreError) throw error
      return { at, error }
    }
  }

  /** Whether the records of a group must wait for time to pass. A lookup would not help. */
  #waits(groupId: Uint8Array): boolean {
    const untilMs = this.#notBeforeMs.get(toHex(groupId))
    return untilMs !== undefined && untilMs > this.#parts.clock.nowMs()
  }

  async #groups(): Promise<readonly Uint8Array[]> {
    return await listWaitingGroups(readerOf(this.#parts.transactions.database))
  }
}
