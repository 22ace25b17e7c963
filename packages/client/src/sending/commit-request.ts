// Shared by all kinds of commits. A commit is built from an intent for the present epoch, stored with the secrets of the next epoch, and posted
// with the GroupInfo that all newcomers share. Their introductions are stored with it, and are sent
// once it is taken in.

import { type CryptoProvider, encodeStaged } from "@nodoor/mls"
import type { Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { ClaimedDevice } from "../group/commit/claimed-devices.ts"
import { type BuiltCommit, CommitBuilder, type CommitBuilderParts } from "../group/commit/commit-builder.ts"
import type { GroupStates } from "../group/group-states.ts"
import { numberedRequest, storedRequest } from "../group/seat/posting-request.ts"
import { insertIntroduction } from "../store/group/introductions.ts"
import { findOwnSeat, listSeats, setNextSeatSecret } from "../store/group/seats.ts"
import { endRemovalAlarm } from "../group/membership/removals.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { type Intent, decodeIntent } from "../store/group/intent.ts"
import { deleteItem, isQueued, setPrepared } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { insertOwnBody } from "../store/group/own-bodies.ts"
import type { Posting } from "./posting.ts"
import type { Renewals } from "./renewals.ts"

export interface CommitRequestParts extends CommitBuilderParts {
  readonly clock: Clock
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly posting: Pick<Posting, "commit">
  readonly states: GroupStates
  readonly transactions: Transactions
  readonly renewals: Pick<Renewals, "ridesAlong">
}

/** What a kind adds when its commits are built. */
export interface Making {
  readonly claims?: readonly ClaimedDevice[]
  /** Called before the commit is stored. False: it is not stored now. */
  built?(tx: Transaction, built: BuiltCommit): Promise<boolean> | boolean
}

export class CommitRequests {
  readonly #parts: CommitRequestParts
  readonly #builder: CommitBuilder

  constructor(parts: CommitRequestParts) {
    this.#parts = parts
    this.#builder = new CommitBuilder(parts)
  }

  async prepare(group: GroupRow, item: OutboxItem, { claims = [], built: accept }: Making = {}): Promise<void> {
    const intent = decodeIntent(item.payload)
    const { states, transactions, crypto } = this.#parts
    await transactions.run(async (tx) => {
      const state = await states.find(tx, group.groupId)
      if (!state || !(await isQueued(tx, item))) return
      const ownSeat = await findOwnSeat(tx, group.groupId)
      if (!ownSeat) return
      const seated = { state, seats: await listSeats(tx, group.groupId), ownSeat }
      const built = await this.#builder.build(seated, intent, claims, { forcePath: await this.#forcesPath(tx, group, intent) })
      if (!built) {
        deleteItem(tx, item)
        return endRemovalAlarm(tx, group, this.#parts.clock.nowMs())
      }
      if (accept && !(await accept(tx, built))) return
      const { epoch, commit } = built.request
      const { groupId } = group
      const bodyHash = crypto.sha256(commit)
      setPrepared(tx, item, { request: storedRequest(built.request), epoch, bodyHash })
      const { id: outboxId, messageId } = item
      insertOwnBody(tx, { groupId, bodyHash, outboxId, messageId, epoch, staged: encodeStaged(built.own.staged) })
      // RFC 9420 §9.1: a commit built again in this epoch must not be sealed with the same key.
      states.save(tx, built.own.change)
      for (const introduction of built.introductions) insertIntroduction(tx, { groupId, commitHash: bodyHash }, introduction)
      if (built.nextSecret) setNextSeatSecret(tx, groupId, built.nextSecret)
    })
  }

  async #forcesPath(tx: Transaction, { groupId }: GroupRow, intent: Intent): Promise<boolean> {
    if (intent.type === "renew") return true
    const group = await findGroup(tx, groupId)
    return group !== undefined && (await this.#parts.renewals.ridesAlong(tx, group))
  }

  async post(request: Uint8Array): Promise<void> {
    const item = numberedRequest(request, 0)
    if (item.type !== "commit") throw new TypeError("not a commit")
    await this.#parts.posting.commit(item)
  }
}
