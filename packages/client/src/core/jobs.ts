// Everything an open device does later: one scheduler, one timer, for the job that is due first. Jobs of a kind run one after the other;
// different kinds do not wait for each other. A job that is stored survives a restart, and runs at the next opening if it became due meanwhile.

import { type Backoff, doubledMs } from "./backoff.ts"
import type { Part } from "./part.ts"
import type { Clock, Timers } from "./ports.ts"
import { type Trace, type Word, noTrace, wordOf } from "./trace.ts"
import type { Transaction, Transactions } from "./transaction.ts"

export interface JobKind {
  readonly kind: string
  /** Runs only while the device is connected. What becomes due before runs when it is. */
  readonly whileOnline?: boolean
  /** Kept in the store. Without it the part schedules the job again when the device is opened. */
  readonly stored?: boolean
  /** After a run that failed. */
  readonly backoff?: Backoff
  /**
   * `tries`: runs in a row that failed before this one. It may run again after a crash in the middle. A job that throws is told to `fault` and
   * tried again, so failures that are to be expected are returned.
   */
  run(key: string, tries: number): Promise<JobEnd> | JobEnd
}

/** Nothing: it is done. `failed`: again after the back-off. `againInMs`: again after this long, as if it had not failed. */
export type JobEnd = void | "failed" | { readonly againInMs: number }

export interface Job {
  readonly kind: string
  /** What it is about, such as a group's id in hexadecimal. There is one job of a kind for each key. */
  readonly key?: string
  readonly inMs: number
  /** A job that waits already and is due sooner stays as it is. Without it the new one takes its place. */
  readonly keepSooner?: boolean
}

/** A job as the store keeps it, by this device's clock. */
export interface StoredJob {
  readonly kind: string
  readonly key: string
  readonly dueMs: number
  /** How long it was to wait in all: a clock that is set back puts it off no longer than that. */
  readonly delayMs: number
  readonly tries: number
}

export interface JobStore {
  all(): Promise<readonly StoredJob[]>
  /** Takes the place of the job with the same kind and key. */
  keep(tx: Transaction, job: StoredJob, options: { readonly keepSooner: boolean }): void
  erase(tx: Transaction, job: { readonly kind: string; readonly key: string }): void
}

export interface JobParts {
  readonly transactions: Transactions
  readonly clock: Clock
  readonly timers: Timers
  readonly store: JobStore
  readonly trace?: Trace
  fault(error: unknown): void
}

const defaultBackoff: Backoff = { firstMs: 1_000, lastMs: 3_600_000 }
/** Platforms cannot wait longer than about 24 days; a machine that slept is noticed no later than this. */
const longestSleepMs = 3_600_000

interface Waiting {
  readonly kind: string
  readonly key: string
  readonly delayMs: number
  /** On the scheduler's own time, which never goes back. */
  readonly dueMs: number
  readonly tries: number
}

export class Jobs implements Part {
  readonly #parts: JobParts
  readonly #trace: Trace
  readonly #kinds = new Map<string, JobKind & { readonly word: Word }>()
  readonly #waiting = new Map<string, Waiting>()
  /** Of each kind, the job that is at work. */
  readonly #running = new Map<string, Waiting>()
  /** Time that has passed, as far as clock and timers agree: it goes on with the clock, and at least as far as a timer has waited. */
  #passedMs = 0
  #clockMs: number
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined
  #online = false
  #closed = false

  constructor(parts: JobParts) {
    this.#parts = parts
    this.#trace = parts.trace ?? noTrace
    this.#clockMs = parts.clock.nowMs()
  }

  /** Before `open`, and before anything of the kind is scheduled. The name stands in the source, so that it may be traced. */
  register<const Kind extends string>(kind: JobKind & { readonly kind: string extends Kind ? never : Kind }): void {
    this.#kinds.set(kind.kind, { ...kind, word: wordOf<Kind>(kind.kind) })
  }

