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

/** So much is committed together at most. */
const togetherMax = 64

interface Work {
  /** Returns what says that it is stored. */
  run(tx: Transaction): Promise<() => void>
  reject(error: unknown): void
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
  /** Work that waits for its place and is committed together. */
  #together: Work[] | undefined
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
    this.#together = undefined
    const result = this.#tail.then(() => this.#run(work))
    this.#tail = result.catch(() => undefined)
    return result
  }

  /**
   * As `run`, for work that reads the store and nothing that is kept in memory: what waits at the same time is committed at once, in its order.
   * One that throws has written nothing, and the others are stored; if the commit fails, none is.
   */
  runTogether<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const one: Work = {
        run: async (tx) => {
          const value = await work(tx)
          return () => resolve(value)
        },
        reject,
      }
      if (this.#together && this.#together.length < togetherMax) return void this.#together.push(one)
      const all = [one]
      this.#together = all
      this.#tail = this.#tail.then(() => this.#runAll(all)).catch(() => undefined)
    })
  }

  async #runAll(all: Work[]): Promise<void> {
    if (this.#together === all) this.#together = undefined
    const { database, trace } = this
    const done: { readonly tx: Transaction; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
    let statements: Statement[] = []
    for (const { run, reject } of all) {
      const before = statements.length
      const tx = new Transaction(database, trace, statements)
      try {
        done.push({ tx, resolve: await run(tx), reject })
      } catch (error) {
        trace.line("store", "failed", { ...tx.counts, why: whyOf(error) })
        // Another array: what this one has written is undone before anything else is read or stored.
        statements = statements.slice(0, before)
        reject(error)
      }
    }
    try {
      if (statements.length > 0) await database.commit(statements)
      else await database.rollback()
    } catch (error) {
      for (const { reject } of done) reject(error)
      return
    }
    for (const { tx, resolve } of done) {
      trace.line("store", "commit", tx.counts)
      for (const effect of tx.effects) this.#afterwards(effect)
      this.#unshown.add(tx.changes)
      resolve()
    }
    this.showChanges()
  }

  async #run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new Transaction(this.database, this.trace)
    let value: T
    try {
      value = await work(tx)
      for (const last of tx.lasts) last()
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

  /** Resolves when everything that was asked for before is stored. What is shown of it may take longer, as in a burst of messages. */
  async stored(): Promise<void> {
    await this.#tail
  }

  /** Resolves when everything that was asked for before has been done and shown. */
  async idle(): Promise<void> {
    await this.#tail
    while (this.#showing) await this.#showing
  }
}

/** One event being taken in. It reads what is stored, and what it has written itself; nobody else sees that before it is committed. */
export class Transaction {
  readonly statements: Statement[]
  readonly effects: (() => void)[] = []
  readonly lasts: (() => void)[] = []
  readonly changes: ChangeSet = new ChangeSet()
  readonly #database: Database
  readonly #trace: Trace
  #reads = 0
  #readsAfterWrites = 0

  /** `statements`: what is to be stored with it, and came before. */
  constructor(database: Database, trace: Trace = noTrace, statements: Statement[] = []) {
    this.statements = statements
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

  /** Writes at the end of the transaction, once: what is replaced several times in one is written as it is then. It must not read. */
  atEnd(write: () => void): void {
    this.lasts.push(write)
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

  /** The recovery key was confirmed, or what opens it changed. */
  recoveryChanged(): void {
    this.changes.recovery = true
  }

  /** The folders of the list of chats are others, or in another order. */
  foldersChanged(): void {
    this.changes.folders = true
  }

  /** A setting that all devices of the account share was changed. */
  settingsChanged(): void {
    this.changes.settings = true
  }

  /** A chat was muted until some time. */
  mutesChanged(): void {
    this.changes.mutes = true
  }

  /** Something changed in what is known of the server's canary. */
  canaryChanged(): void {
    this.changes.canary = true
  }
}
