// What the outbox needs to know of one kind of thing that this device sends to a group. Each kind has a file; `outgoing-kinds.ts` is the table.

import type { Transaction } from "../core/transaction.ts"
import type { GroupRow } from "../store/group/groups.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"

export interface OutgoingKind {
  readonly waits: Waits
  /** The item is the next of its group; called on every look at the group, also while the item has to wait. */
  attended?(group: GroupRow, item: OutboxItem): void
  /** Whether the item is posted again although the server says that it has it. */
  insists?(group: GroupRow, item: OutboxItem): boolean
  /** The connection is gone: what is waited for of the server begins anew with the next one. */
  offline?(): void
  /** Nothing waits in the group: puts what has become due into the outbox. Returns whether there was anything. */
  refill?(group: GroupRow): Promise<boolean>
  /**
   * Reads what is needed of the network, then fixes the request in one transaction (`setPrepared`), so that a crash sends the same bytes
   * again. Nothing of it leaves before it is stored. @throws what `failed` is handed
   */
  prepare(group: GroupRow, item: OutboxItem): Promise<void>
  /** Sends the request that was prepared, however often. @throws what `failed` is handed */
  post(request: Uint8Array): Promise<void>
  /** The server has it. */
  placed(tx: Transaction, group: GroupRow, item: OutboxItem): void
  /** What an error of `prepare` or `post` means: wait, make it anew, or give up and say so. @throws what is a bug */
  failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next>
}

/** What the items of a kind wait for, and what waits for them. */
export interface Waits {
  /** Waits until nobody is to be removed from the group any more. */
  readonly forRemovals: boolean
  /** Waits while an alarm stops the group, and while the server calls the epoch stale. */
  readonly forStops: boolean
  /** The next item of the group waits until the own copy of this one is back. */
  readonly forOwnCopy: boolean
}

/** What the outbox does next in a group: go on at once, nothing until it is woken, or try again after a while. */
export type Next = { readonly status: "more" } | { readonly status: "idle" } | { readonly status: "retry"; readonly afterMs: number }
