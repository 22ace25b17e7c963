// Keeps records that cannot be judged yet, in order within each group, and tries them again when something may have changed.

import { toHex } from "@nodoor/bytes"
import type { MailboxRecord } from "@nodoor/wire"
import type { Jobs } from "../core/jobs.ts"
import type { Clock } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { deleteWaiting, findFirstWaiting, insertWaiting, listWaitingGroups } from "../store/group/inbox.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { readerOf } from "../store/reader.ts"
import { LookupBatch, type BatchParts } from "../trust/device/lookup-batch.ts"
import { Undecided } from "../trust/device/undecided.ts"
import type { Intake } from "./intake.ts"

/** Records whose accounts could not be looked up are tried again after this. */
const retryMs = 10_000
const job = "undecided-records"

export interface WaitingParts extends BatchParts {
  readonly clock: Clock
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
  readonly intake: Pick<Intake, "take">
  /** There may be something to send in this group. */
  kick(groupId: Uint8Array): void
  fault(error: unknown): void
}

export class WaitingRecords {
  readonly #parts: WaitingParts
  readonly #failed: (error: unknown) => void
  /** Records that caused an unexpected error. Each is reported once. */
  readonly #faulty = new Set<number>()
  /** Groups whose first record waits for time to pass, and until when. */
  readonly #notBeforeMs = new Map<string, number>()
  #retrying = false
  #again = false
  #closed = false

  /** `failed`: the store failed, or is an older copy; nothing more is taken in. */
  constructor(parts: WaitingParts, failed: (error: unknown) => void) {
    this.#parts = parts
    this.#failed = failed
    parts.jobs.register({ kind: job, run: () => this.retry() })
  }

  close(): void {
    this.#closed = true
    this.#parts.jobs.cancel(job)
  }

  /** `behind`: other records of the group wait already, and this one may bring what they need. */
  keep(tx: Transaction, record: MailboxRecord, { behind }: { readonly behind: boolean }): void {
    if (record.kind === "gap") return
    insertWaiting(tx, record)
    // A commit may bring what an invitation before it waits for.
    if (behind && record.kind === "commit" && this.#notBeforeMs.delete(toHex(record.groupId))) tx.after(() => this.retry())
  }

  /** A bug that a record triggers stops only its group, and is reported once. Other groups continue. */
  contain(record: MailboxRecord, error: unknown): void {
    if (this.#closed || this.#faulty.has(record.seq)) return
    this.#faulty.add(record.seq)
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
    const { transactions, clock, intake } = this.#parts
    let lookups: LookupBatch | undefined
    let askedUpTo = 0
    while (!this.#closed) {
      const first = await findFirstWaiting(readerOf(transactions.database), groupId)
      if (!first) break
      const { record, lastSeq } = first
      // A lookup counts only for records that were here when it began.
      if (lookups === undefined || record.seq > askedUpTo) [lookups, askedUpTo] = [new LookupBatch(this.#parts), lastSeq]
      const looks = lookups
      try {
        await transactions.run(async (tx) => {
          await intake.take(tx, record, looks)
          deleteWaiting(tx, record.seq)
        })
      } catch (error) {
        if (error instanceof OlderCopy || error instanceof StoreError) throw error
        if (!(error instanceof Undecided)) {
          this.contain(record, error)
          return false
        }
        if (error.waitMs !== undefined) {
          this.#notBeforeMs.set(toHex(groupId), clock.nowMs() + error.waitMs)
          return false
        }
        if (!(await looks.answer(error))) return false
      }
    }
    this.#parts.kick(groupId)
    return true
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
