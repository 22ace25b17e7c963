// Looks at the server's canary while the device is open (docs/transparency.md, "Lawful requests"). Who signs it, how many must, and what
// they said are pinned when it is first seen. It is a statement of people about their server: it raises no alarm and stops nothing. A look
// that could not be done changes nothing.

import { type LogCrypto, canaryEndMs, verifyCanary } from "@nodoor/keylog"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { Jobs } from "../../core/jobs.ts"
import type { Part } from "../../core/part.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transactions } from "../../core/transaction.ts"
import { readerOf } from "../../store/reader.ts"
import { type CanaryRow, readCanaryRow, writeCanaryRow } from "../../store/trust/canary.ts"
import type { CanaryView } from "../../store/trust/canary-view.ts"
import { noticeTexts } from "../../texts/en.ts"
import { type CanarySource, type FoundCanary, fetchCanary } from "./canary-fetch.ts"
import { acceptCanary, judgeCanary } from "./canary-judgement.ts"
import { canaryReadingId, canaryView } from "./canary-reading.ts"

const everyMs = 6 * 3_600_000
/** A device that is opened again and again does not ask each time. */
const againAfterMs = 600_000
/** After a look whose answer was out of date when it came. */
const repeatAfterMs = 1_000
const lookJob = "canary"
const endJob = "canary-end"

export interface CanaryParts {
  readonly own: { readonly origin: string }
  readonly clock: Clock
  readonly crypto: LogCrypto
  readonly transactions: Transactions
  readonly session: CanarySource["session"]
  readonly jobs: Pick<Jobs, "register" | "schedule">
}

export class CanaryWatch implements Part {
  readonly #parts: CanaryParts
  #closed = false
  /** Nothing was seen yet since signing in, or what was seen was out of date. */
  #owed = true
  #reconnected = false
  #looking: Promise<void> | undefined
  /** The end of the present canary that is waited for. */
  #endMs: number | undefined

  constructor(parts: CanaryParts) {
    this.#parts = parts
    parts.jobs.register({ kind: lookJob, whileOnline: true, run: () => this.#lookIfDue() })
    parts.jobs.register({ kind: endJob, run: () => this.#awaitEnd() })
  }

  /** Looks soon: when signing in, when the last look failed, or when six hours have passed since the last time. */
  online(): void {
    this.#reconnected = true
    this.#parts.jobs.schedule({ kind: lookJob, inMs: 0 })
    this.#parts.jobs.schedule({ kind: endJob, inMs: 0 })
  }

  offline(): void {
    this.#parts.jobs.schedule({ kind: endJob, inMs: 0 })
  }

  close(): void {
    this.#closed = true
  }

  async view(): Promise<CanaryView> {
    const { crypto, clock } = this.#parts
    return canaryView(crypto, await this.#row(), clock.nowMs())
  }

  /** Looks now, or waits for the look that is under way. The view says what could not be done. */
  async look(): Promise<CanaryView> {
    await (this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    }))
    return await this.view()
  }

  /** The person has read this. What differs is pinned from now on, where it can be. @throws ClientError `not_found` if it has changed since */
  async acknowledge(readingId: string): Promise<void> {
    const { transactions, clock, crypto, jobs } = this.#parts
    await transactions.run(async (tx) => {
      const row = await readCanaryRow(tx)
      const nowMs = clock.nowMs()
      const { status } = canaryView(crypto, row, nowMs)
      const isIt = (status === "changed" || status === "expired") && canaryReadingId(crypto, row) === readingId
      if (!isIt) throw new ClientError("not_found", noticeTexts.canaryChanged)
      const accepted = status === "changed" ? acceptCanary(row) : undefined
      writeCanaryRow(tx, accepted ?? { ...row, read: { what: readingId, atMs: nowMs } })
      tx.canaryChanged()
    })
    jobs.schedule({ kind: endJob, inMs: 0 })
  }

  #row(): Promise<CanaryRow> {
    return readCanaryRow(readerOf(this.#parts.transactions.database))
  }

  async #lookIfDue(): Promise<{ readonly againInMs: number }> {
    const { clock } = this.#parts
    const row = await this.#row()
    const nowMs = clock.nowMs()
    const triedMs = Math.max(row.checkedMs ?? Number.NEGATIVE_INFINITY, row.failedMs ?? Number.NEGATIVE_INFINITY)
    const soon = this.#owed || (this.#reconnected && row.failedMs !== undefined)
    // A clock that was set back does not put it off for longer than six hours.
    const dueMs = triedMs > nowMs ? nowMs + everyMs : triedMs + (soon ? againAfterMs : everyMs)
    if (dueMs > nowMs) return { againInMs: dueMs - nowMs }
    await this.look()
    return { againInMs: everyMs }
  }

  /** Waits for the day on which the present canary ends, and shows that it has. */
  async #awaitEnd(): Promise<{ readonly againInMs: number } | undefined> {
    const { clock, crypto, transactions } = this.#parts
    const { held } = await this.#row()
    const nowMs = clock.nowMs()
    if (this.#endMs !== undefined && this.#endMs <= nowMs) await transactions.run(async (tx) => tx.canaryChanged())
    const endMs = held === undefined ? undefined : canaryEndMs(verifyCanary(crypto, held))
    this.#endMs = endMs !== undefined && endMs > nowMs ? endMs : undefined
    return this.#endMs === undefined ? undefined : { againInMs: this.#endMs - nowMs }
  }

  async #look(): Promise<void> {
    this.#owed = false
    this.#reconnected = false
    const { transactions, clock, crypto, jobs } = this.#parts
    const found = await this.#fetched()
    if (this.#closed) return
    await transactions.run(async (tx) => {
      const row = await readCanaryRow(tx)
      // Another one became the known one while this look was under way: it is repeated, and compares with that.
      const known = row.latest ?? row.held
      if (found?.kind === "canary" && found.base !== (known && verifyCanary(crypto, known).hash)) {
        this.#owed = true
        jobs.schedule({ kind: lookJob, inMs: repeatAfterMs }, tx)
        return
      }
      const nowMs = clock.nowMs()
      const judged = found && judgeCanary(this.#parts, row, found, nowMs)
      writeCanaryRow(tx, judged ? { ...judged, checkedMs: nowMs, failedMs: undefined } : { ...row, failedMs: nowMs })
      tx.canaryChanged()
    })
    jobs.schedule({ kind: endJob, inMs: 0 })
  }

  /** Undefined when the server did not answer. */
  async #fetched(): Promise<FoundCanary | undefined> {
    const row = await this.#row()
    try {
      return await fetchCanary(this.#parts, row.latest ?? row.held)
    } catch (error) {
      if (error instanceof NetworkError) return undefined
      throw error
    }
  }
}
