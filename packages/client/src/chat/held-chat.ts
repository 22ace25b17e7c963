// What a chat holds back because of what its person decided about the other side, or has not decided yet. It waits, and goes once they have.

import { ClientError } from "../core/client-error.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { findChat } from "../store/chat/chats.ts"
import { type ContactRow, findContact } from "../store/trust/contacts.ts"
import type { Reader } from "../store/reader.ts"
import { chatTexts } from "../texts/en.ts"

/** Kinds of outbox items. Who asked to be let go of a request is let go. */
export type Held = readonly OutboxItem["kind"][]

/** Nothing of this device leaves in a request that was not accepted or to somebody blocked, and no content to a changed identity. */
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

function isChanged(contact: ContactRow): boolean {
  return contact.verifiedMs !== undefined && contact.changeMs !== undefined
}
