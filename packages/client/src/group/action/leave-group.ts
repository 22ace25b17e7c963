// Leaving a group takes effect on this device at once. The other members commit the proposal to remove its leaf.

import { ClientError } from "../../core/client-error.ts"
import type { Clock } from "../../core/ports.ts"
import { leaveChat, readChat } from "../../store/chat/chats.ts"
import { deleteReceiptsDue } from "../../store/chat/receipts-due.ts"
import { findGroup, isOpen, setGroupStatus } from "../../store/group/groups.ts"
import { accountsOf } from "../../store/group/members.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import { enqueue, ranks } from "../../store/group/outbox-item.ts"
import { groupTexts, sendingTexts } from "../../texts/en.ts"
import type { GroupStates } from "../group-states.ts"
import { endRemovalAlarm } from "../membership/removals.ts"
import type { ChangeParts } from "./group-change.ts"

export interface LeaveParts extends ChangeParts {
  readonly states: Pick<GroupStates, "erase">
  readonly clock: Clock
}

export async function leaveGroup(parts: LeaveParts, chatId: Uint8Array): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    const group = await findGroup(tx, chat.groupId)
    if (chat.kind !== "group") throw new ClientError("not_allowed", groupTexts.dmNotLeft)
    if (!group || !isOpen(group)) return
    failOutbox(tx, group, { code: "not_writable", message: sendingTexts.left })
    const alone = group.status === "succeeded" || (await accountsOf(tx, group.groupId)).size < 2
    setGroupStatus(tx, group.groupId, alone ? "left" : "leaving")
    leaveChat(tx, chat)
    deleteReceiptsDue(tx, group.groupId)
    endRemovalAlarm(tx, group, parts.clock.nowMs())
    if (alone) parts.states.erase(tx, group.groupId)
    else enqueue(tx, { groupId: group.groupId, kind: "proposal", payload: new Uint8Array(), rank: ranks.urgent })
    tx.after(() => parts.kick(group.groupId))
  })
}
