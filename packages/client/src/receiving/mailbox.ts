// The mailbox: read over the stream from the cursor, every record taken in or kept before it is acknowledged, in its order.

import { toHex } from "@nodoor/bytes"
import {
  type MailboxRecord,
  type StreamFrame,
  WireError,
  ackMailbox,
  decodeMessage,
  encodeMessage,
  limits,
  mailboxRecord,
  readMailbox,
} from "@nodoor/wire"
import type { ConnectionStatus } from "./connection-status.ts"
import { LookupBatch, noLookups } from "../trust/device/lookup-batch.ts"
import { NetworkError } from "../core/client-error.ts"
import type { Intake } from "./intake.ts"
import { doubledMs } from "../core/backoff.ts"
import { Later } from "../core/later.ts"
import { OlderCopy, keepOlderCopy, knownOlderCopy, olderCopyCode, olderCopyTexts, withdrawOlderCopy } from "../store/older-copy.ts"
import { type AccountRefusal, askAgainAfterMs, isAccountRefusal, serverWords } from "../core/server-words.ts"
import { Undecided } from "../trust/device/undecided.ts"
import { StoreError, waitingTexts } from "../core/store-error.ts"
import type { Kernel } from "../core/kernel.ts"
import type { Database, Network, Stream } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"

export interface MailboxEvents {
  status(status: ConnectionStatus): void
  ephemeral(tx: Transaction, groupId: Uint8Array, body: Uint8Array): Promise<void>
}

const retryPause = { firstMs: 500, lastMs: 30_000 }
/** A store that fails is tried again sooner: no server is burdened by it. */
const storeRetryPause = { firstMs: 500, lastMs: 20_000 }
const pingMs = 30_000
const pongMs = 15_000
/** The same when there is a reason to doubt the connection, and somebody may be looking at it. */
const doubtedPongMs = 2_000
/** Records whose accounts could not be looked up are tried again after this. */
const stalledRetryMs = 10_000
/** A stream that broke this often in a row is helped out by plain reads. */
const readAfterFailures = 2

export class Mailbox {
  readonly #kernel: Kernel
  readonly #intake: Intake
  readonly #network: Network
  readonly #events: MailboxEvents
  #cursor = 0
  #head = 0
  #status: ConnectionStatus = { status: "offline", retryAtMs: undefined }
  #stream: Stream | undefined
  #failures = 0
  /** The stream was asked for a sign of life, and has not given one yet. */
  #doubted = false
  /** Set while the store takes nothing in. */
  #trouble: StoreError | undefined
  #storeFailures = 0
  #closed = false
  /** The next attempt to connect, or the next ping of the connection that there is. */
  readonly #next: Later
  readonly #stalled: Later
  /** Records that met an error nobody foresaw, each told once. */
  readonly #faulty = new Set<number>()
  /** Groups whose first record waits for something but an answer, and until when it is not tried. */
  readonly #waiting = new Map<string, number>()
  #retrying = false
  #again = false
  /** The server has called this store an older copy before. */
  #suspected = false

