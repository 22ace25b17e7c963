// One event at a time: a transaction reads and writes as it goes, all of it is stored at once, and only then is anything sent or shown.

import { ChangeSet, type Changes } from "./changes.ts"
import type { Database, Row, SqlValue, Statement } from "./ports.ts"
import { StoreError } from "./store-error.ts"
import { toHex } from "@nodoor/bytes"

export interface TransactionHooks {
  /**
   * Shows what was stored. Called after the commit, one call at a time: what is stored while a call is under way is shown by the next one,
   * several transactions together if need be. It must not wait for a transaction.
   */
  readonly show?: (changes: Changes) => Promise<void> | void
  readonly fault?: (error: unknown) => void
}

/**
 * Runs transactions one after the other. One that rejects has written nothing and shown nothing. One that resolves is stored, whatever goes
 * wrong afterwards: `fault` is told of that.
 */
export class Transactions {
  readonly database: Database
  readonly #show: (changes: Changes) => Promise<void> | void
  readonly #fault: (error: unknown) => void
  #tail: Promise<unknown> = Promise.resolve()
  /** What is stored and not shown yet. */
  #unshown = new ChangeSet()
  #showing: Promise<void> | undefined

  constructor(database: Database, { show = () => undefined, fault = () => undefined }: TransactionHooks = {}) {
    this.database = database
    this.#show = show
    this.#fault = fault
  }

  /** Waits for its place, then runs `work`, commits what it wrote in one transaction, and does what it left for afterwards. */
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.#run(work))
    this.#tail = result.catch(() => undefined)
    return result
  }

  async #run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new Transaction(this.database)
    let value: T
    try {
      value = await work(tx)
    } catch (error) {
      if (tx.hasRunAhead) await this.database.rollback().catch(() => undefined)
      throw error
    }
    if (tx.statements.length > 0) await this.database.commit(tx.statements)
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
  #hasRunAhead = false

  constructor(database: Database) {
    this.#database = database
  }

  /** Whether statements have been run before the commit, because something was read after them. */
  get hasRunAhead(): boolean {
    return this.#hasRunAhead
  }

  read(sql: string, ...values: SqlValue[]): Promise<readonly Row[]> {
    if (this.statements.length === 0) return this.#database.read(sql, values)
    this.#hasRunAhead = true
    return this.#database.readAfter(this.statements, sql, values)
  }

  write(sql: string, ...values: SqlValue[]): void {
    this.statements.push({ sql, values })
  }

  /** Runs after the commit, in order. */
  after(effect: () => void): void {
    this.effects.push(effect)
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
