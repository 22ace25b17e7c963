// Leaves a group: proposes to remove this device's leaf, or that of another own device. Another member commits the proposal.

import { equal } from "@nodoor/bytes"
import { type GroupState, members, propose } from "@nodoor/mls"
import type { OwnDevice } from "../core/own-device.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { deleteItem, isQueued, setPlaced } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { identify } from "../trust/trust.ts"
import type { Failures } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"
import { preparePost, sendPost } from "./post-request.ts"
import type { Posting } from "./posting.ts"

export interface LeaveParts {
  readonly own: Pick<OwnDevice, "signer">
  readonly posting: Pick<Posting, "post">
  readonly states: GroupStates
  readonly transactions: Transactions
}

export class Leave implements OutgoingKind {
  readonly waits: Waits = { forRemovals: false, forStops: true, forOwnCopy: true }
  readonly #parts: LeaveParts
  readonly #failures: Failures

  constructor(parts: LeaveParts, failures: Failures) {
    this.#parts = parts
    this.#failures = failures
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    const { states, transactions, own } = this.#parts
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      if (!state || !(await isQueued(tx, item))) return
      const leafIndex = leafOf(state, item.payload)
      if (leafIndex === undefined) return deleteItem(tx, item)
      const { change, message } = propose(states.environment(), state, {
        proposal: { type: "remove", leafIndex },
        signer: own.signer,
      })
      preparePost(states.environment(), tx, item, { state, body: message })
      states.save(tx, change)
    })
  }

  async post(request: Uint8Array): Promise<void> {
    await sendPost(this.#parts.posting, request)
  }

  placed(tx: Transaction, _: GroupRow, item: OutboxItem): void {
    setPlaced(tx, item)
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    return await this.#failures.usual(group, item, error, {
      giveUp: (tx, failure) => this.#failures.dropChange(tx, group, item, failure),
    })
  }
}

/** Empty: this device. Undefined when the other one is gone. */
function leafOf(state: GroupState, deviceId: Uint8Array): number | undefined {
  if (deviceId.length === 0) return state.ownLeafIndex
  const own = members(state).find(({ leafIndex }) => leafIndex === state.ownLeafIndex)
  const leaf = members(state)
    .map(identify)
    .find((one) => equal(one.deviceId, deviceId))
  return leaf && own && equal(leaf.accountId, identify(own).accountId) ? leaf.leafIndex : undefined
}
