// A device that cannot go on in a group says so to itself: nothing is sent there any more with the keys it has, and it asks the others to let it in
// again. It ends when it has joined with a fresh leaf at a fresh seat.

import { toHex } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import { type JoinRecord, hourMs } from "../../core/group-record.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import { type HealingReason, endHealing, findHealing, insertHealing, lastHealedMs, noteHealed } from "../../store/rejoin/healing.ts"
import { findReading } from "../../store/group/reading.ts"
import { findOwnSeat } from "../../store/group/seats.ts"

/** Single messages that do not open may be somebody's garbage: for them a device asks no more often than this. */
const forMessagesMs = 86_400_000

export interface HealingParts {
  readonly clock: Clock
  /** There is something to ask for in this group. */
  rejoinDue(groupId: Uint8Array): void
}

/** Whether it began. It does not while it is under way, or where this device has no seat to ask from. */
export async function beginHealing(
  { clock, rejoinDue }: HealingParts,
  tx: Transaction,
  { groupId, chatId, status }: Pick<GroupRow, "groupId" | "chatId" | "status">,
  reason: HealingReason,
): Promise<boolean> {
  const own = await findOwnSeat(tx, groupId)
  if (!own || status === "left" || status === "succeeded" || (await findHealing(tx, groupId))) return false
  const nowMs = clock.nowMs()
  if (reason === "message" && ((await lastHealedMs(tx, groupId)) ?? -Infinity) > nowMs - forMessagesMs) return false
  const { hour } = await findReading(tx, own)
  tx.trace("intake", "heals", { reason })
  insertHealing(tx, { groupId, reason, sinceMs: nowMs, fromMs: hour * hourMs })
  tx.chatChanged(chatId)
  tx.after(() => rejoinDue(groupId))
  return true
}

/** This device is in again. What the server no longer had stays missing, and the chat says from when to when. */
export async function endedHealing(
  {
    clock,
    crypto,
    own,
  }: { readonly clock: Clock; readonly crypto: Pick<CryptoProvider, "sha256">; readonly own: { readonly accountId: Uint8Array } },
  tx: Transaction,
  { groupId, chatId, record }: { readonly groupId: Uint8Array; readonly chatId: Uint8Array; readonly record: JoinRecord },
): Promise<void> {
  const healing = await findHealing(tx, groupId)
  endHealing(tx, groupId)
  noteHealed(tx, groupId, clock.nowMs())
  if (healing?.reason !== "gap" && healing?.reason !== "copy" && !healing?.seatOver) return
  const at = { chatId, groupId, order: record.order, timeMs: record.timeMs, accountId: own.accountId }
  const { fromMs, reason } = healing
  await insertEvent(tx, crypto.sha256, at, {
    kind: "missed",
    account: toHex(own.accountId),
    fromMs,
    untilMs: record.timeMs,
    why: reason === "copy" ? "copy" : "retention",
  })
}
