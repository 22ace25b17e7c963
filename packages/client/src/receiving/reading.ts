// Reads the logs of this device's groups over one stream: subscribes at every seat, takes in what comes, and acknowledges what is safe. What the
// server says is checked here as far as orders and hours go; what it brings is checked where it is taken in.

import { equal } from "@nodoor/bytes"
import {
  type ReadingRequest,
  type RejoinRequest,
  type SubscribeItem,
  type SubscribedItem,
  type UnsubscribedItem,
} from "@nodoor/wire/delivery"
import { limits } from "@nodoor/wire"
import { type Backoff, doubledMs } from "../core/backoff.ts"
import { hourMs } from "../core/group-record.ts"
import type { Stream } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import type { Transaction } from "../core/transaction.ts"
import { readerOf } from "../store/reader.ts"
import { type ReadSeat, findReading, saveAckedBefore } from "../store/group/reading.ts"
import { type PlacedRecord, recordOf } from "../store/group/waiting-records.ts"
import { OlderCopy, isOlderCopy, keepOlderCopy, olderCopyCode } from "../store/trust/older-copy.ts"
import { readingTexts, storeTexts, waitingTexts } from "../texts/en.ts"
import { BatchIntake, type BatchIntakeParts, type SeatRecord } from "./batch-intake.ts"
import { CatchingUp } from "./catching-up.ts"
import type { ConnectionStatus } from "./connection-status.ts"
import { type LogItem, ReadingConnection, type ReadingConnectionParts } from "./reading-connection.ts"
import { SeatTrouble, type SeatTroubleParts } from "./seat-trouble.ts"
import { type OwnSeat, type Subscription, Subscriptions, nameOf } from "./subscription.ts"
import { type UndecidedParts, UndecidedRecords } from "./undecided-records.ts"

/** What came and is not taken in yet may grow to this. Then the stream is closed until it is. */
const queuedMaxBytes = 64 << 20
/** The server's hour may be this far ahead of this device's clock. */
const aheadHours = 24
const resubscribe = "resubscribe"
const resubscribePause: Backoff = { firstMs: 60_000, lastMs: 3_600_000 }

export interface ReadingParts extends ReadingConnectionParts, UndecidedParts, BatchIntakeParts, SeatTroubleParts {
  readonly own: UndecidedParts["own"] & SeatTroubleParts["own"]
  readonly transactions: UndecidedParts["transactions"]
  readonly seats: OwnSeats
  readonly events: ReadingEvents
}

export interface OwnSeats {
  /** Every seat at which this device reads, those of groups it is about to join included. */
  list(): Promise<readonly OwnSeat[]>
}

export interface ReadingEvents {
  status(status: ConnectionStatus): void
  ephemeral(tx: Transaction, groupId: Uint8Array, body: Uint8Array): Promise<void>
  /** Another member asks to be let in again. */
  rejoin(tx: Transaction, groupId: Uint8Array, request: RejoinRequest): Promise<void>
}

type PlacedItem = Extract<LogItem, { readonly type: "post" | "commit" | "join" }>
type GapItem = Extract<LogItem, { readonly type: "gap" }>

export class Reading {
  readonly #parts: ReadingParts
  readonly #connection: ReadingConnection
  readonly #undecided: UndecidedRecords
  readonly #batches: BatchIntake
  readonly #trouble: SeatTrouble
  #subscriptions = new Subscriptions()
  #catchingUp = new CatchingUp()
  #stream: Stream | undefined
  /** Seats and orders after which a record was missing, and asked for once more. */
  readonly #askedAgain = new Map<string, number>()
  /** Subscriptions that the server ended, since the stream was opened. */
  #lost = 0
  #queuedBytes = 0
  #paused = false
  #closed = false
  #work: Promise<void> = Promise.resolve()

