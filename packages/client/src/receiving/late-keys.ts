// Erases keys for late messages and past epochs after seven days, also in groups where nothing happens. With these keys, a copy of the store could
// decrypt recorded messages.

import { forgetOld } from "@nodoor/mls"
import type { Jobs } from "../core/jobs.ts"
import type { Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { listGroupsWithLateKeys } from "../store/group/mls-records.ts"
import { readerOf } from "../store/reader.ts"

const kind = "late-keys"
/** Not more often, so that a short command does not read every group. */
const everyMs = 20 * 3_600_000

export interface LateKeysParts {
  readonly jobs: Pick<Jobs, "register" | "schedule" | "isScheduled">
  readonly transactions: Transactions
  readonly states: GroupStates
}

export class LateKeys {
  readonly #parts: LateKeysParts

  constructor(parts: LateKeysParts) {
    this.#parts = parts
    parts.jobs.register({ kind, stored: true, run: () => this.#forget() })
  }

  /** Once the stored jobs are known. */
  open(): void {
    if (!this.#parts.jobs.isScheduled(kind)) this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  /** Erases what is past its time in every group that holds any. Each group is a transaction of its own. */
  async #forget(): Promise<{ readonly againInMs: number }> {
    const { transactions, states } = this.#parts
    for (const groupId of await listGroupsWithLateKeys(readerOf(transactions.database)))
      await transactions.run(async (tx) => {
        const state = await states.find(tx, groupId)
        if (!state) return
        const change = forgetOld(states.environment(), state)
        if (change.writes.length > 0) states.save(tx, change)
      })
    return { againInMs: everyMs }
  }
}
