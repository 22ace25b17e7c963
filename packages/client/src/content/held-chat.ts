// What a chat holds back because of what its person decided about the other side, or has not decided yet. It waits, and goes once they have.

import { ClientError } from "../core/client-error.ts"
import { decodeMimi } from "./mimi/content.ts"
import { type OutboxItem, ranks } from "../store/group/outbox-item.ts"
import { findChat } from "../store/chat/chats.ts"
import { type ContactRow, findContact } from "../store/trust/contacts.ts"
import type { Reader } from "../store/reader.ts"
import type { Transaction } from "../core/transaction.ts"

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
  if (contact.blocked) throw new ClientError("not_writable", "This contact is blocked.")
  if (isChanged(contact))
    throw new ClientError(
      "identity_untrusted",
      "This contact's identity changed after you verified it. Verify again or withdraw the verification.",
    )
}

/** Messages to somebody who was blocked before they left are not sent later by surprise: each says so, and can be sent again. */
export function failBlocked(tx: Transaction, peer: Uint8Array): void {
  const waiting = `SELECT o.message_id FROM outbox o JOIN mls_group g ON g.group_id = o.group_id JOIN chat c ON c.chat_id = g.chat_id
    WHERE c.peer = ? AND o.kind = 'content' AND o.status IN ('queued', 'prepared') AND o.message_id IS NOT NULL`
  tx.write(
    `UPDATE message SET outgoing = 'failed', failure = ? WHERE chat_id IN (SELECT chat_id FROM chat WHERE peer = ?) AND message_id IN (${waiting})`,
    JSON.stringify({ code: "not_writable", message: blockedText }),
    peer,
    peer,
  )
  tx.write(`UPDATE outbox SET status = 'failed' WHERE status != 'placed' AND message_id IN (${waiting})`, peer)
}

/** What was written in a chat that goes is not sent from it any more. Deletions for everybody still are, and the own name. */
export async function forgetWritten(tx: Transaction, chatId: Uint8Array): Promise<void> {
  const rows = await tx.read(
    `SELECT id, payload FROM outbox WHERE kind = 'content' AND status != 'placed' AND rank != ?
       AND group_id IN (SELECT group_id FROM mls_group WHERE chat_id = ?)`,
    ranks.introduction,
    chatId,
  )
  for (const row of rows)
    if (decodeMimi(row["payload"] as Uint8Array).body.cardinality !== "null") tx.write("DELETE FROM outbox WHERE id = ?", Number(row["id"]))
}

function isChanged(contact: ContactRow): boolean {
  return contact.verifiedMs !== undefined && contact.changeMs !== undefined
}

const blockedText = "You blocked this contact before this message was sent. It was not sent. Unblock the contact to send it again."
