// What a device sends that does not speak for its account any more: it is a leaf until somebody takes it out, and its words are nobody's.

import type { MailboxRecord } from "@nodoor/wire"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import type { Kernel } from "../../core/kernel.ts"
import { enqueueRevoke } from "../../store/group/outbox-item.ts"
import { Undecided } from "./undecided.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import type { IdentifiedMember, Lookups } from "../trust.ts"
import type { Transaction } from "../../core/transaction.ts"
import { memberTexts } from "../../texts/en.ts"

/**
 * Whether the sender had been removed by then, or its account had ended. It is said so once, and the device goes from the group. What it
 * sent before only comes late, and is its person's. @throws Undecided until the log has said since when
 */
export async function isOfRemoved(
  kernel: Kernel,
  tx: Transaction,
  input: {
    readonly group: GroupRow
    readonly sender: IdentifiedMember
    readonly record: Pick<Extract<MailboxRecord, { readonly kind: "post" | "commit" }>, "timeMs">
    readonly looks: Lookups
  },
): Promise<boolean> {
  const { group, sender, record, looks } = input
  if (!(await kernel.trust.isStale(sender))) return false
  const standing = await kernel.trust.standing(sender, looks)
  if (standing.status === "lookup") throw new Undecided({ accounts: [sender.accountId], removals: [sender] })
  if (standing.status === "listed" || (standing.sinceMs !== undefined && record.timeMs <= standing.sinceMs)) return false
  await enqueueRevoke(tx, group.groupId, sender.accountId)
  tx.after(() => kernel.kick(group.groupId))
  await raiseAlarmOnce(tx, kernel.random, {
    level: "red",
    code: "removed_device_wrote",
    text: memberTexts.removedDeviceWrote,
    chatId: group.chatId,
    accountId: sender.accountId,
    atMs: kernel.clock.nowMs(),
  })
  return true
}
