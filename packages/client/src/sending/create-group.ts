// Registers a new group at the server. Nothing else is sent in the group before.

import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { createRequest, numberedRequest, storedRequest } from "../group/seat/posting-request.ts"
import { setChatState } from "../store/chat/chats.ts"
import { type GroupRow, setGroupStatus } from "../store/group/groups.ts"
import { deleteItem, setPrepared } from "../store/group/outbox.ts"
import { failOutbox } from "../store/group/outbox-failure.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { findOwnSeat } from "../store/group/seats.ts"
import type { Failures } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"
import type { Posting } from "./posting.ts"

export interface CreateGroupParts {
  readonly posting: Pick<Posting, "create">
  readonly states: GroupStates
  readonly transactions: Transactions
  /** The delivery service knows another seat of this device. */
  seatsChanged(): void
}

export class CreateGroup implements OutgoingKind {
  readonly waits: Waits = { forRemovals: false, forStops: true, forOwnCopy: true }
  readonly #parts: CreateGroupParts
  readonly #failures: Failures

  constructor(parts: CreateGroupParts, failures: Failures) {
    this.#parts = parts
    this.#failures = failures
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    const { states, transactions } = this.#parts
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      const own = await findOwnSeat(tx, group.groupId)
      if (!state || !own) return
      const request = storedRequest(createRequest(states.environment(), state, own))
      setPrepared(tx, item, { request, epoch: 0, bodyHash: undefined })
    })
  }

  async post(request: Uint8Array): Promise<void> {
    const item = numberedRequest(request, 0)
    if (item.type !== "create") throw new TypeError("not a creation")
    await this.#parts.posting.create(item)
  }

  placed(tx: Transaction, _: GroupRow, item: OutboxItem): void {
    deleteItem(tx, item)
    tx.after(() => this.#parts.seatsChanged())
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    return await this.#failures.usual(group, item, error, {
      // Nothing can be sent in a group that the delivery service does not know.
      giveUp: async (tx, failure) => {
        failOutbox(tx, group, failure)
        await this.#failures.report(tx, group, failure)
        setGroupStatus(tx, group.groupId, "halted")
        setChatState(tx, group.chatId, "halted")
      },
    })
  }
}
