// Takes in what one frame brought, in one transaction: the records and how far the device has come. A record that cannot be decided yet, or that
// brings out a bug, is kept, and the ones around it are taken in without it.

import { toHex } from "@nodoor/bytes"
import { type PlacedRecord, hasWaiting } from "../store/group/waiting-records.ts"
import { StoreError } from "../core/store-error.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type ReadSeat, saveReading } from "../store/group/reading.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { noLookups } from "../trust/device/lookup-batch.ts"
import { Undecided } from "../trust/device/undecided.ts"
import type { RecordIntake } from "./record-intake.ts"
import { nameOf } from "./subscription.ts"
import type { UndecidedRecords } from "./undecided-records.ts"

/** Records in one transaction. Others wait while it runs. */
const batchRecords = 512

export interface SeatRecord {
  readonly seat: ReadSeat
  readonly record: PlacedRecord
  readonly hour: number
}

export interface BatchIntakeParts {
  readonly transactions: Transactions
  readonly intake: RecordIntake
}

export class BatchIntake {
  readonly #parts: BatchIntakeParts
  readonly #undecided: UndecidedRecords
  readonly #stored: (records: readonly SeatRecord[]) => void

  /** `stored` is told of what is safe on disk. */
  constructor(parts: BatchIntakeParts, undecided: UndecidedRecords, stored: (records: readonly SeatRecord[]) => void) {
    this.#parts = parts
    this.#undecided = undecided
    this.#stored = stored
  }

  /** All of them, each group in its order. Nothing is lost: what fails is kept. @throws OlderCopy, StoreError */
  async takeAll(records: readonly SeatRecord[]): Promise<void> {
    let rest = records
    let count = batchRecords
    while (rest.length > 0) {
      const batch = rest.slice(0, count)
      const failed = await this.#take(batch)
      if (failed && failed.at > 0) {
        // Nothing of the batch was written: first what is before the record that failed.
        count = failed.at
        continue
      }
      if (failed) await this.#keep(batch.slice(0, 1), failed.error)
      const done = failed ? batch.slice(0, 1) : batch
      this.#stored(done)
      rest = rest.slice(done.length)
      count = batchRecords
    }
  }

  /** Undefined when all is stored; otherwise nothing is, and which one failed. */
  async #take(batch: readonly SeatRecord[]): Promise<{ readonly at: number; readonly error: unknown } | undefined> {
    const { transactions, intake } = this.#parts
    let at = 0
    let isIntake = false
    try {
      await transactions.run(async (tx) => {
        at = 0
        const waiting = new Map<string, boolean>()
        for (const { record } of batch) {
          const id = toHex(record.groupId)
          const waits = waiting.get(id) ?? (await hasWaiting(tx, record.groupId))
          waiting.set(id, waits)
          tx.trace("reading", "record", { kind: record.kind, waits })
          isIntake = true
          if (waits) this.#undecided.keep(tx, record, { behind: true })
          else await intake.take(tx, record, noLookups)
          isIntake = false
          at++
        }
        saveCursors(tx, batch)
      })
      return undefined
    } catch (error) {
      if (error instanceof OlderCopy || error instanceof StoreError || !isIntake) throw error
      return { at, error }
    }
  }

  async #keep(one: readonly SeatRecord[], error: unknown): Promise<void> {
    for (const { record } of one) {
      if (!(error instanceof Undecided)) this.#undecided.contain(record, error)
      await this.#parts.transactions.run(async (tx) => {
        tx.trace("reading", "record", { kind: record.kind, waits: true })
        this.#undecided.keep(tx, record, { behind: false })
        saveCursors(tx, one)
      })
    }
    this.#undecided.retry()
  }
}

/** Once for each seat, as far as its last record. */
function saveCursors(tx: Transaction, records: readonly SeatRecord[]): void {
  const last = new Map(records.map((each) => [nameOf(each.seat), each]))
  for (const { seat, record, hour } of last.values()) saveReading(tx, seat, { after: record.order, hour })
}
