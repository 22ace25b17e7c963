// Renews the keys of this device in a group, by a commit with a path (RFC 9420 §16.6). `renewals.ts` decides when. Whatever the server does,
// messages do not wait for it for long.

import { toHex } from "@nodoor/bytes"
import type { Jobs } from "../core/jobs.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { BuiltCommit } from "../group/commit/commit-builder.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { hasItem, setPlaced, setRank } from "../store/group/outbox.ts"
import { type OutboxItem, ranks } from "../store/group/outbox-item.ts"
import type { CommitRequests } from "./commit-request.ts"
import { isForeseen } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"
import { renewalLimits } from "./renewal-schedule.ts"
import type { Renewals } from "./renewals.ts"

/** Content waits no longer than this for a commit that the server accepted and does not deliver. */
export const renewalPatienceMs = 5_000
const unansweredJob = "renewal-unanswered"

export interface RenewalParts {
  readonly transactions: Transactions
  readonly renewals: Pick<Renewals, "failed">
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
  kick(groupId: Uint8Array): void
}

export class Renewal implements OutgoingKind {
  readonly waits: Waits = { forRemovals: false, forStops: true, forOwnCopy: true }
  readonly #parts: RenewalParts
  readonly #commits: CommitRequests
  /** By group: commits that the server accepted and has not delivered. */
  readonly #watched = new Map<string, { readonly group: GroupRow; readonly item: OutboxItem }>()

  constructor(parts: RenewalParts, commits: CommitRequests) {
    this.#parts = parts
    this.#commits = commits
    parts.jobs.register({ kind: unansweredJob, whileOnline: true, run: async (key) => await this.#unanswered(key) })
  }

  attended(group: GroupRow, item: OutboxItem): void {
    const key = toHex(group.groupId)
    if (item.status !== "placed" || this.#watched.has(key)) return
    this.#watched.set(key, { group, item })
    this.#parts.jobs.schedule({ kind: unansweredJob, key, inMs: renewalPatienceMs })
  }

  offline(): void {
    for (const key of this.#watched.keys()) this.#parts.jobs.cancel(unansweredJob, key)
    this.#watched.clear()
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    await this.#commits.prepare(group, item, { built: (tx, built) => this.#goesNow(tx, item, built) })
  }

  /** A large commit, as in a new large group, is sent after the message instead of before it. */
  #goesNow(tx: Transaction, item: OutboxItem, { request }: BuiltCommit): boolean {
    if (item.rank >= ranks.last || request.commit.length <= renewalLimits.aheadBytes) return true
    setRank(tx, item, ranks.last)
    return false
  }

  async post(request: Uint8Array): Promise<void> {
    await this.#commits.post(request)
  }

  placed(tx: Transaction, _: GroupRow, item: OutboxItem): void {
    setPlaced(tx, item)
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    if (!isForeseen(error)) throw error
    await this.#parts.transactions.run((tx) => this.#parts.renewals.failed(tx, group, item))
    return { status: "more" }
  }

  /** Content continues in the old epoch, which the server still accepts. */
  async #unanswered(key: string): Promise<void> {
    const watched = this.#watched.get(key)
    if (!watched) return
    this.#watched.delete(key)
    const { group, item } = watched
    await this.#parts.transactions.run(async (tx) => {
      if (await hasItem(tx, item.id)) await this.#parts.renewals.failed(tx, group, item)
    })
    this.#parts.kick(group.groupId)
  }
}
