// A change of a group's name, roles or rules.

import type { Transaction } from "../core/transaction.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { setPlaced } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import type { CommitRequests } from "./commit-request.ts"
import { type Failures, untilItsCopyDecides } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"

export class Change implements OutgoingKind {
  /** Members that must be removed do not learn a new name, rules or roles. */
  readonly waits: Waits = { forRemovals: true, forStops: true, forOwnCopy: true }
  readonly #commits: CommitRequests
  readonly #failures: Failures

  constructor(commits: CommitRequests, failures: Failures) {
    this.#commits = commits
    this.#failures = failures
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
    return await this.#failures.usual(group, item, error, {
      giveUp: (tx, failure) => this.#failures.dropChange(tx, group, item, failure),
      stale: untilItsCopyDecides,
    })
  }
}
