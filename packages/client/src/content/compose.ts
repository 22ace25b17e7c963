// Content this device writes: what a person types, and what goes along with it.

import { bytes, encodeCbor } from "@nodoor/bytes"
import { seenOf } from "../group/history/history.ts"
import type { Kernel } from "../core/kernel.ts"
import { type MessageId, type NestedPart, dispositions } from "./mimi/content.ts"
import { encodeStatusReport, statusReportType } from "./mimi/status-report.ts"
import { enqueue, ranks } from "../store/group/outbox-item.ts"
import { contentTypes, encodePayload, singlePart } from "./payload.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { dueGossip } from "../trust/log/gossip-sending.ts"
import type { Transaction } from "../core/transaction.ts"

/** Receipts of one report; more wait for the next. */
const receiptsPerReport = 200
/** In a larger chat receipts would be most of its traffic, and nobody reads them: there a message stays `sent`. */
export const receiptAccountsMax = 32

export interface Composition {
  readonly body: NestedPart
  readonly replaces?: Uint8Array | undefined
  readonly inReplyTo?: Uint8Array | undefined
}

/** Queues content for a group. `shown`: a message of the chat, whose delivery is tracked; others are sent and forgotten. */
export async function queueContent(
  kernel: Kernel,
  tx: Transaction,
  group: Pick<GroupRow, "groupId" | "lastOrder">,
  composition: Composition,
  { shown, rank = ranks.ordinary }: { readonly shown: boolean; readonly rank?: 1 | 2 },
): Promise<MessageId> {
  const seen = await seenOf(tx, group.groupId, group.lastOrder)
  const { encoded, messageId } = encodePayload(
    kernel.crypto.sha256,
    { origin: kernel.own.origin, accountId: kernel.own.accountId, groupId: group.groupId },
    {
      salt: kernel.random(16),
      body: composition.body,
      replaces: composition.replaces && bytes<"MessageId">(composition.replaces),
      inReplyTo: composition.inReplyTo && bytes<"MessageId">(composition.inReplyTo),
      seen,
      logNote: await dueGossip(kernel, tx, group.groupId),
      sentMs: kernel.clock.nowMs(),
    },
  )
  enqueue(tx, { groupId: group.groupId, kind: "content", payload: encoded, messageId: shown ? messageId : undefined, rank })
  tx.after(() => kernel.kick(group.groupId))
  return messageId
}

/** The name that contacts see, end-to-end encrypted like everything else. */
export async function composeProfile(kernel: Kernel, tx: Transaction, group: GroupRow): Promise<boolean> {
  const [device] = await tx.read("SELECT name FROM device WHERE id = 1")
  tx.write("UPDATE mls_group SET profile_due = 0 WHERE group_id = ?", group.groupId)
  const body = singlePart(contentTypes.profile, encodeCbor({ name: String(device?.["name"] ?? "") }), dispositions.profile)
  await queueContent(kernel, tx, group, { body }, { shown: false, rank: ranks.introduction })
  return true
}

/** One report for everything that arrived or was read since the last one. */
export async function composeReceipts(kernel: Kernel, tx: Transaction, group: GroupRow): Promise<boolean> {
  const rows = await tx.read(
    "SELECT message_id, status FROM receipt_due WHERE group_id = ? ORDER BY message_id LIMIT ?",
    group.groupId,
    receiptsPerReport,
  )
  if (rows.length === 0) return false
  const [count] = await tx.read("SELECT COUNT(DISTINCT account_id) AS n FROM member WHERE group_id = ?", group.groupId)
  if (Number(count?.["n"] ?? 0) > receiptAccountsMax) {
    tx.write("DELETE FROM receipt_due WHERE group_id = ?", group.groupId)
    return false
  }
  const entries = rows.map((row) => ({ messageId: bytes<"MessageId">(row["message_id"] as Uint8Array), status: Number(row["status"]) }))
  for (const { messageId, status } of entries)
    tx.write("DELETE FROM receipt_due WHERE group_id = ? AND message_id = ? AND status = ?", group.groupId, messageId, status)
  await queueContent(kernel, tx, group, { body: singlePart(statusReportType, encodeStatusReport(entries)) }, { shown: false })
  return true
}
