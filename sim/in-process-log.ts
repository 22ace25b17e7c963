// The production keeper of the transparency log in the same process, driven by a clock that is handed in: no threads, no witnesses.

import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { formatLogEntry } from "@nodoor/keylog"
import { type KeyLog, type LogKeeper, type Random, type Store, openKeeper } from "@nodoor/server"
import { WireError } from "@nodoor/wire"

export interface LogSurroundings {
  /** A folder of its own, for keys and database. */
  readonly folder: string
  /** What accounts are bound to. */
  readonly origin: string
  readonly store: Pick<Store, "accountFeed">
  readonly random: Random
  readonly nowMs: () => number
  /** Calls back after a while; the log is brought up to date then. */
  readonly after: (delayMs: number, run: () => void) => void
}

/** An account state as it was stored. */
export type FeedRow = Parameters<LogKeeper["build"]>[0]["rows"][number]

/** As the embedded default: an epoch a second. */
const epochMs = 1_000
const epochAtLeastEveryMs = 20 * 3_600_000
export const resetDelayMs = 86_400_000

/** Nobody but the server signs. */
const soloPolicy = formatLogEntry({ kind: "policy", quorum: 0, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] })

export class InProcessLog {
  readonly keeper: LogKeeper
  /** What becomes of a stored state before it is logged. */
  tamper: (row: FeedRow) => FeedRow = (row) => row
  /** Nothing is logged any more. */
  frozen = false
  /** How far ahead the clock is that epochs are dated by. */
  aheadMs = 0
  readonly #at: LogSurroundings
  readonly #close: () => void
  #due = false
  #closed = false

  constructor(at: LogSurroundings) {
    this.#at = at
    mkdirSync(at.folder, { recursive: true })
    const opened = openKeeper(
      {
        folder: join(at.folder, "keys"),
        databasePath: join(at.folder, "log.sqlite"),
        beginning: { origin: `${at.origin}/kt/1`, resetDelayMs, policy: soloPolicy },
      },
      { random: at.random },
    )
    this.keeper = opened.keeper
    this.#close = opened.close
    this.#hourly()
  }

  /** Logs and publishes everything that is stored. */
  async publish(): Promise<void> {
    if (this.frozen) return
    const { rows, tokenKeys } = await this.#at.store.accountFeed({ after: this.keeper.status().feedPosition, max: 1_000 })
    const nowMs = this.#at.nowMs() + this.aheadMs
    const evenEmpty = Math.abs(nowMs - (this.keeper.status().publishedAtMs ?? nowMs)) >= epochAtLeastEveryMs
    if (!this.keeper.build({ rows: rows.map((row) => this.tamper(row)), tokenKeys, nowMs, evenEmpty })) return
    this.keeper.publish({ note: this.keeper.draft({ knownSizes: [] }).note, nowMs: this.#at.nowMs() })
  }

  /** Logs and publishes what nobody stored: whoever holds the log's keys can. */
  insert(rows: readonly { readonly accountId: Uint8Array; readonly version: number; readonly state: Uint8Array }[]): void {
    const order = this.keeper.status().feedPosition
    this.keeper.build({ rows: rows.map((row) => ({ ...row, handle: undefined, order })), nowMs: this.#at.nowMs() })
    this.keeper.publish({ note: this.keeper.draft({ knownSizes: [] }).note, nowMs: this.#at.nowMs() })
  }

  /** The log as the routes of the server need it. */
  get keyLog(): KeyLog {
    const { keeper } = this
    return {
      search: async (request) => keeper.search({ request }),
      watchSet: async (label) => keeper.watchSet({ label }),
      config: async () => keeper.config(),
      inserted: async (request) => keeper.inserted(request),
      tokenKey: async (epoch) => keeper.tokenKey({ epoch }),
      file: async (path) => keeper.file({ path }),
      changed: () => this.#soon(),
      logged: async (label, version) => {
        await this.publish()
        if ((keeper.latestVersion({ label }) ?? -1) < version)
          throw new WireError("unavailable", "not in the log yet", { retryAfterMs: 1_000 })
      },
    }
  }

  close(): void {
    this.#closed = true
    this.#close()
  }

  #hourly(): void {
    this.#at.after(3_600_000, () => {
      if (this.#closed) return
      this.#hourly()
      void this.publish()
    })
  }

  #soon(): void {
    if (this.#due) return
    this.#due = true
    this.#at.after(epochMs, () => {
      this.#due = false
      void this.publish()
    })
  }
}
