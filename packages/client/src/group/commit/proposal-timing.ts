// When this device commits what somebody proposed. Members do it in the order of their leaves, some time apart, so that mostly one does. The
// one that proposed its own leave commits nothing.

import { fromHex, toHex } from "@nodoor/bytes"
import { members } from "@nodoor/mls"
import type { Jobs } from "../../core/jobs.ts"
import type { Part } from "../../core/part.ts"
import type { Transactions } from "../../core/transaction.ts"
import { findGroup, listProposedGroups } from "../../store/group/groups.ts"
import { enqueueProposals } from "../../store/group/outbox-item.ts"
import { readerOf } from "../../store/reader.ts"
import type { GroupStates } from "../group-states.ts"

const kind = "proposals"
const stepMs = 2_000
const stepsMax = 10

export interface ProposalTimingParts {
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly transactions: Transactions
  readonly states: Pick<GroupStates, "find">
  /** There may be something to send in this group. */
  kick(groupId: Uint8Array): void
  fault(error: unknown): void
}

export class ProposalTiming implements Part {
  readonly #parts: ProposalTimingParts

  constructor(parts: ProposalTimingParts) {
    this.#parts = parts
    parts.jobs.register({ kind, run: (key) => this.#commit(fromHex(key)) })
  }

  /** Somebody's proposal waits in this group for a commit. */
  wait(groupId: Uint8Array): void {
    const { jobs, transactions, states, fault } = this.#parts
    transactions
      .run(async (tx) => {
        const state = await states.find(tx, groupId)
        if (!state) return
        const rank = members(state).filter((member) => member.leafIndex < state.ownLeafIndex).length
        jobs.schedule({ kind, key: toHex(groupId), inMs: Math.min(rank, stepsMax) * stepMs, keepSooner: true }, tx)
      })
      .catch((error: unknown) => fault(error))
  }

  online(): void {
    const { transactions, fault } = this.#parts
    listProposedGroups(readerOf(transactions.database)).then(
      (groups) => groups.forEach((groupId) => this.wait(groupId)),
      (error: unknown) => fault(error),
    )
  }

  offline(): void {}

  close(): void {}

  async #commit(groupId: Uint8Array): Promise<void> {
    const { transactions, kick } = this.#parts
    await transactions.run(async (tx) => {
      const group = await findGroup(tx, groupId)
      if (group?.status !== "active" || group.proposals === 0) return
      await enqueueProposals(tx, groupId)
      tx.after(() => kick(groupId))
    })
  }
}