  constructor(parts: ReadingParts) {
    this.#parts = parts
    const failed = (error: unknown): void => this.#failed(error)
    this.#connection = new ReadingConnection(parts, {
      opened: (stream) => this.#opened(stream),
      items: (stream, items, sizeBytes) => this.#items(stream, items, sizeBytes),
      status: (status) => parts.events.status(status),
      failed,
    })
    this.#undecided = new UndecidedRecords(parts, failed)
    this.#batches = new BatchIntake(parts, this.#undecided, (records) => this.#stored(records))
    this.#trouble = new SeatTrouble(parts)
    parts.jobs.register({ kind: resubscribe, run: () => this.seatsChanged() })
  }

  get status(): ConnectionStatus {
    return this.#connection.status
  }

  async open(): Promise<void> {
    if (await isOlderCopy(readerOf(this.#parts.transactions.database))) return this.end(olderCopyCode, storeTexts.olderCopy)
    this.#connection.connect()
  }

  close(): void {
    this.#closed = true
    this.#undecided.close()
    this.#connection.close()
  }

  /** No more records will be received. */
  end(code: string, message: string): void {
    this.#closed = true
    this.#undecided.close()
    this.#connection.refuse(code, message, { forGood: true })
  }

  /** The store failed, in any part of the device. */
  storeFailed(error: StoreError): void {
    if (this.#closed || this.status.status === "refused") return
    if (!error.passes) return this.end(error.code, waitingTexts[error.code])
    this.#connection.storeFailed(error)
  }

  /** The account service refuses this device or its account. */
  keptOut(...refusal: Parameters<ReadingConnection["keptOut"]>): void {
    if (!this.#closed) this.#connection.keptOut(...refusal)
  }

  /** The connection may have changed. */
  look(): void {
    this.#connection.look()
  }

  /** This device has other seats than before, or other secrets of them: after it made, joined, left or re-keyed. Once that is stored. */
  seatsChanged(): void {
    const stream = this.#stream
    if (stream) this.#queue(() => this.#subscribeAll(stream))
  }

  /** Whether everything the server announced has been taken in, waiting records aside. */
  get caughtUp(): boolean {
    return this.status.status === "online" && !this.#isBehind
  }

  hasUndecided(): Promise<boolean> {
    return this.#undecided.hasUndecided()
  }

  retryUndecided(): void {
    this.#undecided.retry()
  }

  #opened(stream: Stream): void {
    this.#stream = stream
    this.#lost = 0
    this.#subscriptions = new Subscriptions()
    this.#catchingUp = new CatchingUp()
    this.#queue(() => this.#subscribeAll(stream))
  }

  /** Subscribes at seats that are new or have another secret, and ends subscriptions of seats that are gone. */
  async #subscribeAll(stream: Stream): Promise<void> {
    if (!this.#connection.isCurrent(stream)) return
    const { transactions, seats } = this.#parts
    const all = await seats.list()
    if (all.length > limits.subscriptions) await this.#trouble.tooMany(all.length - limits.subscriptions)
    const own = new Map(all.slice(0, limits.subscriptions).map((seat) => [nameOf(seat), seat]))
    const requests: ReadingRequest[] = []
    for (const known of this.#subscriptions.all) {
      if (own.has(nameOf(known.seat))) continue
      requests.push({ type: "unsubscribe", sub: known.sub })
      this.#subscriptions.remove(known)
    }
    for (const seat of own.values()) {
      const known = this.#subscriptions.find(seat)
      if (known && isSame(known.seat, seat)) {
        known.seat = seat
        continue
      }
      requests.push(subscribing(this.#subscriptions.add(seat, await findReading(readerOf(transactions.database), seat))))
    }
    this.#send(stream, requests)
    this.#caughtUpMaybe()
  }

  #send(stream: Stream, requests: readonly ReadingRequest[]): void {
    for (let at = 0; at < requests.length; at += limits.frameItems)
      this.#connection.send(stream, requests.slice(at, at + limits.frameItems))
  }

  #items(stream: Stream, items: readonly LogItem[], sizeBytes: number): void {
    this.#queuedBytes += sizeBytes
    this.#queue(async () => {
      try {
        await this.#take(stream, items)
      } catch (error) {
        // What came is not stored, so nothing behind it may be. All of it is asked for again on another stream.
        if (this.#stream === stream) this.#stream = undefined
        // A store that fails ends the stream by itself, until it works again.
        if (!(error instanceof StoreError)) this.#connection.drop(stream)
        throw error
      } finally {
        this.#queuedBytes -= sizeBytes
        if (this.#paused && this.#queuedBytes === 0) this.#resume()
      }
    })
    if (this.#queuedBytes <= queuedMaxBytes || this.#paused) return
    this.#paused = true
    this.#connection.pause()
  }

  #resume(): void {
    this.#paused = false
    if (!this.#closed) this.#connection.connect()
  }

  /** One frame: its records in one go, then one acknowledgement for each subscription. */
  async #take(stream: Stream, items: readonly LogItem[]): Promise<void> {
    // What came on a stream before is asked for again on the next one.
    if (stream !== this.#stream) return
    const startMs = this.#parts.clock.nowMs()
    const records: SeatRecord[] = []
    const missing = new Set<Subscription>()
    for (const item of items) {
      const subscription = this.#subscriptions.bySub(item.sub)
      // For a subscription that was never made, or has ended.
      if (!subscription || missing.has(subscription)) continue
      switch (item.type) {
        case "subscribed":
          await this.#subscribed(stream, subscription, item)
          break
        case "unsubscribed":
          await this.#unsubscribed(subscription, item)
          break
        case "ephemeral":
          this.#ephemeral(subscription.seat.groupId, item.body)
          break
        case "gap":
          await this.#gap(subscription, item)
          break
        case "rejoin":
          this.#rejoin(subscription.seat.groupId, item)
          break
        default: {
          const taken = await this.#placed(subscription, item)
          if (taken === "missing") missing.add(subscription)
          else if (taken) records.push(taken)
        }
      }
      if (this.#closed) return
    }
    if (records.length > 0) {
      await this.#batches.takeAll(records)
      await this.#acknowledge(stream, records)
    }
    for (const subscription of missing) await this.#askAgain(stream, subscription)
    this.#parts.transactions.trace.line("reading", "frame", { records: records.length, tookMs: this.#parts.clock.nowMs() - startMs })
    this.#caughtUpMaybe()
  }

  /** A record that may come now, or undefined: it came before, or may not come at all. `missing`: something is missing before it. */
  async #placed(subscription: Subscription, item: PlacedItem): Promise<SeatRecord | "missing" | undefined> {
    const { seat } = subscription
    const isFirst = subscription.received === 0
    // A device that is about to join begins with the commit that added it.
    if (!seat.joined && isFirst && item.type !== "join") {
      // A place that it has from an archive ends: the one that it asked for may be there now.
      if (seat.isAsked && item.type === "commit" && item.removes.some((each) => equal(each, seat.seat))) this.seatsChanged()
      return undefined
    }
    if (item.order <= subscription.received) {
      await this.#trouble.repeated(seat, recordOf(seat.groupId, item))
      return undefined
    }
    const joins = item.type === "join" && isFirst && !seat.joined
    if (!joins && item.order !== subscription.received + 1 && !this.#mayBeMissing(subscription)) return "missing"
    subscription.received = item.order
    subscription.head = Math.max(subscription.head, item.order)
    subscription.hour = this.#hour(subscription, item.hour)
    const record = joins || item.type !== "join" ? item : { ...item, type: "commit" as const }
    return { seat, record: recordOf(seat.groupId, record, subscription.hour), hour: subscription.hour }
  }

  /** The hour does not go back within a group. One that is far ahead of this device's clock is not believed: it is now, then. */
  #hour(subscription: Subscription, hour: number): number {
    const now = Math.floor(this.#parts.clock.nowMs() / hourMs)
    return Math.max(subscription.hour, hour > now + aheadHours ? now : hour)
  }

  /** Whether what is missing was already asked for once more. Then the server withholds it, and the chat says so. */
  #mayBeMissing(subscription: Subscription): boolean {
    return this.#askedAgain.get(nameOf(subscription.seat)) === subscription.received
  }

  async #askAgain(stream: Stream, { seat, received }: Subscription): Promise<void> {
    this.#askedAgain.set(nameOf(seat), received)
    const again = this.#subscriptions.add(seat, await findReading(readerOf(this.#parts.transactions.database), seat))
    this.#send(stream, [subscribing(again)])
  }

  /** What the server has dropped. Only a record behind it moves the cursor: what this claims may be wrong. */
  async #gap(subscription: Subscription, { through }: GapItem): Promise<void> {
    if (through <= subscription.received || through > subscription.head) return
    // Of a place from an archive only its end is waited for, whatever was dropped before it.
    if (subscription.isOnlyAsked) return
    subscription.received = through
    if (through <= subscription.gapThrough) return
    subscription.gapThrough = through
    await this.#trouble.gap(subscription.seat, through)
  }

  async #subscribed(stream: Stream, subscription: Subscription, { head, acked }: SubscribedItem): Promise<void> {
    const { seat, ackedBefore, stored } = subscription
    if (acked > Math.max(stored, ackedBefore ?? 0)) {
      // Whoever could acknowledge in its place may have, or it was a copy of this store. Either way it goes on with keys of its own.
      if (!seat.isOwn || ackedBefore === undefined) await this.#trouble.readBySomebody(seat)
      if (!seat.isOwn || ackedBefore !== undefined) await this.#trouble.behind(seat)
    }
    if (seat.isOwn && ackedBefore === undefined) await this.#parts.transactions.run(async (tx) => saveAckedBefore(tx, seat, acked))
    if (head < stored) await this.#trouble.rewound(seat)
    // It was stored, and the connection or the process ended before it was acknowledged.
    if (acked < stored) this.#send(stream, [{ type: "ack", sub: subscription.sub, order: stored }])
    subscription.head = Math.max(head, stored)
    subscription.answered = true
    this.#catchingUp.expect(subscription.head - subscription.received)
  }

  async #unsubscribed(subscription: Subscription, { code }: UnsubscribedItem): Promise<void> {
    this.#subscriptions.remove(subscription)
    const { seat } = subscription
    const now = (await this.#parts.seats.list()).find((each) => nameOf(each) === nameOf(seat))
    // It left the group, or has another secret by now and has subscribed or will.
    if (!now || !isSame(now, seat)) return this.seatsChanged()
    if (now.isAsked && code !== "seat_taken") return this.#later()
    // Only this device's store has the secret of its own seats: a copy of it is in use.
    if (code === "seat_taken" && now.isOwn) return this.#connection.refuse("seat_taken", readingTexts.takenOver)
    if (code === "seat_unknown" && (await this.#trouble.rekeyed(now))) return this.seatsChanged()
    if (code === "seat_unknown" && (await this.#trouble.over(now))) return this.seatsChanged()
    await this.#trouble.lost(now, code)
    this.#later()
  }

  /** It is subscribed to again after a while. */
  #later(): void {
    this.#parts.jobs.schedule({ kind: resubscribe, inMs: doubledMs(++this.#lost, resubscribePause), keepSooner: true })
  }

  #rejoin(groupId: Uint8Array, item: RejoinRequest): void {
    this.#parts.transactions.run((tx) => this.#parts.events.rejoin(tx, groupId, item)).catch((error: unknown) => this.#failed(error))
  }

  #ephemeral(groupId: Uint8Array, body: Uint8Array): void {
    this.#parts.transactions.run((tx) => this.#parts.events.ephemeral(tx, groupId, body)).catch(() => undefined)
  }

  #stored(records: readonly SeatRecord[]): void {
    for (const { seat, record } of records) {
      const subscription = this.#subscriptions.find(seat)
      if (subscription) subscription.stored = Math.max(subscription.stored, record.order)
    }
    this.#connection.storeWorked()
    this.#catchingUp.taken(records.length)
    const progress = this.#catchingUp.news()
    if (progress) this.#connection.progress(progress)
  }

  async #acknowledge(stream: Stream, records: readonly SeatRecord[]): Promise<void> {
    const acked = new Map<Subscription, number>()
    for (const { seat, record } of records) {
      const subscription = this.#subscriptions.find(seat)
      if (subscription) acked.set(subscription, (await this.#isAnswer(seat, record)) ? record.order - 1 : subscription.stored)
    }
    this.#send(
      stream,
      [...acked].map(([{ sub }, order]) => ({ type: "ack", sub, order })),
    )
  }

  /** What lets this device in again stays at the seat that it left: another copy of its store, if there is one, finds it there. */
  async #isAnswer({ groupId, seat }: ReadSeat, record: PlacedRecord): Promise<boolean> {
    if (record.kind !== "commit" || !record.removes.some((each) => equal(each, seat))) return false
    const asked = (await this.#parts.seats.list()).filter((each) => each.isAsked === true && equal(each.groupId, groupId))
    return record.adds.some((add) => asked.some((each) => equal(each.seat, add.seat)))
  }

  get #isBehind(): boolean {
    return this.#subscriptions.all.some((each) => each.isBehind)
  }

  #caughtUpMaybe(): void {
    if (this.#isBehind) return
    if (this.#connection.caughtUp()) this.#undecided.retry()
  }

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
    if (!(error instanceof OlderCopy)) return this.#parts.fault(error)
    this.end(olderCopyCode, storeTexts.olderCopy)
    const { transactions, fault } = this.#parts
    transactions.run((tx) => keepOlderCopy(tx, this.#parts)).catch((failure: unknown) => fault(failure))
  }
}

function subscribing({ sub, seat, stored }: Subscription): SubscribeItem {
  return { type: "subscribe", sub, groupId: seat.groupId, seat: seat.seat, readSecret: seat.readSecret, after: stored }
}

/** Read with the same secret. */
function isSame(a: OwnSeat, b: OwnSeat): boolean {
  return equal(a.readSecret, b.readSecret)
}
