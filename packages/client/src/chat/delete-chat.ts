// Deleting a chat on this device.

import { decodeMimi } from "../content/mimi/content.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { hideChat, readChat } from "../store/chat/chats.ts"
import { deleteMessagesOfChat } from "../store/chat/messages.ts"
import { lastPlaced } from "../store/chat/position.ts"
import { deleteReactionsOfChat } from "../store/chat/reactions.ts"
import { deleteReceiptsDueOfChat } from "../store/chat/receipts-due.ts"
import { deleteReceiptsOfChat } from "../store/chat/receipts.ts"
import { deleteItem, listUnsentContent } from "../store/group/outbox.ts"

/** Removes the chat and its messages from this device. If the account is still in the group, the chat comes back with the next message. */
export async function deleteChat(
  { transactions }: { readonly transactions: Pick<Transactions, "run"> },
  chatId: Uint8Array,
): Promise<void> {
  await transactions.run(async (tx) => {
    await readChat(tx, chatId)
    const last = await lastPlaced(tx, chatId)
    deleteMessagesOfChat(tx, chatId)
    deleteReactionsOfChat(tx, chatId)
    deleteReceiptsOfChat(tx, chatId)
    await forgetWritten(tx, chatId)
    deleteReceiptsDueOfChat(tx, chatId)
    hideChat(tx, chatId, last)
  })
}

/** Messages that wait to be sent are dropped. Deletions for everybody, and the profile, are still sent. */
async function forgetWritten(tx: Transaction, chatId: Uint8Array): Promise<void> {
  for (const item of await listUnsentContent(tx, chatId)) if (decodeMimi(item.payload).body.cardinality !== "null") deleteItem(tx, item)
}
