// Leaving a group takes effect on this device at once. The other members commit the proposals to remove the leaves of all devices of the account;
// each other device follows as soon as it sees them.

import { equal } from "@nodoor/bytes"
import { ClientError } from "../../core/client-error.ts"
import type { Clock } from "../../core/ports.ts"
import { leaveChat, readChat } from "../../store/chat/chats.ts"
import { deleteReceiptsDue } from "../../store/chat/receipts-due.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type GroupRow, findGroup, isOpen, setGroupStatus } from "../../store/group/groups.ts"
import { countLeaves, listDevicesIn } from "../../store/group/members.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import { enqueue, enqueueLeave, ranks } from "../../store/group/outbox-item.ts"
import { groupTexts, sendingTexts } from "../../texts/en.ts"
import type { GroupStates } from "../group-states.ts"
import { endRemovalAlarm } from "../membership/removals.ts"
import type { ChangeParts } from "./group-change.ts"

export interface LeaveParts extends Pick<ChangeParts, "kick"> {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly states: Pick<GroupStates, "erase">
  readonly clock: Clock
}

export async function leaveGroup(parts: LeaveParts & Pick<ChangeParts, "transactions">, chatId: Uint8Array): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    const group = await findGroup(tx, chat.groupId)
    if (chat.kind !== "group") throw new ClientError("not_allowed", groupTexts.dmNotLeft)
    if (!group || !isOpen(group)) return
    const others = group.status === "active" ? await listDevicesIn(tx, group.groupId, parts.own.accountId) : []
    await leaveHere(parts, tx, group)
    for (const deviceId of others)
      if (!equal(deviceId, parts.own.deviceId))
        enqueue(tx, { groupId: group.groupId, kind: "proposal", payload: deviceId, rank: ranks.urgent })
  })
}

/** This device stops here and asks to be let go. */
export async function leaveHere(parts: LeaveParts, tx: Transaction, group: GroupRow): Promise<void> {
  const { groupId, chatId } = group
  failOutbox(tx, group, { code: "not_writable", message: sendingTexts.left })
  const alone = group.status === "succeeded" || (await countLeaves(tx, groupId)) < 2
  setGroupStatus(tx, groupId, alone ? "left" : "leaving")
  leaveChat(tx, { chatId, groupId })
  deleteReceiptsDue(tx, groupId)
  endRemovalAlarm(tx, group, parts.clock.nowMs())
  if (alone) parts.states.erase(tx, groupId)
  else await enqueueLeave(tx, groupId)
  tx.after(() => parts.kick(groupId))
}
