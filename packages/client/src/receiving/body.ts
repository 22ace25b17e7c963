// Receives a body that a member posted to a group. It is added to the group's history. Then it is either the own copy of something this device
// posted, or MLS decrypts it.

import { CodecError, equal } from "@nodoor/bytes"
import { type GroupState, MlsError, type Processed, isOfLaterSelf, process } from "@nodoor/mls"
import { type CommitRecord, type PostRecord, messageOf } from "../core/group-record.ts"
import type { Transaction } from "../core/transaction.ts"
import { CommitApplication, type CommitApplicationParts } from "../group/commit/commit-application.ts"
import type { GroupStates } from "../group/group-states.ts"
import { appendHistory } from "../group/history/history.ts"
import { historyContradicted } from "../group/history/history-claim.ts"
import { noteMismatch } from "../group/history/history-mismatch.ts"
import { findBroken } from "../store/group/broken-groups.ts"
import { countDropped } from "../store/dropped.ts"
import { type GroupRow, findGroup, setGroupOrder } from "../store/group/groups.ts"
import { isBehindGap } from "../store/group/reading.ts"
import { findOwnBody } from "../store/group/own-bodies.ts"
import { type HealingParts, beginHealing } from "../group/rejoin/healing.ts"
import { findRejoin } from "../store/rejoin/healing.ts"
import { findOwnSeat } from "../store/group/seats.ts"
import { type Lookups, identify } from "../trust/trust.ts"
import type { IdentifiedMember } from "../trust/device/identified-member.ts"
import type { Arrival, BodyRecord } from "./arrival.ts"
import { type CommitIntakeParts, takeCommit } from "./commit.ts"
import { type OwnCopyParts, takeOwnCopy } from "./own-copy.ts"
import { type ProposalIntakeParts, takeProposal } from "./proposal.ts"
import { isLost, keepUnreadable } from "./unreadable.ts"

export interface BodyIntakeParts extends Omit<CommitApplicationParts, "trust">, HealingParts {
  readonly own: CommitApplicationParts["own"] & CommitIntakeParts["own"]
  readonly successors: CommitIntakeParts["successors"]
  readonly states: GroupStates
  readonly trust: CommitApplicationParts["trust"] & CommitIntakeParts["trust"] & ProposalIntakeParts["trust"]
  readonly content: ContentPort
  proposalsWait(groupId: Uint8Array): void
  /** Something is there that could not be read. */
  missedDue(): void
}

/** Takes in what an application message holds. */
export interface ContentPort {
  take(
    tx: Transaction,
    message: {
      readonly group: GroupRow
      readonly sender: IdentifiedMember
      readonly padded: Uint8Array
      readonly epoch: number
      readonly record: PostRecord
      readonly looks: Lookups
    },
  ): Promise<void>
}

export class BodyIntake {
  readonly #parts: BodyIntakeParts & OwnCopyParts & CommitIntakeParts

  constructor(parts: BodyIntakeParts) {
    this.#parts = { ...parts, commits: new CommitApplication(parts) }
  }

