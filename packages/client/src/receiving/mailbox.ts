// The mailbox: reads records over the stream from the cursor, and acknowledges each one after it is processed or kept.

import { ackMailbox, limits, readMailbox } from "@nodoor/wire"
import type { OwnDevice } from "../core/own-device.ts"
import type { Network, MailboxStream } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import type { Transaction } from "../core/transaction.ts"
import { OlderCopy, keepOlderCopy, knownOlderCopy, olderCopyCode, olderCopyTexts, withdrawOlderCopy } from "../store/trust/older-copy.ts"
import { readerOf } from "../store/reader.ts"
import { waitingTexts } from "../texts/en.ts"
import type { ConnectionStatus } from "./connection-status.ts"
import { Connection, type ConnectionParts, type MailboxFrame } from "./connection.ts"
import { MailboxOrder } from "./mailbox-order.ts"
import { type WaitingParts, WaitingRecords } from "./waiting-records.ts"

export interface MailboxParts extends ConnectionParts, WaitingParts {
  readonly own: OwnDevice
  readonly transactions: WaitingParts["transactions"]
  readonly network: Pick<Network, "openMailbox" | "call">
  readonly events: MailboxEvents
}

export interface MailboxEvents {
  status(status: ConnectionStatus): void
  ephemeral(tx: Transaction, groupId: Uint8Array, body: Uint8Array): Promise<void>
}

export class Mailbox {
  readonly #parts: MailboxParts
  readonly #connection: Connection
  readonly #waiting: WaitingRecords
  readonly #order: MailboxOrder
  /** The last record the server has announced. */
  #head = 0
  /** The server has called this store an older copy before. */
  #suspected = false
  #closed = false
  #work: Promise<void> = Promise.resolve()

  constructor(parts: MailboxParts) {
    this.#parts = parts
    const failed = (error: unknown): void => this.#failed(error)
    this.#connection = new Connection(parts, {
      cursor: () => this.#order.cursor,
      frame: (stream, frame) => this.#frame(stream, frame),
      read: (token) => this.#readOnce(token),
      status: (status) => parts.events.status(status),
      failed,
    })
    this.#waiting = new WaitingRecords(parts, failed)
    this.#order = new MailboxOrder(parts, this.#waiting, () => this.#connection.storeWorked())
  }

  get status(): ConnectionStatus {
    return this.#connection.status
  }

  async open(): Promise<void> {
    await this.#order.open()
    const older = await knownOlderCopy(readerOf(this.#parts.transactions.database))
    // The server may withdraw what it said, so it is asked again. A signature cannot be withdrawn.
    if (older === "signature") return this.end(olderCopyCode, olderCopyTexts.signature)
    this.#suspected = older !== undefined
    this.#connection.connect()
  }

  close(): void {
    this.#closed = true
    this.#waiting.close()
    this.#connection.close()
  }

  /** No more records will be received. */
  end(code: string, message: string): void {
    this.#closed = true
    this.#waiting.close()
    this.#connection.refuse(code, message, { forGood: true })
  }

  /** The store failed, in any part of the device. */
  storeFailed(error: StoreError): void {
    if (this.#closed || this.status.status === "refused") return
    if (!error.passes) return this.end(error.code, waitingTexts[error.code])
    this.#connection.storeFailed(error)
  }

  /** The connection may have changed. */
  look(): void {
    this.#connection.look()
  }

  /** Whether everything the server announced has been taken in, waiting records aside. */
  get caughtUp(): boolean {
    return this.status.status === "online" && this.#order.cursor >= this.#head
  }

  hasUndecided(): Promise<boolean> {
    return this.#waiting.hasUndecided()
  }

  retryUndecided(): void {
    this.#waiting.retry()
  }

  #frame(stream: MailboxStream, frame: MailboxFrame): void {
    switch (frame.type) {
      case "opened":
        if (frame.acked > this.#order.cursor) return this.#failed(new OlderCopy("server"))
        if (this.#suspected) this.#unsuspect()
        this.#connection.opened()
        this.#head = Math.max(frame.head, this.#order.cursor)
        this.#queue(async () => this.#caughtUpMaybe())
        return
      case "records":
        this.#head = Math.max(this.#head, frame.records.at(-1)?.seq ?? 0)
        this.#queue(async () => {
          if (!(await this.#order.takeAll(frame.records))) return this.#connection.drop(stream)
          this.#connection.send(stream, { type: "ack", seq: this.#order.cursor })
          this.#caughtUpMaybe()
        })
        return
      case "ephemeral":
        this.#parts.transactions.run((tx) => this.#parts.events.ephemeral(tx, frame.groupId, frame.body)).catch(() => undefined)
        return
    }
  }

  #queue(task: () => Promise<void>): void {
    this.#work = this.#work
      .then(async () => {
        if (!this.#closed) await task()
      })
      .catch((error: unknown) => this.#failed(error))
  }

  #caughtUpMaybe(): void {
    if (this.#order.cursor >= this.#head && this.#connection.caughtUp()) this.#waiting.retry()
  }

  async #readOnce(token: Uint8Array): Promise<void> {
    const { own, network } = this.#parts
    for (;;) {
      const after = this.#order.cursor
      const { records, head, acked } = await network.call(own.serverUrl, readMailbox, { after, max: limits.batchRecords }, { token })
      if (acked > this.#order.cursor) throw new OlderCopy("server")
      this.#head = Math.max(this.#head, head)
      if (records.length === 0 || !(await this.#order.takeAll(records))) return
      await network.call(own.serverUrl, ackMailbox, { seq: this.#order.cursor }, { token })
    }
  }

  #failed(error: unknown): void {
    if (this.#closed) return
    if (error instanceof StoreError) return this.storeFailed(error)
    if (!(error instanceof OlderCopy)) return this.#parts.fault(error)
    const { proof } = error
    this.end(olderCopyCode, olderCopyTexts[proof])
    const { transactions, fault } = this.#parts
    transactions.run((tx) => keepOlderCopy(tx, this.#parts, proof)).catch((failure: unknown) => fault(failure))
  }

  #unsuspect(): void {
    this.#suspected = false
    this.#parts.transactions
      .run(async (tx) => withdrawOlderCopy(tx))
      .catch((error: unknown) => {
        this.#suspected = true
        this.#parts.fault(error)
      })
  }
}
