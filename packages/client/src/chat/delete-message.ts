// Deleting a message for this account alone: on this device, and on its others. Nobody else is told.

import { ClientError } from "../core/client-error.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import type { Transactions } from "../core/transaction.ts"
import { readChat } from "../store/chat/chats.ts"
import { deleteForMe, readMessage } from "../store/chat/messages.ts"
import { messageTexts } from "../texts/en.ts"

/** @throws ClientError `not_found`, `not_allowed` for a message that is not sent yet */
export async function deleteMessageForMe(
  { transactions, sync }: { readonly transactions: Pick<Transactions, "run">; readonly sync: SyncNotes },
  chatId: Uint8Array,
  messageId: Uint8Array,
): Promise<void> {
  await transactions.run(async (tx) => {
    await readChat(tx, chatId)
    const message = await readMessage(tx, chatId, messageId)
    if (message.outgoing === "queued" || message.outgoing === "failed") throw new ClientError("not_allowed", messageTexts.notSentYet)
    await deleteForMe(tx, { chatId, messageId })
    await sync.synced(tx, syncKeys.deleted(message.groupId, messageId), true)
  })
}
