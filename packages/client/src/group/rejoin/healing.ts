// A device that cannot go on in a group says so to itself: nothing is sent there any more with the keys it has, and it asks the others to let it in
// again. It ends when it has joined with a fresh leaf at a fresh seat.

import { type JoinRecord, hourMs } from "../../core/group-record.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import {
  type Healing,
  type HealingReason,
  endHealing,
  findHealing,
  insertHealing,
  lastHealedMs,
  noteHealed,
} from "../../store/rejoin/healing.ts"
import { type MissedDue, insertMissedDue } from "../../store/missed/missed.ts"
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
  { groupId, chatId, status, lastOrder }: Pick<GroupRow, "groupId" | "chatId" | "status" | "lastOrder">,
  reason: HealingReason,
): Promise<boolean> {
  const own = await findOwnSeat(tx, groupId)
  if (!own || status === "left" || status === "succeeded" || (await findHealing(tx, groupId))) return false
  const nowMs = clock.nowMs()
  if (reason === "message" && ((await lastHealedMs(tx, groupId)) ?? -Infinity) > nowMs - forMessagesMs) return false
  const { hour } = await findReading(tx, own)
  tx.trace("intake", "heals", { reason })
  insertHealing(tx, { groupId, reason, sinceMs: nowMs, fromMs: hour * hourMs, fromOrder: lastOrder })
  tx.chatChanged(chatId)
  tx.after(() => rejoinDue(groupId))
  return true
}

/**
 * Whether this device lets others in while it waits for the same. It does if it only lost what others sent: its own keys were not used by anybody
 * else, and one member's garbage can have everybody ask at once, when nobody else is there to answer.
 */
export function letsOthersIn({ reason }: Pick<Healing, "reason">): boolean {
  return reason === "message"
}

/** This device is in again. What came meanwhile, and it could not read, is asked back from others. */
export async function endedHealing(
  { clock, missedDue }: { readonly clock: Clock; missedDue(): void },
  tx: Transaction,
  { groupId, chatId, record }: { readonly groupId: Uint8Array; readonly chatId: Uint8Array; readonly record: JoinRecord },
): Promise<void> {
  const healing = await findHealing(tx, groupId)
  endHealing(tx, groupId)
  noteHealed(tx, groupId, clock.nowMs())
  tx.chatChanged(chatId)
  if (!healing) return
  const from = healing.fromOrder === undefined ? undefined : healing.fromOrder + 1
  const [to, untilMs] = [record.order - 1, record.timeMs]
  if ((from ?? to) <= to)
    insertMissedDue(tx, { groupId, from, to, fromMs: Math.min(healing.fromMs, untilMs), untilMs, why: whyOf(healing) })
  tx.after(() => missedDue())
}

function whyOf({ reason, seatOver }: Healing): MissedDue["why"] {
  if (reason === "copy" || reason === "restored") return "copy"
  return reason === "gap" || seatOver ? "retention" : "keys"
}
