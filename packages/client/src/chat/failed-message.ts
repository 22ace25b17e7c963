// Sending a failed message again, or discarding it.

import { ClientError } from "../core/client-error.ts"
import type { Transactions } from "../core/transaction.ts"
import { type InvitationParts, invitePeer } from "../group/action/peer-invitation.ts"
import { deleteMessage, readMessage } from "../store/chat/messages.ts"
import { findSealedFile } from "../store/chat/sealed-files.ts"
import { setQueued } from "../store/chat/outgoing.ts"
import { deleteItem, findFailed, findUploading } from "../store/group/outbox.ts"
import { enqueue, ranks } from "../store/group/outbox-item.ts"
import { messageTexts } from "../texts/en.ts"
import { type WritableParts, writableChat } from "./writable-chat.ts"

export interface RetryParts extends WritableParts, InvitationParts {
  readonly own: WritableParts["own"]
  readonly trust: WritableParts["trust"] & InvitationParts["trust"]
  readonly transactions: Pick<Transactions, "run">
  filesDue(): void
}

/** Sends the same content again, with the same id, so that nobody sees it twice. */
export async function retry(parts: RetryParts, chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const { chat } = await writableChat(parts, tx, chatId)
    const message = await readMessage(tx, chatId, messageId)
    if (message.outgoing !== "failed") return
    const failed = await findFailed(tx, messageId)
    if (!failed) throw new ClientError("not_writable", messageTexts.leftSince)
    const { groupId, payload } = failed
    if (chat.peer) await invitePeer(parts, tx, groupId, chat.peer)
    deleteItem(tx, failed)
    const uploading = (await findSealedFile(tx, { chatId, messageId }))?.state === "sending"
    enqueue(tx, { groupId, kind: "content", payload, messageId, rank: ranks.ordinary, uploading })
    setQueued(tx, { chatId, messageId })
    tx.after(() => (uploading ? parts.filesDue() : parts.kick(groupId)))
  })
}

/** Forgets a message that failed, or whose file is still on its way to the server. */
export async function discard(
  { transactions, filesDue }: Pick<RetryParts, "transactions" | "filesDue">,
  chatId: Uint8Array,
  messageId: Uint8Array,
): Promise<void> {
  await transactions.run(async (tx) => {
    const message = await readMessage(tx, chatId, messageId)
    const uploading = await findUploading(tx, messageId)
    if (message.outgoing !== "failed" && !uploading) throw new ClientError("not_allowed", messageTexts.notFailed)
    const item = uploading ?? (await findFailed(tx, messageId))
    if (item) deleteItem(tx, item)
    deleteMessage(tx, { chatId, messageId })
    if (message.hasFile) tx.after(filesDue)
  })
}
