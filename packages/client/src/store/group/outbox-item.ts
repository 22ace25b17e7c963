// One thing to be sent, as the outbox keeps it, and how it gets in there. `outbox.ts` says what becomes of it.

import type { AccountId } from "@nodoor/keylog"
import type { Row } from "../../core/ports.ts"
import { findGroup } from "./groups.ts"
import { type Intent, encodeIntent } from "./intent.ts"
import type { Transaction } from "../../core/transaction.ts"

export interface OutboxItem {
  readonly id: number
  /** A name in the table of `sending/outgoing-kinds.ts`. */
  readonly kind: string
  readonly payload: Uint8Array
  readonly messageId: Uint8Array | undefined
  /** `uploading`: its file is not on the server yet. `failed`: kept so that its person can have it sent again. */
  readonly status: "uploading" | "queued" | "prepared" | "placed" | "failed"
  readonly epoch: number | undefined
  readonly request: Uint8Array | undefined
  readonly attempts: number
  readonly rank: number
}

export function itemFromRow(row: Row): OutboxItem {
  return {
    id: Number(row["id"]),
    kind: row["kind"] as OutboxItem["kind"],
    payload: row["payload"] as Uint8Array,
    messageId: (row["message_id"] as Uint8Array | null) ?? undefined,
    status: row["status"] as OutboxItem["status"],
    epoch: (row["epoch"] as number | null) ?? undefined,
    request: (row["request"] as Uint8Array | null) ?? undefined,
    attempts: Number(row["attempts"]),
    rank: Number(row["rank"]),
  }
}

/** What goes first within a group: the own key of the seat; who is to go; leaving it, others' proposals and new keys; then our profile; then the rest as it came; then new keys that are large. */
export const ranks = { seat: -2, removal: -1, urgent: 0, introduction: 1, ordinary: 2, last: 3 } as const

/** Puts something at the end of its rank. */
export function enqueue(
  tx: Transaction,
  item: Pick<OutboxItem, "kind" | "payload"> & {
    readonly groupId: Uint8Array
    readonly rank: (typeof ranks)[keyof typeof ranks]
    readonly messageId?: Uint8Array | undefined
    /** It waits until its file is on the server, and nothing waits for it. */
    readonly uploading?: boolean
  },
): void {
  tx.write(
    "INSERT INTO outbox (group_id, kind, payload, message_id, status, rank, attempts) VALUES (?, ?, ?, ?, ?, ?, 0)",
    item.groupId,
    item.kind,
    item.payload,
    item.messageId ?? null,
    item.uploading === true ? "uploading" : "queued",
    item.rank,
  )
}

/** A wanted change of a group, done in its turn. */
export function enqueueIntent(
  tx: Transaction,
  groupId: Uint8Array,
  intent: Intent,
  rank: (typeof ranks)[keyof typeof ranks] = ranks.ordinary,
): void {
  enqueue(tx, { groupId, kind: "commit", payload: encodeIntent(intent), rank })
}

/** Asks, once, that all of an account is removed, before anything else is sent. */
export async function enqueueRemove(tx: Transaction, groupId: Uint8Array, account: AccountId): Promise<void> {
  await enqueueRemoval(tx, groupId, { type: "remove", account })
}

/** Asks for a commit of what others proposed, once. */
export async function enqueueProposals(tx: Transaction, groupId: Uint8Array): Promise<void> {
  const rows = await tx.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind = 'commit' AND rank = ?", groupId, ranks.urgent)
  if (rows.length === 0) enqueue(tx, { groupId, kind: "commit", payload: encodeIntent({ type: "proposals" }), rank: ranks.urgent })
}

/** Asks, once, that those are let in again who asked for it. */
export async function enqueueReadmission(tx: Transaction, groupId: Uint8Array): Promise<void> {
  const payload = encodeIntent({ type: "rejoin" })
  const rows = await tx.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind = 'commit' AND payload = ?", groupId, payload)
  if (rows.length === 0) enqueue(tx, { groupId, kind: "commit", payload, rank: ranks.removal })
}

/** Asks, once, that the leaves an account no longer lists are removed, before anything else is sent. */
export async function enqueueRevoke(tx: Transaction, groupId: Uint8Array, account: AccountId): Promise<void> {
  await enqueueRemoval(tx, groupId, { type: "revoke", account })
}

/** Asks, once, that an account is let in, before anything else is sent. */
export async function enqueueAdd(tx: Transaction, groupId: Uint8Array, account: AccountId): Promise<void> {
  const payload = encodeIntent({ type: "add", accounts: [account] })
  const rows = await tx.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind = 'commit' AND payload = ?", groupId, payload)
  if (rows.length === 0) enqueue(tx, { groupId, kind: "commit", payload, rank: ranks.urgent })
}

async function enqueueRemoval(
  tx: Transaction,
  groupId: Uint8Array,
  intent: Extract<Intent, { readonly account: AccountId }>,
): Promise<void> {
  const payload = encodeIntent(intent)
  const rows = await tx.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind = 'commit' AND payload = ?", groupId, payload)
  if (rows.length > 0) return
  enqueue(tx, { groupId, kind: "commit", payload, rank: ranks.removal })
  const group = await findGroup(tx, groupId)
  if (group) tx.chatChanged(group.chatId)
}

/** Tells the delivery service, once, of this device's own key for its seat. */
export function enqueueRekey(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM outbox WHERE group_id = ? AND kind = 'rekey'", groupId)
  enqueue(tx, { groupId, kind: "rekey", payload: new Uint8Array(), rank: ranks.seat })
}

/** Asks, once, that the others let this device go. */
export async function enqueueLeave(tx: Transaction, groupId: Uint8Array): Promise<void> {
  const rows = await tx.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind = 'proposal' AND length(payload) = 0", groupId)
  if (rows.length === 0) enqueue(tx, { groupId, kind: "proposal", payload: new Uint8Array(), rank: ranks.urgent })
}
