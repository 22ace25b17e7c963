// Removing somebody from a group, and what a person can do while the server has not done it.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../../core/client-error.ts"
import type { Clock } from "../../core/ports.ts"
import { readChat } from "../../store/chat/chats.ts"
import { findGroup } from "../../store/group/groups.ts"
import { deleteIntent, forgetAttempts, listCommits, requeue } from "../../store/group/outbox.ts"
import { enqueueRemove } from "../../store/group/outbox-item.ts"
import { groupTexts } from "../../texts/en.ts"
import { endRemovalAlarm, removalOf } from "../membership/removals.ts"
import { type ChangeParts, allow, changeGroup, isAdmin, refuseStranger } from "./group-change.ts"
import { type LeaveParts, leaveGroup } from "./leave-group.ts"

export async function removeMember(parts: LeaveParts & ChangeParts, chatId: Uint8Array, account: AccountId): Promise<void> {
  if (equal(account, parts.own.accountId)) return await leaveGroup(parts, chatId)
  await changeGroup(parts, chatId, async (tx, group) => {
    allow(isAdmin(parts, group), groupTexts.adminsRemove)
    await refuseStranger(tx, group, account)
    await enqueueRemove(tx, group.groupId, account)
    tx.after(() => parts.kick(group.groupId))
    return undefined
  })
}

/** Builds the removals that the server has not carried out again, and sends them at once. */
export async function retryRemoval(parts: ChangeParts, chatId: Uint8Array): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const { groupId } = await readChat(tx, chatId)
    for (const item of await listCommits(tx, groupId)) {
      if (!removalOf(item)) continue
      forgetAttempts(tx, item)
      requeue(tx, item)
    }
    tx.after(() => parts.kick(groupId))
  })
}

/** Withdraws a removal that this account asked for and is no longer allowed to make. @throws ClientError `not_allowed` while it is allowed */
export async function withdrawRemoval(
  parts: ChangeParts & { readonly clock: Clock },
  chatId: Uint8Array,
  account: AccountId,
): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const { groupId } = await readChat(tx, chatId)
    const group = await findGroup(tx, groupId)
    if (!group || isAdmin(parts, group)) throw new ClientError("not_allowed", groupTexts.removalStays)
    deleteIntent(tx, groupId, { type: "remove", account })
    endRemovalAlarm(tx, group, parts.clock.nowMs())
    tx.after(() => parts.kick(groupId))
  })
}
