// Sending a failed message again, or discarding it.

import { ClientError } from "../core/client-error.ts"
import type { Transactions } from "../core/transaction.ts"
import { type InvitationParts, invitePeer } from "../group/action/peer-invitation.ts"
import { deleteMessage, readMessage } from "../store/chat/messages.ts"
import { setQueued } from "../store/chat/outgoing.ts"
import { deleteItem, findFailed } from "../store/group/outbox.ts"
import { enqueue, ranks } from "../store/group/outbox-item.ts"
import { messageTexts } from "../texts/en.ts"
import { type WritableParts, writableChat } from "./writable-chat.ts"

export interface RetryParts extends WritableParts, InvitationParts {
  readonly own: WritableParts["own"]
  readonly trust: WritableParts["trust"] & InvitationParts["trust"]
  readonly transactions: Pick<Transactions, "run">
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
    enqueue(tx, { groupId, kind: "content", payload, messageId, rank: ranks.ordinary })
    setQueued(tx, { chatId, messageId })
    tx.after(() => parts.kick(groupId))
  })
}

export async function discard(
  { transactions }: Pick<RetryParts, "transactions">,
  chatId: Uint8Array,
  messageId: Uint8Array,
): Promise<void> {
  await transactions.run(async (tx) => {
    const message = await readMessage(tx, chatId, messageId)
    if (message.outgoing !== "failed") throw new ClientError("not_allowed", messageTexts.notFailed)
    const failed = await findFailed(tx, messageId)
    if (failed) deleteItem(tx, failed)
    deleteMessage(tx, { chatId, messageId })
  })
}
