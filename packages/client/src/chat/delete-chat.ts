// Deleting a chat for this account: on this device, and on its others.

import { decodeMimi } from "../content/mimi/content.ts"
import { type SyncNotes, chatName, syncKeys } from "../store/sync/sync-entry.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { deleteEarlyChangesOfChat } from "../store/archive/early-changes.ts"
import { findChat, hideChat, readChat } from "../store/chat/chats.ts"
import { deleteMessagesOfChat, deleteMessagesThrough, hasMessages } from "../store/chat/messages.ts"
import { lastPlaced } from "../store/chat/position.ts"
import { deleteReactionsOfChat } from "../store/chat/reactions.ts"
import { deleteReceiptsDueOfChat } from "../store/chat/receipts-due.ts"
import { deleteReceiptsOfChat } from "../store/chat/receipts.ts"
import { findGroup, listGroupsOfChat } from "../store/group/groups.ts"
import { deleteItem, listUnsentContent } from "../store/group/outbox.ts"

/** Removes the chat and its messages from this account. If the account is still in the group, the chat comes back with the next message. */
export async function deleteChat(
  { transactions, sync }: { readonly transactions: Pick<Transactions, "run">; readonly sync: SyncNotes },
  chatId: Uint8Array,
): Promise<void> {
  await transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    const last = await lastPlaced(tx, chatId)
    const groups = await listGroupsOfChat(tx, chatId)
    deleteMessagesOfChat(tx, chatId)
    deleteReactionsOfChat(tx, chatId)
    deleteReceiptsOfChat(tx, chatId)
    deleteEarlyChangesOfChat(tx, chatId)
    await forgetWritten(tx, chatId)
    deleteReceiptsDueOfChat(tx, chatId)
    hideChat(tx, chatId, last)
    for (const { groupId, lastOrder } of groups) await sync.synced(tx, syncKeys.cleared(groupId), lastOrder)
    await sync.synced(tx, syncKeys.chat(chatName(chat), "draft"), "")
  })
}

/** Another device deleted the chat when it had come so far in the group's log. What came later stays. */
export async function clearThrough(tx: Transaction, groupId: Uint8Array, order: number): Promise<void> {
  const group = await findGroup(tx, groupId)
  const chat = group && (await findChat(tx, group.chatId))
  if (!chat) return
  const { chatId } = chat
  const last = await lastPlaced(tx, chatId)
  await deleteMessagesThrough(tx, { chatId, groupId, order })
  if (!(await hasMessages(tx, chatId))) hideChat(tx, chatId, last)
}

/** Messages that wait to be sent are dropped. Deletions for everybody, and the profile, are still sent. */
async function forgetWritten(tx: Transaction, chatId: Uint8Array): Promise<void> {
  for (const item of await listUnsentContent(tx, chatId)) if (decodeMimi(item.payload).body.cardinality !== "null") deleteItem(tx, item)
}
