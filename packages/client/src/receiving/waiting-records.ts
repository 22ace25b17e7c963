// Records that cannot be judged yet: kept in the store, in their order within each group, and tried again when something may have changed.

import { toHex } from "@nodoor/bytes"
import type { MailboxRecord } from "@nodoor/wire"
import type { Jobs } from "../core/jobs.ts"
import type { Clock } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { deleteWaiting, findFirstWaiting, insertWaiting, listWaitingGroups } from "../store/group/inbox.ts"
import { OlderCopy } from "../store/older-copy.ts"
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
  /** Records that met an error nobody foresaw, each told once. */
  readonly #faulty = new Set<number>()
  /** Groups whose first record waits for something but an answer, and until when it is not tried. */
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

  /** Keeps a record behind what its group has waiting. `behind`: something waits there already, and this record may bring what it needs. */
  keep(tx: Transaction, record: MailboxRecord, { behind }: { readonly behind: boolean }): void {
    if (record.kind === "gap") return
    insertWaiting(tx, record)
    // A commit may bring what an invitation before it waits for.
    if (behind && record.kind === "commit" && this.#notBeforeMs.delete(toHex(record.groupId))) tx.after(() => this.retry())
  }

  /** A bug that one record brings out stops its group only, and is told once: the record waits, what comes for other groups goes on. */
  contain(record: MailboxRecord, error: unknown): void {
    if (this.#closed || this.#faulty.has(record.seq)) return
    this.#faulty.add(record.seq)
    this.#parts.fault(error)
  }

  /** Whether records are kept that can be judged as soon as the log has answered. What waits for others is not among them. */
  async hasUndecided(): Promise<boolean> {
    return (await this.#groups()).some((groupId) => !this.#waits(groupId))
  }

  /** Asks for the accounts that records wait for, and takes those records in. */
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

  /** Takes in what a group has waiting, oldest first. False when something of it has to wait on. */
  async #drain(groupId: Uint8Array): Promise<boolean> {
    const { transactions, clock, intake } = this.#parts
    let lookups: LookupBatch | undefined
    let askedUpTo = 0
    while (!this.#closed) {
      const first = await findFirstWaiting(readerOf(transactions.database), groupId)
      if (!first) break
      const { record, lastSeq } = first
      // A lookup counts for what was here when it was begun, and for nothing that came later.
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

  /** Whether what waits in a group is not to be tried yet: no answer of the server's would help. */
  #waits(groupId: Uint8Array): boolean {
    const untilMs = this.#notBeforeMs.get(toHex(groupId))
    return untilMs !== undefined && untilMs > this.#parts.clock.nowMs()
  }

  async #groups(): Promise<readonly Uint8Array[]> {
    return await listWaitingGroups(readerOf(this.#parts.transactions.database))
  }
}
