// Makes the group in which a broken one goes on, if nobody before this device does, and forgets groups that are over.

import { equal, fromHex, toHex } from "@nodoor/bytes"
import { findDevice } from "@nodoor/keylog"
import { members } from "@nodoor/mls"
import { limits } from "@nodoor/wire"
import type { JobEnd, Jobs } from "../../core/jobs.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Part } from "../../core/part.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { findChat } from "../../store/chat/chats.ts"
import { type BrokenGroup, deleteBroken, findBroken } from "../../store/group/broken-groups.ts"
import { type GroupRow, findGroup } from "../../store/group/groups.ts"
import { countPendingJoins } from "../../store/group/introductions.ts"
import { identify } from "../../trust/trust.ts"
import { distinctAccounts } from "../action/known-accounts.ts"
import { type NewGroupParts, beginGroup } from "../action/new-group.ts"
import { type MovingParts, brokenForMs, endJob, forgetGroup, forgetLater, moveToSuccessor } from "./moving.ts"
import { type Succession, rankOf, successionOf } from "./succession.ts"

const kind = "successor"
/** Introductions that came while this device was away are taken first: somebody may have made the group long ago. */
const firstMs = 3_000
const firstAfterLongMs = 20_000
/** A commit that old was there before this device came back. */
const longMs = 2 * 3_600_000
/** The next who may make it waits this much longer, and more among many people, who take longer to be let in. */
const stepMs = 30_000
const stepForEachMs = 100
const stepsMax = 40
/** An invitation that is on its way may be to that very group. */
const invitedMs = 5_000
const invitedWithinMs = 300_000

export interface SuccessorsParts extends NewGroupParts, Omit<MovingParts, "jobs" | "states"> {
  readonly own: NewGroupParts["own"] & Pick<OwnDevice, "deviceId">
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly clock: Clock
  readonly transactions: Transactions
}

export class Successors implements Part {
  readonly #parts: SuccessorsParts
  #onlineMs = 0

  constructor(parts: SuccessorsParts) {
    this.#parts = parts
    parts.jobs.register({ kind, stored: true, whileOnline: true, run: (key) => this.#make(fromHex(key)) })
    parts.jobs.register({ kind: endJob, stored: true, run: (key) => this.#end(fromHex(key)) })
  }

  online(): void {
    this.#onlineMs = this.#parts.clock.nowMs()
  }

  offline(): void {}

  close(): void {}

  /** A commit of that hour broke the group. */
  broken(
    tx: Transaction,
    groupId: Uint8Array,
    { succession, placedMs }: { readonly succession: Succession; readonly placedMs: number },
  ): void {
    const { jobs, own, clock } = this.#parts
    const rank = Math.min(rankOf(succession, own), stepsMax)
    const first = clock.nowMs() - placedMs > longMs ? firstAfterLongMs : firstMs
    const step = stepMs + stepForEachMs * succession.remaining.length
    jobs.schedule({ kind, key: toHex(groupId), inMs: first + rank * step }, tx)
    forgetLater(this.#parts, tx, groupId, brokenForMs)
  }

  async #make(groupId: Uint8Array): Promise<JobEnd> {
    return await this.#parts.transactions.run(async (tx): Promise<JobEnd> => {
      const group = await findGroup(tx, groupId)
      const broken = group?.status === "succeeded" ? await findBroken(tx, groupId) : undefined
      if (!group || !broken || broken.successor) return
      const waitMs = await this.#waitMs(tx, broken)
      if (waitMs > 0) return { againInMs: waitMs }
      const state = await this.#parts.states.find(tx, groupId)
      const { epoch, policy, predecessors } = group
      const succession = state && successionOf({ groupId, epoch, policy, predecessors, leaves: members(state).map(identify) }, broken)
      if (succession && (await this.#speaksForItsAccount())) await this.#begin(tx, { group, broken, succession })
    })
  }

  async #waitMs(tx: Transaction, { brokenMs }: BrokenGroup): Promise<number> {
    const nowMs = this.#parts.clock.nowMs()
    const readyMs = this.#onlineMs + firstMs
    if (nowMs < readyMs) return readyMs - nowMs
    const isInvited = (await countPendingJoins(tx)) > 0
    return isInvited && nowMs < Math.max(brokenMs, this.#onlineMs) + invitedWithinMs ? invitedMs : 0
  }

  /** One that was removed from its account makes nothing in its name. */
  async #speaksForItsAccount(): Promise<boolean> {
    const { trust, own } = this.#parts
    const account = await trust.latest(own.accountId)
    return account !== undefined && findDevice(account.state, own.deviceId) !== undefined
  }

  async #begin(
    tx: Transaction,
    { group, broken, succession }: { readonly group: GroupRow; readonly broken: BrokenGroup; readonly succession: Succession },
  ): Promise<void> {
    const { own, clock } = this.#parts
    const chat = await findChat(tx, group.chatId)
    if (!chat) return
    const accounts = distinctAccounts(succession.remaining.map(({ accountId }) => accountId))
    const peers = accounts.filter((accountId) => !equal(accountId, own.accountId))
    const { predecessors, policy } = succession
    const successor = this.#parts.random(limits.groupIdBytes)
    await beginGroup(this.#parts, tx, policy, { peers, chat, follows: { groupId: successor, predecessors } })
    // Nobody has to be let in where nobody else is left.
    const foundedMs = succession.remaining.length > 1 ? undefined : clock.nowMs()
    await moveToSuccessor(this.#parts, tx, { group, broken }, { groupId: successor, foundedMs, rank: rankOf(succession, own) })
  }

  async #end(groupId: Uint8Array): Promise<void> {
    await this.#parts.transactions.run(async (tx) => {
      await forgetGroup(this.#parts, tx, groupId)
      deleteBroken(tx, groupId)
    })
  }
}
