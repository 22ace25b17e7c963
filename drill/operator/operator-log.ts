// The operator's log: the production keeper with the log's real keys, fed with whatever the operator wants in it, signing whatever is
// built. A copy of its files is a second log under the same keys: a fork.

import { cpSync } from "node:fs"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { WireError } from "@nodoor/wire"
import { formatLogEntry } from "@nodoor/keylog"
import { type KeyLog, LogKeeper, openKeeper } from "@nodoor/server"
import type { FeedRow } from "./feed-row.ts"

export const dayMs = 86_400_000

/** Nobody but the operator signs: a log that is not independently witnessed, the operator's best case. */
const soloPolicy = formatLogEntry({ kind: "policy", quorum: 0, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] })

export class OperatorLog {
  readonly keeper: LogKeeper
  readonly #folder: string
  readonly #origin: string
  readonly #close: () => void
  /** What becomes of a row before it is logged. Undefined: it is left out for good. */
  tamper: (row: FeedRow) => FeedRow | undefined = (row) => row
  /** Highest row of the accounts that was looked at. */
  #seen = 0

  private constructor(folder: string, origin: string, seen: number) {
    const files = { folder: join(folder, "keys"), databasePath: join(folder, "log.sqlite") }
    const opened = openKeeper(
      { ...files, beginning: { origin: `${origin}/kt/1`, resetDelayMs: dayMs, policy: soloPolicy } },
      { random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)) },
    )
    this.keeper = opened.keeper
    this.#close = opened.close
    this.#folder = folder
    this.#origin = origin
    this.#seen = seen
  }

  static open(folder: string, origin: string): OperatorLog {
    return new OperatorLog(folder, origin, 0)
  }

  /** Another log with the same keys and the same past, from here on with its own future. */
  fork(name: string): OperatorLog {
    const folder = `${this.#folder}-${name}`
    cpSync(this.#folder, folder, { recursive: true })
    return new OperatorLog(folder, this.#origin, this.#seen)
  }

  /** Logs and signs what there is to log. `rows` are all account states from the first one on. */
  publish(rows: readonly FeedRow[], nowMs: number): void {
    const fresh = rows.filter((row) => row.order > this.#seen)
    this.#seen = Math.max(this.#seen, ...fresh.map((row) => row.order))
    const taken = fresh.flatMap((row) => this.tamper(row) ?? [])
    this.keeper.prepare({ rows: taken })
    if (!this.keeper.build({ rows: taken, nowMs })) return
    this.keeper.publish({ note: this.keeper.draft({ knownSizes: [] }).note, nowMs })
  }

  /** The doors of the production server, answered from this log. */
  doors(onChange: () => void): KeyLog {
    return {
      search: async (request) => this.keeper.search({ request }),
      watchSet: async (label) => this.keeper.watchSet({ label }),
      config: async () => this.keeper.config(),
      inserted: async (request) => this.keeper.inserted(request),
      file: async (path) => this.keeper.file({ path }),
      changed: onChange,
      logged: async (label, version) => {
        onChange()
        if ((this.keeper.latestVersion({ label }) ?? -1) < version) throw new WireError("unavailable", "not in the log yet")
      },
    }
  }

  close(): void {
    this.#close()
  }
}
