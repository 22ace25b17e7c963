// What is held back in a chat: because it is a request that the person has not accepted, because they blocked the other person, or because a
// verified identity changed. It waits, and is sent once the person has decided.

import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../core/client-error.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { findChat } from "../store/chat/chats.ts"
import { type ContactRow, findContact } from "../store/trust/contacts.ts"
import { listGroupsWith } from "../store/group/groups.ts"
import { hasOthers } from "../store/group/members.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Reader } from "../store/reader.ts"
import type { Transaction } from "../core/transaction.ts"
import { chatTexts } from "../texts/en.ts"

/** Kinds of outbox items. Leaving a chat is never held back. */
export type Held = readonly OutboxItem["kind"][]

/** Content and commits are held in requests and for blocked contacts, content alone for a changed identity. */
export async function heldIn(reader: Reader, chatId: Uint8Array): Promise<Held> {
  const chat = await findChat(reader, chatId)
  if (chat?.state === "request") return ["content", "commit"]
  const contact = chat?.peer && (await findContact(reader, chat.peer))
  if (contact?.blocked) return ["content", "commit"]
  return contact && isChanged(contact) ? ["content"] : []
}

/** @throws ClientError `not_writable`, `identity_untrusted` */
export function refuseHeld(contact: ContactRow): void {
  if (contact.blocked) throw new ClientError("not_writable", chatTexts.blocked)
  if (isChanged(contact)) throw new ClientError("identity_untrusted", chatTexts.identityChanged)
}

export interface ResumeParts {
  readonly own: Pick<OwnDevice, "accountId">
  kick(groupId: Uint8Array): void
}

/** The person has decided, so sending continues. A chat without the other person waits until they are added again. */
export async function resumeChatsWith({ own, kick }: ResumeParts, tx: Transaction, peer: AccountId): Promise<void> {
  for (const groupId of await listGroupsWith(tx, peer)) if (await hasOthers(tx, groupId, own.accountId)) tx.after(() => kick(groupId))
}

function isChanged(contact: ContactRow): boolean {
  return contact.verifiedMs !== undefined && contact.changeMs !== undefined
}
