// One event at a time: a turn reads what it needs, computes, and writes once; only then is anything sent or shown.

import type { AlarmView } from "../store/trust/alarm-view.ts"
import type { ClientEvent } from "../view/event.ts"
import type { Hex } from "./hex.ts"
import type { Database, Row, SqlValue, Statement } from "./ports.ts"
import { toHex } from "@nodoor/bytes"

/**
 * Runs turns one after the other. A turn that rejects has written nothing and shown nothing; one that resolves is stored, whatever then goes
 * wrong with what comes after: that is told to `fault`.
 */
export class Transactions {
  readonly database: Database
  readonly #show: (event: ClientEvent) => void
  readonly #fault: (error: unknown) => void
  #tail: Promise<unknown> = Promise.resolve()

  constructor(database: Database, show: (event: ClientEvent) => void, fault: (error: unknown) => void = () => undefined) {
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
    const value = await work(tx)
    if (tx.statements.length > 0) await this.database.commit(tx.statements)
    for (const effect of tx.effects) this.#afterwards(effect)
    for (const event of tx.events()) this.#afterwards(() => this.#show(event))
    return value
  }

  /** It is on disk by now: an error here must not look like one of the turn, nor keep back what else follows from it. */
  #afterwards(effect: () => void): void {
    try {
      effect()
    } catch (error) {
      this.#fault(error)
    }
  }

  /** Resolves when everything that was asked for before has been done. */
  async idle(): Promise<void> {
    await this.#tail
  }
}

/** One event being taken in. Reads see what earlier turns wrote, not what this one is about to write. */
export class Transaction {
  readonly statements: Statement[] = []
  readonly effects: (() => void)[] = []
  readonly #database: Database
  readonly #chats = new Set<Hex>()
  readonly #contacts = new Set<Hex>()
  readonly #messages = new Map<Hex, { ids: Set<Hex>; incoming: Set<Hex> }>()
  readonly #alarms: AlarmView[] = []
  #notices = false
  #canary = false

  constructor(database: Database) {
    this.#database = database
  }

  read(sql: string, ...values: SqlValue[]): Promise<readonly Row[]> {
    return this.#database.read(sql, values)
  }

  write(sql: string, ...values: SqlValue[]): void {
    this.statements.push({ sql, values })
  }

  /** Runs after the commit, in order. */
  after(effect: () => void): void {
    this.effects.push(effect)
  }

  chatChanged(chatId: Uint8Array): void {
    this.#chats.add(toHex(chatId))
  }

  contactChanged(accountId: Uint8Array): void {
    this.#contacts.add(toHex(accountId))
  }

  messageChanged(chatId: Uint8Array, messageId: Uint8Array, { incoming = false }: { readonly incoming?: boolean } = {}): void {
    const chat = toHex(chatId)
    const changed = this.#messages.get(chat) ?? { ids: new Set<Hex>(), incoming: new Set<Hex>() }
    changed.ids.add(toHex(messageId))
    if (incoming) changed.incoming.add(toHex(messageId))
    this.#messages.set(chat, changed)
    this.#chats.add(chat)
  }

  alarm(alarm: AlarmView): void {
    this.#alarms.push(alarm)
  }

  /** Something changed in what the operator told. */
  noticesChanged(): void {
    this.#notices = true
  }

  /** Something changed in what is known of the server's canary. */
  canaryChanged(): void {
    this.#canary = true
  }

  /** What to show after the commit. */
  *events(): Iterable<ClientEvent> {
    for (const [chatId, { ids, incoming }] of this.#messages) yield { type: "messages", chatId, ids: [...ids], incoming: [...incoming] }
    if (this.#contacts.size > 0) yield { type: "contacts", ids: [...this.#contacts] }
    if (this.#chats.size > 0) yield { type: "chats", ids: [...this.#chats] }
    for (const alarm of this.#alarms) yield { type: "alarm", alarm }
    if (this.#notices) yield { type: "operator_notices" }
    if (this.#canary) yield { type: "canary" }
  }
}
