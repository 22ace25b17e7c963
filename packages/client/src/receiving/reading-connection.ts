// The reading stream to the delivery service: opens it with a pass, checks that it is alive, and opens it again. It names nobody. What comes on
// it for groups is handled by `Reading`.

import { CodecError } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { type ClosedItem, type ReadingAnswer, type ReadingRequest, decodeReadingAnswer, encodeReadingRequest } from "@nodoor/wire/delivery"
import { type Backoff, doubledMs } from "../core/backoff.ts"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { Jobs } from "../core/jobs.ts"
import type { Clock, Database, Network, Stream } from "../core/ports.ts"
import { type AccountRefusal, askAgainAfterMs, isAccountRefusal, serverWords } from "../core/server-words.ts"
import type { Session } from "../core/session.ts"
import { StoreError } from "../core/store-error.ts"
import type { StreamPasses } from "../core/stream-passes.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { readingTexts, waitingTexts } from "../texts/en.ts"
import type { CatchUp, ConnectionStatus } from "./connection-status.ts"
import { StoreTrouble } from "./store-trouble.ts"

const retryPause: Backoff = { firstMs: 500, lastMs: 30_000 }
const openWithinMs = 45_000
const pingMs = 30_000
const pongMs = 15_000
/** The same when there is a reason to doubt the connection. Somebody may be waiting. */
const doubtedPongMs = 2_000

/** The next step of the connection. There is only one at a time. */
type Step = "reconnect" | "ping" | "missing-pong"

/** Items that are not about the connection itself. */
export type LogItem = Exclude<ReadingAnswer, { readonly type: "opened" | "pong" | "closed" }>

export interface ReadingConnectionParts {
  /** Address of the host that serves reading streams. */
  readHost(): string
  /** A stream could not be opened, or was lost: so often in a row. */
  lost?(inARow: number): void
  readonly clock: Clock
  readonly random: Random
  readonly session: Pick<Session, "token" | "forget">
  readonly network: Pick<Network, "openStream">
  readonly passes: StreamPasses
  readonly transactions: { readonly database: Database }
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
}

/** What the connection is for. */
export interface ReadingUse {
  /** The server has opened the stream. Groups can be subscribed to. */
  opened(stream: Stream): void
  /** One frame, in order. */
  items(stream: Stream, items: readonly LogItem[], sizeBytes: number): void
  status(status: ConnectionStatus): void
  /** An error that is not the network's. */
  failed(error: unknown): void
}

export class ReadingConnection {
  readonly #parts: ReadingConnectionParts
  readonly #use: ReadingUse
  readonly #trouble: StoreTrouble
  #status: ConnectionStatus = { status: "offline", retryAtMs: undefined }
  #stream: Stream | undefined
  #step: Step | undefined
  #failures = 0
  #starting = false
  /** It was to connect once more while it did so. */
  #again = false
  /** A ping was sent because of a doubt, and not answered yet. */
  #doubted = false
  #closed = false

