// What the operator has told this account about requests of authorities (docs/protocol.md, "Notices of the operator"). Asked for when the
// device connects and once a day after that, and kept here, so that it can be read when the server has forgotten it. It is the operator's
// statement: it raises no alarm, touches no chat, and can hold nothing but what its schema lets through.

import { toHex } from "@nodoor/bytes"
import { type OperatorNotice, WireError, accountNotices, decodeMessage, encodeMessage, operatorNotice } from "@nodoor/wire"
import type { OperatorNoticeView } from "./operator-notice-view.ts"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { Kernel } from "../../core/kernel.ts"
import { Later } from "../../core/later.ts"
import type { Transaction } from "../../core/transaction.ts"
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
/** Whoever wants to read waits so long for an answer that is under way. */
const waitMs = 3_000
/** What is kept. Room is made by what was read longest ago; what was not read is never pushed out. */
const keptMax = 1_000
/** One notice as encoded: less than an answer of one. */
const noticeBytes = 8_192

export type NoticeParts = Pick<Kernel, "own" | "clock" | "timers" | "crypto" | "transactions" | "session" | "fault">

export class OperatorNotices {
  readonly #parts: NoticeParts
  #dueMs = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  #online = false
  #closed = false
  readonly #next: Later

  constructor(parts: NoticeParts) {
    this.#parts = parts
    this.#next = new Later(parts.timers)
  }

  /** Asks at once if it is due, otherwise when it will be. */
  online(): void {
    this.#online = true
    this.#schedule()
  }

  offline(): void {
    this.#online = false
    this.#next.cancel()
  }

  close(): void {
    this.#closed = true
    this.#next.cancel()
  }

  /** The newest first; after the answer that is under way, if there is one and it does not take long. */
  async list(): Promise<readonly OperatorNoticeView[]> {
    if (this.#looking) {
      let cancel = (): void => {}
      const late = new Promise<void>((resolve) => (cancel = this.#parts.timers.after(waitMs, resolve)))
      await Promise.race([this.#looking, late])
      cancel()
    }
    return await this.stored()
  }

  /** The same, without waiting for a look that is under way. */
  async stored(): Promise<readonly OperatorNoticeView[]> {
    const { transactions, own } = this.#parts
    const notices = await listNotices(readerOf(transactions.database))
    return notices
      .map((notice) => noticeView(notice, own.origin))
      .toSorted((a, b) => (a.closed < b.closed ? 1 : a.closed > b.closed ? -1 : 0))
  }

  /** The person has read it. @throws ClientError `not_found` */
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

  #schedule(): void {
    this.#next.cancel()
    if (this.#closed || !this.#online || this.#looking) return
    const inMs = this.#dueMs - this.#parts.clock.nowMs()
    // A clock that was set back does not put it off for longer than a day.
    if (inMs > 0) this.#next.set(Math.min(inMs, everyMs), () => this.#schedule())
    else this.#looking = this.#look().finally(() => this.#looked())
  }

  #looked(): void {
    this.#looking = undefined
    this.#schedule()
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { session, transactions, clock, fault } = this.#parts
    let pauseMs = everyMs
    try {
      const { notices } = await session.call(accountNotices, {})
      if (!this.#closed) await transactions.run((tx) => this.#keep(tx, notices))
    } catch (error) {
      // A server without this door has nothing to say today either. Anything else is asked for again sooner.
      if (!(error instanceof WireError && error.code === "not_found")) pauseMs = retryMs
      if (!(error instanceof WireError || error instanceof NetworkError || this.#closed)) fault(error)
    }
    this.#dueMs = clock.nowMs() + pauseMs
  }

  /** What is new among them. The same words again are the same notice; other words under the same case number are another one. */
  async #keep(tx: Transaction, notices: readonly OperatorNotice[]): Promise<void> {
    const { crypto, clock } = this.#parts
    const told = new Map(
      notices.map((notice) => {
        const encoded = encodeMessage(notice)
        const id = crypto.sha256(encoded).slice(0, 16)
        return [toHex(id), { id, encoded }] as const
      }),
    )
    const kept = await listNoticesByReading(tx)
    const known = new Set(kept.map(({ id }) => toHex(id)))
    const fresh = [...told].filter(([name]) => !known.has(name)).map(([, one]) => one)
    const read = kept.filter(({ id, acknowledgedMs }) => acknowledgedMs !== undefined && !told.has(toHex(id)))
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