  /** Takes up what is stored. */
  async open(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs()
    for (const { kind, key, dueMs, delayMs, tries } of await this.#parts.store.all()) {
      if (!this.#kinds.has(kind) || this.#waiting.has(nameOf(kind, key))) continue
      this.#set({ kind, key, delayMs, tries, dueMs: this.#passed() + Math.min(Math.max(dueMs - nowMs, 0), delayMs) })
    }
  }

  /** With a transaction: stored together with what it writes, and nothing happens if it fails. */
  schedule(job: Job, tx?: Transaction): void {
    const { kind, key = "", inMs } = job
    const delayMs = Math.max(Math.ceil(inMs), 0)
    // A job at work does not count as one that waits: it may have looked already at what it should do.
    const isAtWork = (): boolean =>
      this.#running.get(kind) !== undefined && this.#running.get(kind) === this.#waiting.get(nameOf(kind, key))
    const keepSooner = (job.keepSooner ?? false) && !isAtWork()
    const wait = (): void => {
      const dueMs = this.#passed() + delayMs
      const known = this.#waiting.get(nameOf(kind, key))
      if (keepSooner && known && !isAtWork() && known.dueMs <= dueMs) return
      this.#set({ kind, key, delayMs, dueMs, tries: 0 })
    }
    const keep = (within: Transaction): void => {
      const dueMs = this.#parts.clock.nowMs() + delayMs
      this.#parts.store.keep(within, { kind, key, delayMs, dueMs, tries: 0 }, { keepSooner })
    }
    if (tx) {
      if (this.#kind(kind).stored) keep(tx)
      tx.after(wait)
      return
    }
    wait()
    if (this.#kind(kind).stored) this.#store(keep)
  }

  /** Whether it waits, or is at work. */
  isScheduled(kind: string, key = ""): boolean {
    return this.#waiting.has(nameOf(kind, key))
  }

  cancel(kind: string, key = "", tx?: Transaction): void {
    const forget = (): void => {
      this.#waiting.delete(nameOf(kind, key))
      this.#arm()
    }
    const erase = (within: Transaction): void => this.#parts.store.erase(within, { kind, key })
    if (tx) {
      if (this.#kind(kind).stored) erase(tx)
      tx.after(forget)
      return
    }
    forget()
    if (this.#kind(kind).stored) this.#store(erase)
  }

  online(): void {
    this.#online = true
    this.#arm()
  }

  offline(): void {
    this.#online = false
    this.#arm()
  }

  close(): void {
    this.#closed = true
    this.#arm()
  }

  #kind(name: string): JobKind & { readonly word: Word } {
    const kind = this.#kinds.get(name)
    if (!kind) throw new TypeError(`no such kind of job: ${name}`)
    return kind
  }

  #store(write: (tx: Transaction) => void): void {
    if (this.#closed) return
    this.#parts.transactions.run(async (tx) => write(tx)).catch((error: unknown) => this.#parts.fault(error))
  }

  #set(job: Waiting): void {
    this.#waiting.set(nameOf(job.kind, job.key), job)
    this.#arm()
  }

  /** `atLeastMs`: what a timer has waited, whatever the clock says. */
  #passed(atLeastMs = 0): number {
    const nowMs = this.#parts.clock.nowMs()
    this.#passedMs += Math.max(nowMs - this.#clockMs, atLeastMs)
    this.#clockMs = nowMs
    return this.#passedMs
  }

  /** Sets the timer for the job that is due first among those that may run. */
  #arm(): void {
    const passedMs = this.#passed()
    let atMs = Infinity
    if (!this.#closed) for (const job of this.#waiting.values()) if (this.#mayRun(job)) atMs = Math.min(atMs, job.dueMs)
    if (atMs === Infinity) {
      this.#timer?.cancel()
      this.#timer = undefined
      return
    }
    atMs = Math.min(Math.max(atMs, passedMs), passedMs + longestSleepMs)
    // A running timer that is early enough stays: replacing it each time would lose the time already waited.
    if (this.#timer && this.#timer.atMs <= atMs && this.#timer.atMs >= passedMs) return
    this.#timer?.cancel()
    const waitMs = atMs - passedMs
    const cancel = this.#parts.timers.after(waitMs, () => {
      this.#timer = undefined
      this.#passed(Math.max(0, atMs - this.#passedMs))
      this.#runDue()
    })
    this.#timer = { atMs, cancel }
  }

  #mayRun({ kind }: Waiting): boolean {
    return !this.#running.has(kind) && (this.#online || this.#kind(kind).whileOnline !== true)
  }

  #runDue(): void {
    const due = [...this.#waiting.values()].filter((job) => job.dueMs <= this.#passedMs).toSorted((a, b) => a.dueMs - b.dueMs)
    for (const job of due) if (!this.#closed && this.#mayRun(job)) this.#run(job)
    this.#arm()
  }

  #run(job: Waiting): void {
    const { kind, key, tries } = job
    this.#running.set(kind, job)
    this.#trace.line("jobs", "due", { kind: this.#kind(kind).word, tries, lateMs: Math.round(this.#passedMs - job.dueMs) })
    Promise.resolve()
      .then(() => this.#kind(kind).run(key, tries))
      .catch((error: unknown): JobEnd => {
        if (!this.#closed) this.#parts.fault(error)
        return "failed"
      })
      .then((end) => this.#ended(job, end ?? undefined))
      .catch((error: unknown) => this.#parts.fault(error))
      .finally(() => {
        this.#running.delete(kind)
        this.#arm()
      })
  }

  #ended(job: Waiting, end: JobEnd): void {
    const { kind, key } = job
    const name = nameOf(kind, key)
    const word = end === undefined ? "done" : end === "failed" ? "failed" : "again"
    this.#trace.line("jobs", "ended", { kind: this.#kind(kind).word, end: word, tries: job.tries })
    // It was rescheduled or cancelled while it ran, and that takes precedence.
    if (this.#closed || this.#waiting.get(name) !== job) return
    if (end === undefined) return this.cancel(kind, key)
    const { stored, backoff = defaultBackoff } = this.#kind(kind)
    const tries = end === "failed" ? job.tries + 1 : 0
    const delayMs = end === "failed" ? doubledMs(tries, backoff) : Math.max(Math.ceil(end.againInMs), 0)
    this.#set({ kind, key, tries, delayMs, dueMs: this.#passed() + delayMs })
    const dueMs = this.#parts.clock.nowMs() + delayMs
    if (stored) this.#store((tx) => this.#parts.store.keep(tx, { kind, key, tries, delayMs, dueMs }, { keepSooner: false }))
  }
}

function nameOf(kind: string, key: string): string {
  return `${kind}/${key}`
}
