// Chats that were muted until some time are heard again when it has come.

import type { Changes } from "../core/changes.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { Clock } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import { endMutes } from "../store/chat/chats.ts"

const kind = "mutes"

export interface MutesParts {
  readonly clock: Clock
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly transactions: Pick<Transactions, "run">
}

export class Mutes {
  readonly #parts: MutesParts

  constructor(parts: MutesParts) {
    this.#parts = parts
    parts.jobs.register({ kind, run: () => this.#end() })
  }

  /** Also when the device is opened. */
  look(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  changed({ mutes }: Pick<Changes, "mutes">): void {
    if (mutes) this.look()
  }

  async #end(): Promise<JobEnd> {
    const { clock, transactions } = this.#parts
    const nextMs = await transactions.run((tx) => endMutes(tx, clock.nowMs()))
    return nextMs === undefined ? undefined : { againInMs: nextMs - clock.nowMs() }
  }
}
