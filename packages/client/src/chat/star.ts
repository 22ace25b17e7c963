// Starring a message: it is in a list of the person's own, on all their devices. Nobody else is told.

import { ClientError } from "../core/client-error.ts"
import type { Transactions } from "../core/transaction.ts"
import { readChat } from "../store/chat/chats.ts"
import { readMessage, setStarred } from "../store/chat/messages.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import { messageTexts } from "../texts/en.ts"

export interface StarParts {
  readonly transactions: Pick<Transactions, "run">
  readonly sync: SyncNotes
}

/** @throws ClientError `not_found`, `not_allowed` for a message that is not sent yet, and for what was deleted */
export async function starMessage(
  { transactions, sync }: StarParts,
  { chatId, messageId }: { readonly chatId: Uint8Array; readonly messageId: Uint8Array },
  on: boolean,
): Promise<void> {
  await transactions.run(async (tx) => {
    await readChat(tx, chatId)
    const message = await readMessage(tx, chatId, messageId)
    if (message.outgoing === "queued" || message.outgoing === "failed") throw new ClientError("not_allowed", messageTexts.notSentYet)
    if (on && message.kind !== "content") throw new ClientError("not_allowed", messageTexts.deleted)
    setStarred(tx, { chatId, messageId }, on)
    await sync.synced(tx, syncKeys.starred(message.groupId, messageId), on)
  })
}