  async take(tx: Transaction, record: BodyRecord, looks: Lookups): Promise<void> {
    const { crypto } = this.#parts
    const group = await findGroup(tx, record.groupId)
    if (!group || group.status === "left" || record.order <= group.lastOrder) return
    const bodyHash = crypto.sha256(messageOf(record))
    await this.#takePlace(tx, group, { record, bodyHash })
    if (record.kind === "commit" && (await this.#isAskedFor(tx, record))) return
    const own = await findOwnBody(tx, { groupId: record.groupId, bodyHash })
    const state = await this.#stateOf(tx, group)
    if (!state) return record.kind === "post" ? await keepUnreadable(this.#parts, tx, { group, record }, "broken_records") : undefined
    if (group.status === "succeeded") return await this.#takeLate(tx, { group, state, record, looks })
    if (own) return await takeOwnCopy(this.#parts, tx, { group, state, record, bodyHash, own })
    if (record.kind === "commit") return await takeCommit(this.#parts, tx, { group, state, record, looks })
    await this.#takePost(tx, { group, state, record, looks })
  }

  /** The commit that lets this device in again as it asked: it takes the old seat, and the new one has its own record of it. */
  async #isAskedFor(tx: Transaction, { groupId, removes, adds }: CommitRecord): Promise<boolean> {
    const own = await findOwnSeat(tx, groupId)
    if (!own || !removes.some((seat) => equal(seat, own.seat))) return false
    for (const { seat } of adds)
      if (await findRejoin(tx, { groupId, seat })) {
        tx.after(() => this.#parts.seatsChanged())
        return true
      }
    return false
  }

  /** Undefined when there is none, or nothing can be read of it any more. */
  async #stateOf(tx: Transaction, group: GroupRow): Promise<GroupState | undefined> {
    try {
      return await this.#parts.states.find(tx, group.groupId)
    } catch (error) {
      if (!(error instanceof MlsError || error instanceof CodecError)) throw error
      await beginHealing(this.#parts, tx, group, "commit")
      return undefined
    }
  }

  /** One history for all: orders without gaps but those that the server admitted, and the chain that others say they have seen. */
  async #takePlace(
    tx: Transaction,
    group: GroupRow,
    { record, bodyHash }: { readonly record: BodyRecord; readonly bodyHash: Uint8Array },
  ): Promise<void> {
    const { groupId, order } = record
    if (order !== group.lastOrder + 1 && !(await isBehindGap(tx, groupId, order)))
      await noteMismatch(this.#parts, tx, group, { place: record, code: "gap" })
    const others = await appendHistory(tx, this.#parts.crypto.sha256, { groupId, order, bodyHash })
    for (const by of others) await historyContradicted(this.#parts, tx, group, { record, by })
    setGroupOrder(tx, groupId, order)
  }

  /**
   * After a commit broke the group: what members had posted before they knew is still taken in. Of the device that broke it, and of what does
   * not open, nothing is.
   */
  async #takeLate(tx: Transaction, arrival: Arrival): Promise<void> {
    const { states, content } = this.#parts
    const { group, state, record, looks } = arrival
    const broken = await findBroken(tx, group.groupId)
    if (record.kind === "commit" || !broken) return countDropped(tx, "post")
    try {
      const processed = process(states.environment(), state, record.body)
      if (processed.kind !== "application" || processed.sender.leafIndex === broken.leafIndex) return countDropped(tx, "post")
      states.save(tx, processed.change)
      const { sender, plaintext: padded, epoch } = processed
      await content.take(tx, { group, sender: identify(sender), padded, epoch: Number(epoch), record, looks })
    } catch (error) {
      if (!(error instanceof MlsError || error instanceof CodecError)) throw error
      countDropped(tx, "post")
    }
  }

  async #takePost(tx: Transaction, arrival: Arrival<PostRecord>): Promise<void> {
    const { states, content } = this.#parts
    const { group, state, record, looks } = arrival
    let processed: Processed
    try {
      processed = process(states.environment(), state, record.body)
    } catch (error) {
      if (!(error instanceof MlsError || error instanceof CodecError)) throw error
      if (error.code === "own_message" && isOfLaterSelf(states.environment(), state, record.body)) {
        await beginHealing(this.#parts, tx, group, "copy")
        return await keepUnreadable(this.#parts, tx, arrival, error.code)
      }
      // It was taken in before: the server takes the same body again after a while.
      if (error.code === "own_message" || error.code === "generation_consumed") return
      await keepUnreadable(this.#parts, tx, arrival, error.code)
      if (await isLost(tx, arrival, error.code)) await beginHealing(this.#parts, tx, group, "message")
      return
    }
    tx.trace("intake", "processed", { kind: processed.kind, record: record.kind })
    switch (processed.kind) {
      case "application": {
        states.save(tx, processed.change)
        const { sender, plaintext: padded, epoch } = processed
        return await content.take(tx, { group, sender: identify(sender), padded, epoch: Number(epoch), record, looks })
      }
      case "proposal":
        return await takeProposal(this.#parts, tx, arrival, processed)
      case "commit":
        // It moved no epoch, so it is nothing.
        states.save(tx, processed.change)
        return await keepUnreadable(this.#parts, tx, arrival, "commit_out_of_band")
    }
  }
}
