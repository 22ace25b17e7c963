// What a removed device sends is refused: it is a leaf until somebody takes it out, and nothing it says counts.

import { type PostRecord, isPlacedAfter, isPlacedBefore } from "../../core/group-record.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import type { Random } from "@nodoor/mls"
import type { Clock } from "../../core/ports.ts"
import { enqueueRevoke } from "../../store/group/outbox-item.ts"
import { Undecided } from "./undecided.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import type { IdentifiedMember } from "./identified-member.ts"
import type { Lookups } from "./leaf-judgement.ts"
import type { RemovedDevices } from "./removed-devices.ts"
import type { Transaction } from "../../core/transaction.ts"
import { memberTexts } from "../../texts/en.ts"

export interface RemovedDeviceParts {
  readonly trust: Pick<RemovedDevices, "isStale" | "standing">
  readonly random: Random
  readonly clock: Clock
  kick(groupId: Uint8Array): void
}

/**
 * Whether the sender had been removed by then, or its account had ended. It is said so once, and the device goes from the group. What it
 * sent before only comes late, and is its person's. @throws Undecided until the log has said since when
 */
export async function isOfRemoved(
  parts: RemovedDeviceParts,
  tx: Transaction,
  input: {
    readonly group: GroupRow
    readonly sender: IdentifiedMember
    readonly record: Pick<PostRecord, "timeMs">
    readonly looks: Lookups
  },
): Promise<boolean> {
  const { group, sender, record, looks } = input
  if (!(await parts.trust.isStale(sender))) return false
  const standing = await parts.trust.standing(sender, looks)
  if (standing.status === "lookup") throw new Undecided({ accounts: [sender.accountId], removals: [sender] })
  if (standing.status === "listed" || (standing.sinceMs !== undefined && isPlacedBefore(record.timeMs, standing.sinceMs))) return false
  await enqueueRevoke(tx, group.groupId, sender.accountId)
  tx.after(() => parts.kick(group.groupId))
  // The server says the hour only. What may have been written before is not shown either, and nobody is accused of it.
  const isCertain = standing.sinceMs === undefined || isPlacedAfter(record.timeMs, standing.sinceMs)
  await raiseAlarmOnce(tx, parts.random, {
    ...(isCertain
      ? { level: "red", code: "removed_device_wrote", text: memberTexts.removedDeviceWrote }
      : { level: "notice", code: "removed_device_maybe_wrote", text: memberTexts.removedDeviceMaybeWrote }),
    chatId: group.chatId,
    accountId: sender.accountId,
    atMs: parts.clock.nowMs(),
  })
  return true
}