  constructor(kernel: Kernel, parts: { readonly intake: Intake; readonly network: Network; readonly events: MailboxEvents }) {
    this.#kernel = kernel
    this.#next = new Later(kernel.timers)
    this.#stalled = new Later(kernel.timers)
    this.#intake = parts.intake
    this.#network = parts.network
    this.#events = parts.events
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  async open(): Promise<void> {
    const [row] = await this.#kernel.transactions.database.read("SELECT cursor FROM device WHERE id = 1")
    this.#cursor = Number(row?.["cursor"] ?? 0)
    const { database } = this.#kernel.transactions
    const older = await knownOlderCopy({ read: (sql, ...values) => database.read(sql, values) })
    // What the server said it may withdraw: it is asked again. Nothing can withdraw a signature.
    if (older === "signature") return this.end(olderCopyCode, olderCopyTexts.signature)
    this.#suspected = older !== undefined
    this.#connect()
  }

  close(): void {
    this.#closed = true
    this.#next.cancel()
    this.#stalled.cancel()
    this.#stream?.close()
    this.#stream = undefined
  }

  /** Nothing comes any more, for good. */
  end(code: string, message: string): void {
    this.#closed = true
    this.#stalled.cancel()
    this.#refused(code, message)
  }

  /**
   * The store failed, wherever: nothing is asked for and nothing sent whose outcome could not be stored. The server keeps what it holds, and
   * everything goes on from the cursor once the store works again.
   */
  storeFailed(error: StoreError): void {
    if (this.#closed || this.#status.status === "refused") return
    if (!error.passes) return this.end(error.code, waitingTexts[error.code])
    // One failure of several at once is enough; a retry is due.
    if (this.#trouble && this.#status.status === "offline" && !this.#probing) return
    this.#trouble = error
    this.#stream?.close()
    this.#stream = undefined
    const delayMs = this.#jittered(doubledMs(++this.#storeFailures, storeRetryPause))
    const trouble = { code: error.code, message: waitingTexts[error.code] }
    this.#set({ status: "offline", retryAtMs: this.#kernel.clock.nowMs() + Math.round(delayMs), trouble })
    this.#next.set(delayMs, () => this.#connect())
  }

  /** Whether everything the server announced has been taken in, waiting records aside. */
  get caughtUp(): boolean {
    return this.#status.status === "online" && this.#cursor >= this.#head
  }

  /** Whether records are kept that can be judged as soon as the log has answered. What waits for others is not among them. */
  async hasUndecided(): Promise<boolean> {
    const groups = await this.#kernel.transactions.database.read("SELECT DISTINCT group_id FROM inbox")
    return groups.some((row) => !this.#waits(row["group_id"] as Uint8Array))
  }

  #connect(): void {
    if (this.#closed || this.#stream) return
    if (this.#status.status !== "refused" && !this.#trouble) this.#set({ status: "connecting" })
    this.#start().catch((error: unknown) => this.#lost(error))
  }

  /**
   * Something speaks for a change of the connection: the platform, a request without an answer, or a person who does not want to wait. One
   * that stands has to answer now; where there is none, it is made now.
   */
  look(): void {
    const stream = this.#stream
    if (this.#closed || this.#doubted) return
    if (stream) {
      this.#doubted = true
      stream.send({ type: "ping" })
      this.#next.set(doubtedPongMs, () => this.#drop(stream))
    } else if (this.#status.status === "offline") {
      this.#next.cancel()
      this.#connect()
    }
  }

  /** Whether a store that failed works again. */
  #probing = false
  async #probe(): Promise<void> {
    this.#probing = true
    try {
      await probeStore(this.#kernel.transactions.database)
    } catch (error) {
      if (error instanceof StoreError) this.storeFailed(error)
      else throw error
      return
    } finally {
      this.#probing = false
    }
    this.#trouble = undefined
    if (!this.#closed) this.#set({ status: "connecting" })
  }

  async #start(): Promise<void> {
    if (this.#trouble) await this.#probe()
    if (this.#trouble) return
    const token = await this.#kernel.session.token()
    if (this.#closed || this.#trouble) return
    if (this.#failures >= readAfterFailures) await this.#readOnce(token)
    if (this.#closed || this.#stream || this.#trouble) return
    let alive = true
    const stream = this.#network.openStream(this.#kernel.own.serverUrl, {
      opened: () => {
        if (alive) stream.send({ type: "open", token, after: this.#cursor })
      },
      frame: (frame) => {
        if (alive) this.#frame(stream, frame)
      },
      closed: () => {
        if (!alive) return
        alive = false
        if (this.#stream !== stream) return
        this.#stream = undefined
        this.#lost(undefined)
      },
    })
    this.#stream = stream
    this.#doubted = false
    this.#watch(stream)
  }

  /** Pings, and gives up a connection that answers nothing. */
  #watch(stream: Stream): void {
    this.#next.set(pingMs, () => {
      if (this.#stream !== stream) return
      stream.send({ type: "ping" })
      this.#next.set(pongMs, () => this.#drop(stream))
    })
  }

  #frame(stream: Stream, frame: StreamFrame): void {
    if (this.#stream !== stream) return
    this.#doubted = false
    this.#watch(stream)
    switch (frame.type) {
      case "opened":
        if (frame.acked > this.#cursor) return this.#failed(new OlderCopy("server"))
        if (this.#suspected) this.#unsuspect()
        this.#failures = 0
        // An account that was kept out is let in again.
        if (this.#status.status === "refused") this.#set({ status: "connecting" })
        this.#head = Math.max(frame.head, this.#cursor)
        this.#queue(async () => this.#caughtUpMaybe())
        return
      case "records": {
        const last = frame.records.at(-1)
        if (last) this.#head = Math.max(this.#head, last.seq)
        this.#queue(async () => {
          if (!(await this.#takeAll(frame.records))) return this.#drop(stream)
          if (this.#stream === stream) stream.send({ type: "ack", seq: this.#cursor })
          this.#caughtUpMaybe()
        })
        return
      }
      case "ephemeral":
        this.#kernel.transactions.run((tx) => this.#events.ephemeral(tx, frame.groupId, frame.body)).catch(() => undefined)
        return
      case "pong":
        return
      case "closed":
        if (frame.code === "session_replaced") return this.#refused(frame.code, "Another connection of this device took over.")
        if (isAccountRefusal(frame.code)) return this.#keptOut(frame.code)
        if (frame.code === "unauthorized") this.#kernel.session.forget()
        return this.#drop(stream)
    }
  }

  #work: Promise<void> = Promise.resolve()
  #queue(task: () => Promise<void>): void {
    this.#work = this.#work
      .then(async () => {
        if (!this.#closed) await task()
      })
      .catch((error: unknown) => this.#failed(error))
  }

  #failed(error: unknown): void {
    if (this.#closed) return
    if (error instanceof StoreError) return this.storeFailed(error)
    if (!(error instanceof OlderCopy)) return this.#kernel.fault(error)
    const { proof } = error
    this.end(olderCopyCode, olderCopyTexts[proof])
    this.#kernel.transactions.run((tx) => keepOlderCopy(tx, this.#kernel, proof)).catch((failure: unknown) => this.#kernel.fault(failure))
  }

  #unsuspect(): void {
    this.#suspected = false
    this.#kernel.transactions
      .run(async (tx) => withdrawOlderCopy(tx))
      .catch((error: unknown) => {
        this.#suspected = true
        this.#kernel.fault(error)
      })
  }

  /** False when a record is missing in between: the stream must begin anew at the cursor. */
  async #takeAll(records: readonly MailboxRecord[]): Promise<boolean> {
    for (const record of records) {
      if (record.seq <= this.#cursor) continue
      if (record.kind !== "gap" && record.seq !== this.#cursor + 1) return false
      await this.#takeOne(record)
    }
    return true
  }

  /** One record, one transaction, with the cursor. What cannot be decided yet is kept behind what came before it. */
  async #takeOne(record: MailboxRecord): Promise<void> {
    try {
      await this.#kernel.transactions.run(async (tx) => {
        const waits = record.kind !== "gap" && (await hasBacklog(tx, record.groupId))
        tx.trace("mailbox", "record", { kind: record.kind, waits })
        if (waits) {
          this.#keep(tx, record)
          // A commit may bring what an invitation before it waits for.
          if (record.kind === "commit" && this.#waiting.delete(toHex(record.groupId))) tx.after(() => this.retryStalled())
        } else await this.#intake.take(tx, record, noLookups)
        tx.write("UPDATE device SET cursor = ? WHERE id = 1", record.seq)
      })
    } catch (error) {
      if (error instanceof OlderCopy || error instanceof StoreError) throw error
      if (!(error instanceof Undecided)) {
        if (record.kind === "gap") throw error
        this.#contain(record, error)
      }
      await this.#kernel.transactions.run(async (tx) => {
        tx.trace("mailbox", "record", { kind: record.kind, waits: true })
        this.#keep(tx, record)
        tx.write("UPDATE device SET cursor = ? WHERE id = 1", record.seq)
      })
      this.retryStalled()
    }
    this.#cursor = record.seq
    this.#storeFailures = 0
  }

  /** A bug that one record brings out stops its group only, and is told once: the record waits, what comes for other groups goes on. */
  #contain(record: MailboxRecord, error: unknown): void {
    if (this.#closed || this.#faulty.has(record.seq)) return
    this.#faulty.add(record.seq)
    this.#kernel.fault(error)
  }

  #keep(tx: Transaction, record: MailboxRecord): void {
    if (record.kind === "gap") return
    tx.write("INSERT OR IGNORE INTO inbox (seq, group_id, record) VALUES (?, ?, ?)", record.seq, record.groupId, encodeMessage(record))
  }

  /** Asks for the accounts that records wait for, and takes those records in. */
  retryStalled(): void {
    if (this.#closed) return
    this.#again = true
    if (this.#retrying) return
    this.#stalled.cancel()
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
      const groups = await this.#kernel.transactions.database.read("SELECT DISTINCT group_id FROM inbox")
      for (const row of groups) {
        if (this.#waits(row["group_id"] as Uint8Array)) {
          undecided = true
          continue
        }
        const done = await this.#drain(row["group_id"] as Uint8Array).catch((error: unknown) => {
          this.#failed(error)
          return false
        })
        if (!done) undecided = true
      }
    }
    if (undecided && !this.#closed) this.#stalled.set(stalledRetryMs, () => this.retryStalled())
  }

  /** Whether what waits in a group is not to be tried yet: no answer of the server's would help. */
  #waits(groupId: Uint8Array): boolean {
    const untilMs = this.#waiting.get(toHex(groupId))
    return untilMs !== undefined && untilMs > this.#kernel.clock.nowMs()
  }

  /** Takes in what a group has waiting, oldest first. False when something of it has to wait on. */
  async #drain(groupId: Uint8Array): Promise<boolean> {
    const { transactions, clock } = this.#kernel
    let asking: LookupBatch | undefined
    let askedUpTo = 0
    while (!this.#closed) {
      const [row] = await transactions.database.read(
        "SELECT seq, record, (SELECT MAX(seq) FROM inbox WHERE group_id = i.group_id) AS last FROM inbox i WHERE group_id = ? ORDER BY seq LIMIT 1",
        [groupId],
      )
      if (!row) break
      const record = decodeMessage(mailboxRecord, row["record"] as Uint8Array, 3 * limits.commitBundleBytes)
      // A look counts for what was here when it was begun, and for nothing that came later.
      if (asking === undefined || record.seq > askedUpTo) [asking, askedUpTo] = [new LookupBatch(this.#kernel), Number(row["last"])]
      const looks = asking
      try {
        await transactions.run(async (tx) => {
          await this.#intake.take(tx, record, looks)
          tx.write("DELETE FROM inbox WHERE seq = ?", record.seq)
        })
      } catch (error) {
        if (error instanceof OlderCopy || error instanceof StoreError) throw error
        if (!(error instanceof Undecided)) {
          this.#contain(record, error)
          return false
        }
        if (error.waitMs !== undefined) {
          this.#waiting.set(toHex(groupId), clock.nowMs() + error.waitMs)
          return false
        }
        if (!(await looks.answer(error))) return false
      }
    }
    this.#kernel.kick(groupId)
    return true
  }

  async #readOnce(token: Uint8Array): Promise<void> {
    const { own } = this.#kernel
    for (;;) {
      const { records, head, acked } = await this.#network.call(
        own.serverUrl,
        readMailbox,
        { after: this.#cursor, max: limits.batchRecords },
        token,
      )
      if (acked > this.#cursor) throw new OlderCopy("server")
      this.#head = Math.max(this.#head, head)
      if (records.length === 0 || !(await this.#takeAll(records))) return
      await this.#network.call(own.serverUrl, ackMailbox, { seq: this.#cursor }, token)
    }
  }

  #caughtUpMaybe(): void {
    if (this.#stream && this.#cursor >= this.#head && this.#status.status === "connecting") {
      this.#storeFailures = 0
      this.#set({ status: "online" })
      this.retryStalled()
    }
  }

  #drop(stream: Stream): void {
    if (this.#stream !== stream) return
    this.#stream = undefined
    stream.close()
    this.#lost(undefined)
  }

  #lost(error: unknown): void {
    this.#doubted = false
    if (this.#closed) return
    if (error instanceof OlderCopy || error instanceof StoreError) return this.#failed(error)
    if (this.#trouble) return
    if (error instanceof WireError && isAccountRefusal(error.code)) return this.#keptOut(error.code)
    if (error instanceof WireError && error.code === "unauthorized") {
      this.#kernel.session.forget()
      return this.#refused(error.code, "The server does not know this device.")
    }
    if (error !== undefined && !(error instanceof WireError || error instanceof NetworkError)) this.#kernel.fault(error)
    this.#failures++
    const delayMs = this.#jittered(doubledMs(this.#failures, retryPause))
    this.#set({ status: "offline", retryAtMs: this.#kernel.clock.nowMs() + Math.round(delayMs) })
    this.#next.set(delayMs, () => this.#connect())
  }

  #jittered(delayMs: number): number {
    const [high = 0, low = 0] = this.#kernel.random(2)
    return delayMs * (0.5 + (high * 256 + low) / 131_072)
  }

  /** The account is suspended or erased. A suspended one is asked for now and then, so that it goes on by itself. */
  #keptOut(code: AccountRefusal): void {
    this.#kernel.session.forget()
    this.#refused(code, serverWords({ code }))
    const afterMs = askAgainAfterMs(code)
    if (afterMs !== undefined) this.#next.set(afterMs, () => this.#connect())
  }

  #refused(code: string, message: string): void {
    this.#stream?.close()
    this.#stream = undefined
    this.#next.cancel()
    this.#set({ status: "refused", code, message })
  }

  #set(status: ConnectionStatus): void {
    this.#status = status
    this.#events.status(status)
  }
}

/** As much as a message needs. @throws StoreError */
async function probeStore(database: Database): Promise<void> {
  await database.commit([
    { sql: "INSERT OR REPLACE INTO store_probe (id, filler) VALUES (1, zeroblob(65536))", values: [] },
    { sql: "DELETE FROM store_probe", values: [] },
  ])
}

async function hasBacklog(tx: Transaction, groupId: Uint8Array): Promise<boolean> {
  return (await tx.read("SELECT 1 AS one FROM inbox WHERE group_id = ? LIMIT 1", groupId)).length > 0
}
