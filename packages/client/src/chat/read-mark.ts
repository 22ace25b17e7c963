// Marking messages as read, and the receipts for that.

import { messageStatus } from "../content/mimi/status-report.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { type SyncNotes, chatName, syncKeys } from "../store/sync/sync-entry.ts"
import type { Transactions } from "../core/transaction.ts"
import { readChat, setChatOptions, setReadPosition } from "../store/chat/chats.ts"
import { listNewestOrders, listReportable, readMessage } from "../store/chat/messages.ts"
import { lastPlaced, queuedPosition } from "../store/chat/position.ts"
import { oweReceipt } from "../store/chat/receipts-due.ts"

export interface ReadParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly transactions: Pick<Transactions, "run">
  readonly sync: SyncNotes
  receiptsWait(groupId: Uint8Array): void
}

/** Marks everything up to the message as read. Receipts are sent once the chat is accepted. */
export async function markRead(parts: ReadParts, chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    const message = await readMessage(tx, chatId, messageId)
    const position = message.position < queuedPosition ? message.position : await lastPlaced(tx, chatId)
    if (chat.markedUnread) {
      setChatOptions(tx, chatId, { unread: false })
      await parts.sync.synced(tx, syncKeys.chat(chatName(chat), "unread"), false)
    }
    if (position <= chat.readPosition) return
    const newest = await listNewestOrders(tx, { chatId, after: chat.readPosition, upTo: position })
    const read = await listReportable(tx, { chatId, after: chat.readPosition, upTo: position, own: parts.own.accountId })
    setReadPosition(tx, chatId, position)
    for (const { groupId, order } of newest) await parts.sync.synced(tx, syncKeys.read(groupId), order)
    for (const one of read) oweReceipt(tx, one.groupId, { messageId: one.messageId, status: messageStatus.read })
    tx.after(() => {
      for (const { groupId } of read) parts.receiptsWait(groupId)
    })
  })
}