  constructor(parts: ReadingConnectionParts, use: ReadingUse) {
    this.#parts = parts
    this.#use = use
    this.#trouble = new StoreTrouble(parts.transactions.database)
    parts.jobs.register({ kind: "reconnect", run: () => this.connect() })
    parts.jobs.register({ kind: "ping", run: () => this.#ping(pongMs) })
    parts.jobs.register({ kind: "missing-pong", run: () => this.#giveUp() })
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  isCurrent(stream: Stream): boolean {
    return this.#stream === stream
  }

  connect(): void {
    if (this.#closed || this.#stream) return
    if (this.#starting) return void (this.#again = true)
    this.#starting = true
    if (this.#status.status !== "refused" && !this.#trouble.error) this.#set({ status: "connecting" })
    this.#start()
      .catch((error: unknown) => this.#lost(error))
      .finally(() => {
        this.#starting = false
        const again = this.#again
        this.#again = false
        if (again) this.connect()
      })
  }

  close(): void {
    this.#closed = true
    this.#cancel()
    this.#hangUp()
  }

  /** The server or this device decided that no records will be received. */
  refuse(code: string, message: string, { forGood = false }: { readonly forGood?: boolean } = {}): void {
    this.#closed ||= forGood
    this.#hangUp()
    this.#cancel()
    this.#set({ status: "refused", code, message })
  }

  /** The account service no longer knows this device, or keeps its account out. The delivery service does not know either. */
  keptOut(code: AccountRefusal | "unauthorized"): void {
    if (this.#closed) return
    this.#parts.session.forget()
    if (code === "unauthorized") return this.refuse(code, readingTexts.deviceUnknown)
    this.refuse(code, serverWords({ code }))
    // If the account is suspended, the device asks again from time to time and continues when it is resumed.
    const afterMs = askAgainAfterMs(code)
    if (afterMs !== undefined) this.#next("reconnect", afterMs)
  }

  /**
   * The connection may have changed: the platform says so, a request was not answered, or a person does not want to wait. An open stream has to
   * answer now. Without one, the device connects now.
   */
  look(): void {
    if (this.#closed || this.#doubted) return
    if (this.#stream) {
      this.#doubted = true
      this.#ping(doubtedPongMs)
    } else if (this.#status.status === "offline") {
      this.#cancel()
      this.connect()
    }
  }

  /** The store failed, and may work again. */
  storeFailed(error: StoreError): void {
    // Several failures at once count as one. A retry is scheduled already.
    if (this.#trouble.error && this.#status.status === "offline") return
    this.#retryStore(error)
  }

  storeWorked(): void {
    this.#trouble.worked()
  }

  /** Everything that waited was taken in. Returns whether that is news. */
  caughtUp(): boolean {
    if (!this.#stream || this.#status.status !== "connecting") return false
    this.#trouble.worked()
    this.#set({ status: "online" })
    return true
  }

  /** How far it has come with what waited. */
  progress(catchUp: CatchUp): void {
    if (this.#stream && this.#status.status === "connecting") this.#set({ status: "connecting", catchUp })
  }

  send(stream: Stream, items: readonly ReadingRequest[]): void {
    if (this.#stream === stream && items.length > 0) stream.send(encodeReadingRequest(items))
  }

  /** Gives the stream up because of what came on it, and opens another one later. */
  drop(stream: Stream): void {
    if (this.#stream !== stream) return
    this.#hangUp()
    this.#lost(undefined)
  }

  /** More came than could be taken in. Nothing is fetched until `connect`. */
  pause(): void {
    this.#hangUp()
    this.#cancel()
    if (this.#status.status === "online") this.#set({ status: "connecting" })
  }

  async #start(): Promise<void> {
    if (this.#trouble.error && !(await this.#storeWorksAgain())) return
    const { session, network, passes } = this.#parts
    // Only the account service knows whether an account was resumed.
    if (this.#status.status === "refused") await session.token()
    const open = await passes.take()
    if (this.#closed || this.#stream || this.#trouble.error) return
    let alive = true
    const stream = network.openStream(this.#parts.readHost(), "reading", {
      opened: () => {
        if (alive) stream.send(encodeReadingRequest([open]))
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
    this.#next("missing-pong", openWithinMs)
  }

  /** Returns whether the store takes something in again. If not, it is tried again later. */
  async #storeWorksAgain(): Promise<boolean> {
    const still = await this.#trouble.probe()
    if (this.#closed || this.#stream) return false
    if (!still) {
      if (this.#status.status !== "refused") this.#set({ status: "connecting" })
      return true
    }
    if (still.passes) this.#retryStore(still)
    else this.#use.failed(still)
    return false
  }

  #frame(stream: Stream, frame: Uint8Array): void {
    if (this.#stream !== stream) return
    let items: readonly ReadingAnswer[]
    try {
      items = decodeReadingAnswer(frame)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return this.drop(stream)
    }
    this.#doubted = false
    this.#next("ping", pingMs)
    const forGroups: LogItem[] = []
    for (const item of items) {
      if (item.type === "opened") this.#opened(stream, item)
      else if (item.type !== "pong" && item.type !== "closed") forGroups.push(item)
    }
    if (forGroups.length > 0) this.#use.items(stream, forGroups, frame.length)
    const closed = items.find((item) => item.type === "closed")
    if (closed) this.#closedByServer(stream, closed)
  }

  #opened(stream: Stream, item: Extract<ReadingAnswer, { readonly type: "opened" }>): void {
    this.#failures = 0
    this.#parts.passes.opened(item)
    // The account was suspended and has been resumed.
    if (this.#status.status === "refused") this.#set({ status: "connecting" })
    this.#use.opened(stream)
  }

  #closedByServer(stream: Stream, { code }: ClosedItem): void {
    if (["pass_invalid", "pass_used_up", "token_invalid", "token_spent"].includes(code)) this.#parts.passes.refused(code)
    this.drop(stream)
  }

  /** Gives the connection up if it does not answer. */
  #ping(answerWithinMs: number): void {
    this.#stream?.send(encodeReadingRequest([{ type: "ping" }]))
    this.#next("missing-pong", answerWithinMs)
  }

  #giveUp(): void {
    if (this.#stream) this.drop(this.#stream)
  }

  #lost(error: unknown): void {
    this.#doubted = false
    if (this.#closed) return
    if (error instanceof OlderCopy || error instanceof StoreError) return this.#use.failed(error)
    if (this.#trouble.error) return
    if (error instanceof WireError && (isAccountRefusal(error.code) || error.code === "unauthorized")) return this.keptOut(error.code)
    // A ClientError: there is nothing to open the stream with now.
    if (error !== undefined && !(error instanceof WireError || error instanceof NetworkError || error instanceof ClientError))
      this.#use.failed(error)
    this.#retry(doubledMs(++this.#failures, retryPause))
    this.#parts.lost?.(this.#failures)
  }

  #retryStore(error: StoreError): void {
    this.#hangUp()
    const trouble = { code: error.code, message: waitingTexts[error.code] }
    this.#retry(this.#trouble.begin(error), trouble)
  }

  #retry(pauseMs: number, trouble?: { readonly code: string; readonly message: string }): void {
    const delayMs = this.#jittered(pauseMs)
    const retryAtMs = this.#parts.clock.nowMs() + Math.round(delayMs)
    this.#set({ status: "offline", retryAtMs, ...(trouble && { trouble }) })
    this.#next("reconnect", delayMs)
  }

  #jittered(delayMs: number): number {
    const [high = 0, low = 0] = this.#parts.random(2)
    return delayMs * (0.5 + (high * 256 + low) / 131_072)
  }

  #hangUp(): void {
    this.#stream?.close()
    this.#stream = undefined
  }

  #next(step: Step, inMs: number): void {
    if (this.#step !== step) this.#cancel()
    this.#step = step
    this.#parts.jobs.schedule({ kind: step, inMs })
  }

  #cancel(): void {
    if (this.#step) this.#parts.jobs.cancel(this.#step)
    this.#step = undefined
  }

  #set(status: ConnectionStatus): void {
    this.#status = status
    this.#use.status(status)
  }
}
