// Removes members from a group: people whom somebody removed, leaves that their accounts no longer list, and members who asked to leave.
// Whatever the server answers, a removal is tried until its commit is applied, and nothing else is sent before.

import { CodecError, toHex } from "@nodoor/bytes"
import { MlsError, type Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { DeliveryRefusal } from "@nodoor/wire/delivery"
import { doubledMs } from "../core/backoff.ts"
import { ClientError } from "../core/client-error.ts"
import type { Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { endRemovalAlarm, raiseRemovalAlarm, removalOf } from "../group/membership/removals.ts"
import { type GroupRow, forgetProposals } from "../store/group/groups.ts"
import { hasItem, setPlaced } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { sendingTexts } from "../texts/en.ts"
import type { Trust } from "../trust/trust.ts"
import type { CommitRequests } from "./commit-request.ts"
import { type Failure, type Failures, isForeseen, isPassing, lastRetryMs, later, maxAttempts } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"

/** A removal that is not applied after this time raises a red alarm and is posted again. The pause doubles each time. */
const patience = { firstMs: 20_000, lastMs: 600_000 } as const
const overdueJob = "removal-overdue"

export interface RemovalParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly clock: Clock
  readonly random: Random
  readonly transactions: Transactions
  readonly trust: Pick<Trust, "hasEnded" | "heldUntilMs">
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
  kick(groupId: Uint8Array): void
}

export class Removal implements OutgoingKind {
  /** Alarms that stop content do not stop a removal, nor does a server that calls every epoch stale. */
  readonly waits: Waits = { forRemovals: false, forStops: false, forOwnCopy: true }
  readonly #parts: RemovalParts
  readonly #commits: CommitRequests
  readonly #failures: Failures
  /** By group: the next removal, while it is waited for. */
  readonly #watched = new Map<string, { readonly group: GroupRow; readonly item: OutboxItem }>()
  /** By group: the removal that is posted again, whatever the server said. */
  readonly #overdue = new Map<string, number>()

  constructor(parts: RemovalParts, commits: CommitRequests, failures: Failures) {
    this.#parts = parts
    this.#commits = commits
    this.#failures = failures
    parts.jobs.register({ kind: overdueJob, whileOnline: true, run: async (key) => await this.#late(key) })
  }

  /** Starts the time after which an alarm is raised and the removal is posted again, even if the server accepted it or called it stale. */
  attended(group: GroupRow, item: OutboxItem): void {
    const key = toHex(group.groupId)
    if (this.#watched.has(key)) return
    this.#watched.set(key, { group, item })
    this.#parts.jobs.schedule({ kind: overdueJob, key, inMs: doubledMs(item.attempts, patience) })
  }

  /** Time without a connection does not count. */
  offline(): void {
    for (const key of this.#watched.keys()) this.#parts.jobs.cancel(overdueJob, key)
    this.#watched.clear()
  }

  insists(group: GroupRow, item: OutboxItem): boolean {
    const key = toHex(group.groupId)
    const insists = this.#overdue.get(key) === item.id
    this.#overdue.delete(key)
    return insists
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    await this.#commits.prepare(group, item)
  }

  async post(request: Uint8Array): Promise<void> {
    await this.#commits.post(request)
  }

  placed(tx: Transaction, _: GroupRow, item: OutboxItem): void {
    setPlaced(tx, item)
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    if (!isForeseen(error)) throw error
    return await this.#tryOn(group, item, error)
  }

  /** The pauses get longer. A removal is given up only if it commits proposals of others that no commit can carry. */
  async #tryOn(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    const attempts = await this.#failures.attempt(item)
    const unbuildable = error instanceof MlsError || error instanceof CodecError || error instanceof ClientError
    if (unbuildable && attempts >= maxAttempts && removalOf(item)?.type === "proposals") {
      const failure = { code: "not_allowed", message: sendingTexts.leaveLapsed }
      return await this.#failures.giveUp({ giveUp: (tx, why) => this.#lapse(tx, group, item, why) }, failure)
    }
    if (!isPassing(error)) await this.#tell(group, item)
    if (error instanceof DeliveryRefusal && error.code === "epoch_stale") this.#failures.noteStale(group, item)
    const hasPause = error instanceof WireError || error instanceof DeliveryRefusal || error instanceof ClientError
    const retryAfterMs = hasPause ? (error.retryAfterMs ?? 0) : 0
    const pauseMs = attempts > maxAttempts ? doubledMs(attempts - maxAttempts, { firstMs: lastRetryMs, lastMs: patience.lastMs }) : 0
    return later(Math.max(pauseMs, this.#failures.backoff(attempts), Math.min(retryAfterMs, lastRetryMs)))
  }

  /** Proposals lapse with the epoch, so nothing waits for them. */
  async #lapse(tx: Transaction, group: GroupRow, item: OutboxItem, failure: Failure): Promise<void> {
    forgetProposals(tx, group.groupId)
    await this.#failures.dropChange(tx, group, item, failure)
    endRemovalAlarm(tx, group, this.#parts.clock.nowMs())
  }

  async #late(key: string): Promise<void> {
    const watched = this.#watched.get(key)
    if (!watched) return
    this.#watched.delete(key)
    this.#overdue.set(key, watched.item.id)
    await this.#tell(watched.group, watched.item)
    this.#parts.kick(watched.group.groupId)
  }

  /** Raises the alarm unless the removal was done in the meantime. */
  async #tell(group: GroupRow, item: OutboxItem): Promise<void> {
    await this.#parts.transactions.run(async (tx) => {
      const removal = removalOf(item)
      if (removal && (await hasItem(tx, item.id))) await raiseRemovalAlarm(this.#parts, tx, { group, removal })
    })
  }
}
