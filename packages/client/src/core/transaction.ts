// One event at a time: a transaction reads and writes as it goes, all of it is stored at once, and only then is anything sent or shown.

import { ChangeSet, type Changes } from "./changes.ts"
import type { Database, Row, SqlValue, Statement } from "./ports.ts"
import { StoreError } from "./store-error.ts"
import { type Trace, type TraceArea, type TraceLines, noTrace, whyOf } from "./trace.ts"
import { toHex } from "@nodoor/bytes"

export interface TransactionHooks {
  /**
   * Shows what was stored. Called after the commit, one call at a time: what is stored while a call is under way is shown by the next one,
   * several transactions together if need be. It must not wait for a transaction.
   */
  readonly show?: (changes: Changes) => Promise<void> | void
  readonly fault?: (error: unknown) => void
  readonly trace?: Trace
}

/**
 * Runs transactions one after the other. One that rejects has written nothing and shown nothing. One that resolves is stored, whatever goes
 * wrong afterwards: `fault` is told of that.
 */
export class Transactions {
  readonly database: Database
  readonly #show: (changes: Changes) => Promise<void> | void
  readonly #fault: (error: unknown) => void
  readonly trace: Trace
  #tail: Promise<unknown> = Promise.resolve()
  /** Changes that are stored and not shown yet. */
  #unshown = new ChangeSet()
  #showing: Promise<void> | undefined

  constructor(database: Database, { show = () => undefined, fault = () => undefined, trace = noTrace }: TransactionHooks = {}) {
    this.database = database
    this.#show = show
    this.#fault = fault
    this.trace = trace
  }

  /** Waits for its place, then runs `work`, commits what it wrote in one transaction, and does what it left for afterwards. */
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.#run(work))
    this.#tail = result.catch(() => undefined)
    return result
  }

  async #run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new Transaction(this.database, this.trace)
    let value: T
    try {
      value = await work(tx)
      if (tx.statements.length > 0) await this.database.commit(tx.statements)
    } catch (error) {
      this.trace.line("store", "failed", { ...tx.counts, why: whyOf(error) })
      if (tx.counts.readsAfterWrites > 0) await this.database.rollback().catch(() => undefined)
      throw error
    }
    this.trace.line("store", "commit", tx.counts)
    for (const effect of tx.effects) this.#afterwards(effect)
    this.#unshown.add(tx.changes)
    this.showChanges()
    return value
  }

  /** It is on disk by now: an error here must not look like one of the transaction, nor keep back what else follows from it. */
  #afterwards(effect: () => void): void {
    try {
      effect()
    } catch (error) {
      this.#fault(error)
    }
  }

  /** Shows what has not been shown yet. A store that failed while it was shown leaves it for the next time. */
  showChanges(): void {
    if (this.#showing || this.#unshown.isEmpty) return
    const changes = this.#unshown
    this.#unshown = new ChangeSet()
    this.#afterwards(() => {
      const shown = this.#show(changes)
      if (!shown) return
      let failed = false
      this.#showing = shown
        .catch((error: unknown) => {
          failed = error instanceof StoreError
          if (failed) this.#putBack(changes)
          this.#fault(error)
        })
        .finally(() => {
          this.#showing = undefined
          if (!failed) this.showChanges()
        })
    })
  }

  #putBack(changes: ChangeSet): void {
    changes.add(this.#unshown)
    this.#unshown = changes
  }

  /** Resolves when everything that was asked for before has been done and shown. */
  async idle(): Promise<void> {
    await this.#tail
    while (this.#showing) await this.#showing
  }
}

/** One event being taken in. It reads what is stored, and what it has written itself; nobody else sees that before it is committed. */
export class Transaction {
  readonly statements: Statement[] = []
  readonly effects: (() => void)[] = []
  readonly changes: ChangeSet = new ChangeSet()
  readonly #database: Database
  readonly #trace: Trace
  #reads = 0
  #readsAfterWrites = 0

  constructor(database: Database, trace: Trace = noTrace) {
    this.#database = database
    this.#trace = trace
  }

  get counts(): { readonly statements: number; readonly reads: number; readonly readsAfterWrites: number } {
    return { statements: this.statements.length, reads: this.#reads, readsAfterWrites: this.#readsAfterWrites }
  }

  read(sql: string, ...values: SqlValue[]): Promise<readonly Row[]> {
    this.#reads++
    if (this.statements.length === 0) return this.#database.read(sql, values)
    this.#readsAfterWrites++
    return this.#database.readAfter(this.statements, sql, values)
  }

  write(sql: string, ...values: SqlValue[]): void {
    this.statements.push({ sql, values })
  }

  /** Runs after the commit, in order. */
  after(effect: () => void): void {
    this.effects.push(effect)
  }

  /** A line that is written if this is stored. */
  trace<Area extends TraceArea, Event extends keyof TraceLines[Area]>(area: Area, event: Event, fields: TraceLines[Area][Event]): void {
    this.after(() => this.#trace.line(area, event, fields))
  }

  chatChanged(chatId: Uint8Array): void {
    this.changes.chats.add(toHex(chatId))
  }

  contactChanged(accountId: Uint8Array): void {
    this.changes.contacts.add(toHex(accountId))
  }

  messageChanged(chatId: Uint8Array, messageId: Uint8Array, { incoming = false }: { readonly incoming?: boolean } = {}): void {
    this.changes.message(chatId, messageId, { incoming })
  }

  alarmRaised(id: Uint8Array): void {
    this.changes.alarms.add(toHex(id))
  }

  /** Something changed in the notices of the server's operator. */
  noticesChanged(): void {
    this.changes.operatorNotices = true
  }

  /** Something changed in what is known of the server's canary. */
  canaryChanged(): void {
    this.changes.canary = true
  }
}
