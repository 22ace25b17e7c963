// Keeps the mailbox's order: every record is processed or kept exactly once, in order, and the cursor is stored with it.

import type { MailboxRecord } from "@nodoor/wire"
import { StoreError } from "../core/store-error.ts"
import type { Transactions } from "../core/transaction.ts"
import { readCursor, saveCursor } from "../store/device.ts"
import { hasWaiting } from "../store/group/inbox.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { readerOf } from "../store/reader.ts"
import { noLookups } from "../trust/device/lookup-batch.ts"
import { Undecided } from "../trust/device/undecided.ts"
import type { Intake } from "./intake.ts"
import type { WaitingRecords } from "./waiting-records.ts"

export interface MailboxOrderParts {
  readonly transactions: Transactions
  readonly intake: Pick<Intake, "take">
}

export class MailboxOrder {
  readonly #parts: MailboxOrderParts
  readonly #waiting: WaitingRecords
  readonly #stored: () => void
  #cursor = 0

  /** `stored` is called after every record. */
  constructor(parts: MailboxOrderParts, waiting: WaitingRecords, stored: () => void) {
    this.#parts = parts
    this.#waiting = waiting
    this.#stored = stored
  }

  async open(): Promise<void> {
    this.#cursor = await readCursor(readerOf(this.#parts.transactions.database))
  }

  /** The last record that is safe on disk. It and what came before may be acknowledged. */
  get cursor(): number {
    return this.#cursor
  }

  /** False when a record is missing. Then the server must be asked again from the cursor. @throws OlderCopy, StoreError */
  async takeAll(records: readonly MailboxRecord[]): Promise<boolean> {
    for (const record of records) {
      if (record.seq <= this.#cursor) continue
      if (record.kind !== "gap" && record.seq !== this.#cursor + 1) return false
      await this.#takeOne(record)
    }
    return true
  }

  /** One record and the cursor in one transaction. A record that cannot be decided yet is kept, in order. */
  async #takeOne(record: MailboxRecord): Promise<void> {
    const { transactions, intake } = this.#parts
    try {
      await transactions.run(async (tx) => {
        const waits = record.kind !== "gap" && (await hasWaiting(tx, record.groupId))
        tx.trace("mailbox", "record", { kind: record.kind, waits })
        if (waits) this.#waiting.keep(tx, record, { behind: true })
        else await intake.take(tx, record, noLookups)
        saveCursor(tx, record.seq)
      })
    } catch (error) {
      if (error instanceof OlderCopy || error instanceof StoreError) throw error
      if (!(error instanceof Undecided)) {
        if (record.kind === "gap") throw error
        this.#waiting.contain(record, error)
      }
      await transactions.run(async (tx) => {
        tx.trace("mailbox", "record", { kind: record.kind, waits: true })
        this.#waiting.keep(tx, record, { behind: false })
        saveCursor(tx, record.seq)
      })
      this.#waiting.retry()
    }
    this.#cursor = record.seq
    this.#stored()
  }
}
