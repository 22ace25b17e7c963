// What the outbox needs to know about one kind of outgoing thing. Each kind has its own file, and `outgoing-kinds.ts` is the table of them.

import type { Transaction } from "../core/transaction.ts"
import type { GroupRow } from "../store/group/groups.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"

export interface OutgoingKind {
  readonly waits: Waits
  /** Goes also while this device waits to be let in again, if its own keys are sound (`letsOthersIn`). */
  readonly letsOthersIn?: true
  /** The item is the next one of its group. Called each time the outbox looks at the group, also while the item has to wait. */
  attended?(group: GroupRow, item: OutboxItem): void
  /** Whether the item is posted again although the server says that it has it. */
  insists?(group: GroupRow, item: OutboxItem): boolean
  /** The connection is gone. Waiting for the server starts again with the next connection. */
  offline?(): void
  /** Called when nothing waits in the group. Queues what is due, and returns whether there was anything. */
  refill?(group: GroupRow): Promise<boolean>
  /**
   * Fetches what it needs from the network, then stores the request in one transaction (`setPrepared`). Nothing is sent before it is stored,
   * and the same bytes are sent again after a crash. Errors are passed to `failed`.
   */
  prepare(group: GroupRow, item: OutboxItem): Promise<void>
  /**
   * Of kinds whose items go many at a time: prepares the first of these items and as many of the others, in order, as it likes, in one
   * transaction. Those that are prepared are posted together.
   */
  prepareMany?(group: GroupRow, items: readonly OutboxItem[]): Promise<void>
  /** Sends the prepared request. May be called again with the same bytes. Errors are passed to `failed`. */
  post(request: Uint8Array): Promise<void>
  /** The server has it. */
  placed(tx: Transaction, group: GroupRow, item: OutboxItem): void
  /** Handles an error of `prepare` or `post`: waits, prepares again, or gives up and reports it. @throws errors that are bugs */
  failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next>
}

/** What the items of a kind wait for, and whether others wait for them. */
export interface Waits {
  /** Waits until all removals from the group are done. */
  readonly forRemovals: boolean
  /** Waits while an alarm stops the group, and while the server calls the epoch stale. */
  readonly forStops: boolean
  /** The next item of the group waits until the own copy of this one is back. */
  readonly forOwnCopy: boolean
}

/** What the outbox does next in a group: go on at once, nothing until it is woken, or try again after a while. */
export type Next = { readonly status: "more" } | { readonly status: "idle" } | { readonly status: "retry"; readonly afterMs: number }
