// The rights to open streams of the delivery service. A token buys a pass, which is good for some hours and opens later streams of its kind.
// Reading and posting have passes of their own, so that a pass does not say that both are one device's.

import { equal } from "@nodoor/bytes"
import type { DeliveryCode, OpenItem, OpenedItem } from "@nodoor/wire/delivery"
import type { StreamKind } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { StreamPasses } from "../core/stream-passes.ts"
import type { Transactions } from "../core/transaction.ts"
import { type Pass, deletePass, findPass, replacePass } from "../store/passes.ts"
import { readerOf } from "../store/reader.ts"
import type { Tokens } from "./tokens.ts"

const hourMs = 3_600_000
/** A server that refuses every pass does not get all tokens of the day for it: so many are shown within this time while there is another pass. */
const tokensWithin = { count: 4, ms: 12 * hourMs } as const

export interface PassParts {
  readonly session: Pick<Session, "serverNowMs">
  readonly transactions: Transactions
  readonly tokens: Pick<Tokens, "take">
  fault(error: unknown): void
}

export class Passes {
  readonly #parts: PassParts
  readonly #reading: PassOfKind
  readonly #posting: PassOfKind

  constructor(parts: PassParts) {
    this.#parts = parts
    this.#reading = new PassOfKind(parts, "reading", (pass) => this.#posting.is(pass))
    this.#posting = new PassOfKind(parts, "posting", (pass) => this.#reading.is(pass))
  }

  /** Takes up what is stored. */
  async open(): Promise<void> {
    const reader = readerOf(this.#parts.transactions.database)
    this.#reading.keep(await findPass(reader, "reading"))
    this.#posting.keep(await findPass(reader, "posting"))
  }

  get forReading(): StreamPasses {
    return this.#reading
  }

  get forPosting(): StreamPasses {
    return this.#posting
  }
}

class PassOfKind implements StreamPasses {
  readonly #parts: PassParts
  readonly #kind: StreamKind
  readonly #isOther: (pass: Uint8Array) => boolean
  #pass: Pass | undefined
  /** The server did not accept the pass. It is shown again only instead of too many tokens. */
  #isRefused = false
  /** When tokens were taken, by the server's clock. */
  #takenMs: readonly number[] = []
  /** A token that was taken and has not been answered. It is shown again until it is: taking one for each try would use all of them up. */
  #token: Uint8Array | undefined
  #taking: Promise<Uint8Array> | undefined

  constructor(parts: PassParts, kind: StreamKind, isOther: (pass: Uint8Array) => boolean) {
    this.#parts = parts
    this.#kind = kind
    this.#isOther = isOther
  }

  keep(pass: Pass | undefined): void {
    this.#pass = pass
  }

  is(pass: Uint8Array): boolean {
    return this.#pass !== undefined && equal(this.#pass.pass, pass)
  }

  async take(): Promise<OpenItem> {
    const hour = Math.floor(this.#parts.session.serverNowMs / hourMs)
    const isGood = this.#pass !== undefined && hour < this.#pass.expiryHour
    if (this.#pass && isGood && (!this.#isRefused || this.#isSparing())) return { type: "open", with: "pass", data: this.#pass.pass }
    return { type: "open", with: "token", data: this.#token ?? (await this.#newToken()) }
  }

  async #newToken(): Promise<Uint8Array> {
    if (!this.#taking) this.#takenMs = [...this.#takenMs, this.#parts.session.serverNowMs].slice(-tokensWithin.count)
    this.#taking ??= this.#parts.tokens.take("pass").finally(() => (this.#taking = undefined))
    this.#token = await this.#taking
    return this.#token
  }

  opened({ pass, expiryHour }: Pick<OpenedItem, "pass" | "expiryHour">): void {
    this.#token = undefined
    // The same for both kinds would say on the wire that both are this device's. It is not shown to anybody again.
    if (this.#isOther(pass)) return this.#drop()
    if (this.is(pass) && this.#pass?.expiryHour === expiryHour) return
    this.#isRefused = false
    this.#pass = { pass, expiryHour }
    this.#store({ pass, expiryHour })
  }

  refused(code: DeliveryCode): void {
    if (code === "token_invalid" || code === "token_spent") this.#token = undefined
    else this.#isRefused = true
  }

  /** Whether as many tokens were taken lately as may be. */
  #isSparing(): boolean {
    const [first, ...others] = this.#takenMs
    const sinceMs = this.#parts.session.serverNowMs - (first ?? 0)
    return others.length + 1 >= tokensWithin.count && sinceMs >= 0 && sinceMs < tokensWithin.ms
  }

  #drop(): void {
    this.#pass = undefined
    this.#store(undefined)
  }

  #store(pass: Pass | undefined): void {
    const { transactions, fault } = this.#parts
    transactions
      .run(async (tx) => (pass ? replacePass(tx, this.#kind, pass) : deletePass(tx, this.#kind)))
      .catch((error: unknown) => fault(error))
  }
}
