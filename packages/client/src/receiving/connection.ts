// The stream to the server: opens it, checks that it is alive, and opens it again. The mailbox handles the records.

import { type StreamFrame, type StreamRequest, WireError } from "@nodoor/wire"
import { type Backoff, doubledMs } from "../core/backoff.ts"
import { NetworkError } from "../core/client-error.ts"
import type { Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock, Database, Network, MailboxStream } from "../core/ports.ts"
import { type AccountRefusal, askAgainAfterMs, isAccountRefusal, serverWords } from "../core/server-words.ts"
import type { Session } from "../core/session.ts"
import { StoreError } from "../core/store-error.ts"
import { OlderCopy } from "../store/trust/older-copy.ts"
import { mailboxTexts, waitingTexts } from "../texts/en.ts"
import type { Random } from "@nodoor/mls"
import type { ConnectionStatus } from "./connection-status.ts"
import { StoreTrouble } from "./store-trouble.ts"

const retryPause: Backoff = { firstMs: 500, lastMs: 30_000 }
const pingMs = 30_000
const pongMs = 15_000
/** The same when there is a reason to doubt the connection. Somebody may be waiting. */
const doubtedPongMs = 2_000
/** After this many failures in a row, the mailbox is also read without a stream. */
const readAfterFailures = 2

/** The next step of the connection. There is only one at a time. */
type Step = "reconnect" | "ping" | "missing-pong"

/** Frames that are not about the connection itself. */
export type MailboxFrame = Extract<StreamFrame, { readonly type: "opened" | "records" | "ephemeral" }>

export interface ConnectionParts {
  readonly own: Pick<OwnDevice, "serverUrl">
  readonly clock: Clock
  readonly random: Random
  readonly session: Pick<Session, "token" | "forget">
  readonly network: Pick<Network, "openMailbox">
  readonly transactions: { readonly database: Database }
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
}

/** What the connection is for. */
export interface ConnectionUse {
  /** The record after which the server goes on. */
  cursor(): number
  frame(stream: MailboxStream, frame: MailboxFrame): void
  /** Reads once without a stream. */
  read(token: Uint8Array): Promise<void>
  status(status: ConnectionStatus): void
  /** An error that is not the network's. */
  failed(error: unknown): void
}

export class Connection {
  readonly #parts: ConnectionParts
  readonly #use: ConnectionUse
  readonly #trouble: StoreTrouble
  #status: ConnectionStatus = { status: "offline", retryAtMs: undefined }
  #stream: MailboxStream | undefined
  #step: Step | undefined
  #failures = 0
  /** A ping was sent because of a doubt, and not answered yet. */
  #doubted = false
  #closed = false

  constructor(parts: ConnectionParts, use: ConnectionUse) {
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

  isCurrent(stream: MailboxStream): boolean {
    return this.#stream === stream
  }

  connect(): void {
    if (this.#closed || this.#stream) return
    if (this.#status.status !== "refused" && !this.#trouble.error) this.#set({ status: "connecting" })
    this.#start().catch((error: unknown) => this.#lost(error))
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

  #retryStore(error: StoreError): void {
    this.#hangUp()
    const trouble = { code: error.code, message: waitingTexts[error.code] }
    this.#retry(this.#trouble.begin(error), trouble)
  }

  storeWorked(): void {
    this.#trouble.worked()
  }

  /** The server has answered the opening of the stream. */
  opened(): void {
    this.#failures = 0
    // The account was suspended and has been resumed.
    if (this.#status.status === "refused") this.#set({ status: "connecting" })
  }

  /** Everything that waited was taken in. Returns whether that is news. */
  caughtUp(): boolean {
    if (!this.#stream || this.#status.status !== "connecting") return false
    this.#trouble.worked()
    this.#set({ status: "online" })
    return true
  }

  send(stream: MailboxStream, request: StreamRequest): void {
    if (this.#stream === stream) stream.send(request)
  }

  drop(stream: MailboxStream): void {
    if (this.#stream !== stream) return
    this.#hangUp()
    this.#lost(undefined)
  }

  async #start(): Promise<void> {
    if (this.#trouble.error && !(await this.#storeWorksAgain())) return
    const { session, network, own } = this.#parts
    const token = await session.token()
    if (this.#closed || this.#trouble.error) return
    if (this.#failures >= readAfterFailures) await this.#use.read(token)
    if (this.#closed || this.#stream || this.#trouble.error) return
    let alive = true
    const stream = network.openMailbox(own.serverUrl, {
      opened: () => {
        if (alive) stream.send({ type: "open", token, after: this.#use.cursor() })
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
    this.#next("ping", pingMs)
  }

  async #storeWorksAgain(): Promise<boolean> {
    const error = await this.#trouble.probe()
    if (this.#closed) return false
    if (error === undefined) this.#set({ status: "connecting" })
    else if (error.passes) this.#retryStore(error)
    else this.#use.failed(error)
    return error === undefined
  }

  #frame(stream: MailboxStream, frame: StreamFrame): void {
    if (this.#stream !== stream) return
    this.#doubted = false
    this.#next("ping", pingMs)
    switch (frame.type) {
      case "opened":
      case "records":
      case "ephemeral":
        return this.#use.frame(stream, frame)
      case "pong":
        return
      case "closed":
        if (frame.code === "session_replaced") return this.refuse(frame.code, mailboxTexts.takenOver)
        if (isAccountRefusal(frame.code)) return this.#keptOut(frame.code)
        if (frame.code === "unauthorized") this.#parts.session.forget()
        return this.drop(stream)
    }
  }

  /** Gives the connection up if it does not answer. */
  #ping(answerWithinMs: number): void {
    this.#stream?.send({ type: "ping" })
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
    if (error instanceof WireError && isAccountRefusal(error.code)) return this.#keptOut(error.code)
    if (error instanceof WireError && error.code === "unauthorized") {
      this.#parts.session.forget()
      return this.refuse(error.code, mailboxTexts.deviceUnknown)
    }
    if (error !== undefined && !(error instanceof WireError || error instanceof NetworkError)) this.#use.failed(error)
    this.#retry(doubledMs(++this.#failures, retryPause))
  }

  /** The account is suspended or erased. If it is suspended, the device asks again from time to time and continues when it is resumed. */
  #keptOut(code: AccountRefusal): void {
    this.#parts.session.forget()
    this.refuse(code, serverWords({ code }))
    const afterMs = askAgainAfterMs(code)
    if (afterMs !== undefined) this.#next("reconnect", afterMs)
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
