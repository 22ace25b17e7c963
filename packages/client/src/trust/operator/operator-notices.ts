// Notices of the server's operator about requests of authorities that named this account (docs/protocol.md, "Notices of the operator").
// Asked for when the device connects and once a day after that, and kept here, so that they can be read when the server has forgotten them.
// They are the operator's statements: they raise no alarm, touch no chat, and can hold nothing but what their schema lets through.

import { toHex } from "@nodoor/bytes"
import { type OperatorNotice, WireError, accountNotices, decodeMessage, encodeMessage, operatorNotice } from "@nodoor/wire"
import type { OperatorNoticeView } from "./operator-notice-view.ts"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { JobEnd, Jobs } from "../../core/jobs.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Part } from "../../core/part.ts"
import { waitAtMost } from "../../core/pause.ts"
import type { Clock, Timers } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { noticeTexts } from "../../texts/en.ts"
import {
  type StoredNotice,
  acknowledgeNotice,
  deleteNotice,
  findNotice,
  insertNotice,
  listNotices,
  listNoticesByReading,
} from "../../store/trust/operator-notices.ts"
import { readerOf } from "../../store/reader.ts"

const everyMs = 86_400_000
const retryMs = 3_600_000
/** Reading waits this long for an answer that is under way. */
const waitMs = 3_000
/** Notices that are kept. The ones read longest ago make room; a notice that was not read is never pushed out. */
const keptMax = 1_000
/** One encoded notice at most. */
const noticeBytes = 8_192
const job = "operator-notices"

export interface NoticeParts {
  readonly own: Pick<OwnDevice, "origin">
  readonly clock: Clock
  readonly timers: Timers
  readonly crypto: { sha256(data: Uint8Array): Uint8Array }
  readonly transactions: Transactions
  readonly session: Pick<Session, "call">
  readonly jobs: Pick<Jobs, "register" | "schedule" | "isScheduled">
  fault(error: unknown): void
}

export class OperatorNotices implements Part {
  readonly #parts: NoticeParts
  /** The answer that is under way, or about to be. */
  #asking: { readonly done: Promise<void>; end(): void } | undefined
  #closed = false

  constructor(parts: NoticeParts) {
    this.#parts = parts
    parts.jobs.register({ kind: job, whileOnline: true, run: () => this.#ask() })
  }

  /** Asks at once when the device is opened; later connections do not make it sooner. */
  online(): void {
    if (this.#parts.jobs.isScheduled(job)) return
    this.#begin()
    this.#parts.jobs.schedule({ kind: job, inMs: 0 })
  }

  offline(): void {
    this.#end()
  }

  close(): void {
    this.#closed = true
    this.#end()
  }

  /** The newest first; after the answer that is under way, if there is one and it does not take long. */
  async list(): Promise<readonly OperatorNoticeView[]> {
    if (this.#asking) await waitAtMost(this.#parts.timers, waitMs, this.#asking.done)
    return await this.stored()
  }

  /** The same, without waiting for an answer that is under way. */
  async stored(): Promise<readonly OperatorNoticeView[]> {
    const { transactions, own } = this.#parts
    const notices = await listNotices(readerOf(transactions.database))
    return notices
      .map((notice) => noticeView(notice, own.origin))
      .toSorted((a, b) => (a.closed < b.closed ? 1 : a.closed > b.closed ? -1 : 0))
  }

  /** The person has read the notice. @throws ClientError `not_found` */
  async acknowledge(id: Uint8Array): Promise<void> {
    const { transactions, clock } = this.#parts
    await transactions.run(async (tx) => {
      const notice = await findNotice(tx, id)
      if (!notice) throw new ClientError("not_found", noticeTexts.noNotice)
      if (notice.acknowledgedMs !== undefined) return
      acknowledgeNotice(tx, id, clock.nowMs())
      tx.noticesChanged()
    })
  }

  #begin(): void {
    let end = (): void => {}
    const done = new Promise<void>((resolve) => (end = resolve))
    this.#asking ??= { done, end }
  }

  #end(): void {
    this.#asking?.end()
    this.#asking = undefined
  }

  /** Never rejects. */
  async #ask(): Promise<JobEnd> {
    if (this.#closed) return
    const { session, transactions, fault } = this.#parts
    this.#begin()
    let pauseMs = everyMs
    try {
      const { notices } = await session.call(accountNotices, {})
      if (!this.#closed) await transactions.run((tx) => this.#keep(tx, notices))
    } catch (error) {
      // A server without this route has nothing to say today either. After any other failure it is asked again sooner.
      if (!(error instanceof WireError && error.code === "not_found")) pauseMs = retryMs
      if (!(error instanceof WireError || error instanceof NetworkError || this.#closed)) fault(error)
    }
    this.#end()
    return { againInMs: pauseMs }
  }

  /** Stores what is new. The same text again is the same notice; another text under the same case number is another notice. */
  async #keep(tx: Transaction, notices: readonly OperatorNotice[]): Promise<void> {
    const { crypto, clock } = this.#parts
    const received = new Map(
      notices.map((notice) => {
        const encoded = encodeMessage(notice)
        const id = crypto.sha256(encoded).slice(0, 16)
        return [toHex(id), { id, encoded }] as const
      }),
    )
    const kept = await listNoticesByReading(tx)
    const known = new Set(kept.map(({ id }) => toHex(id)))
    const fresh = [...received].filter(([name]) => !known.has(name)).map(([, one]) => one)
    const read = kept.filter(({ id, acknowledgedMs }) => acknowledgedMs !== undefined && !received.has(toHex(id)))
    const gone = read.slice(0, Math.max(0, kept.length + fresh.length - keptMax))
    for (const { id } of gone) deleteNotice(tx, id)
    const taken = fresh.slice(0, Math.max(0, keptMax - kept.length + gone.length))
    for (const { id, encoded } of taken) insertNotice(tx, { id, notice: encoded, arrivedMs: clock.nowMs() })
    if (taken.length + gone.length > 0) tx.noticesChanged()
  }
}

function noticeView({ id, notice, arrivedMs, acknowledgedMs }: StoredNotice, origin: string): OperatorNoticeView {
  const said = decodeMessage(operatorNotice, notice, noticeBytes)
  return { ...said, id: toHex(id), origin, arrivedAtMs: arrivedMs, acknowledgedAtMs: acknowledgedMs }
}
