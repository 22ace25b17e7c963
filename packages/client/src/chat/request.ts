// Accepting a request: a chat that a stranger opened.

import { type SyncNotes, chatName, syncKeys } from "../store/sync/sync-entry.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type ChatRow, readChat, setChatState } from "../store/chat/chats.ts"
import { type GroupRow, findGroup, setProfileDueInChat } from "../store/group/groups.ts"
import { setAccepted } from "../store/trust/contacts.ts"

export interface AcceptParts {
  kick(groupId: Uint8Array): void
  receiptsWait(groupId: Uint8Array): void
  proposalsWait(groupId: Uint8Array): void
}

export interface RequestParts extends AcceptParts {
  readonly sync: SyncNotes
}

/** Does nothing if the request was accepted before. @throws ClientError `not_found` */
export async function accept(
  parts: RequestParts & { readonly transactions: Pick<Transactions, "run"> },
  chatId: Uint8Array,
): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    const group = await findGroup(tx, chat.groupId)
    if (chat.state === "request" && group) await acceptRequest(parts, tx, { chat, group })
  })
}

/** The person accepts it on this device. */
export async function acceptRequest(
  parts: RequestParts,
  tx: Transaction,
  { chat, group }: { readonly chat: ChatRow; readonly group: GroupRow },
): Promise<void> {
  openRequest(parts, tx, { chat, group })
  await parts.sync.synced(tx, syncKeys.chat(chatName(chat), "accepted"), true)
  if (chat.peer) await parts.sync.synced(tx, syncKeys.contact(chat.peer, "accepted"), true)
}

/** From now on this device sends its profile and receipts there, and commits the proposals of others. */
export function openRequest(
  parts: AcceptParts,
  tx: Transaction,
  { chat, group }: { readonly chat: ChatRow; readonly group: GroupRow },
): void {
  setChatState(tx, chat.chatId, "active")
  if (chat.peer) setAccepted(tx, chat.peer)
  setProfileDueInChat(tx, chat.chatId, 2)
  tx.after(() => {
    parts.kick(group.groupId)
    parts.receiptsWait(group.groupId)
    if (group.proposals > 0) parts.proposalsWait(group.groupId)
  })
}
