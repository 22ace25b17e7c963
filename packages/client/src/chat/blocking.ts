// Blocking a contact. It is the account's own business: its devices drop what they send, and nobody else is told, not even the server.

import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../core/client-error.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { contactChatsChanged } from "../store/chat/chats.ts"
import { failWaitingFor } from "../store/group/outbox-failure.ts"
import { blockContact, findContact } from "../store/trust/contacts.ts"
import { lookupTexts, messageTexts } from "../texts/en.ts"
import { type ResumeParts, resumeChatsWith } from "./held-chat.ts"

export interface BlockingParts extends ResumeParts {
  readonly transactions: Pick<Transactions, "run">
  readonly sync: SyncNotes
}

/** @throws ClientError `not_found` */
export async function setBlocked(parts: BlockingParts, accountId: AccountId, blocked: boolean): Promise<void> {
  await parts.transactions.run(async (tx) => {
    if (!(await findContact(tx, accountId))) throw new ClientError("not_found", lookupTexts.noContact)
    await applyBlocked(parts, tx, accountId, blocked)
    await parts.sync.synced(tx, syncKeys.contact(accountId, "blocked"), blocked)
  })
}

/** The contact is blocked, here or on another device of the account. */
export async function applyBlocked(parts: ResumeParts, tx: Transaction, accountId: AccountId, blocked: boolean): Promise<void> {
  blockContact(tx, accountId, { blocked })
  // Waiting messages fail instead of being sent by surprise after the block ends. The person can send them again.
  if (blocked) failWaitingFor(tx, accountId, { code: "not_writable", message: messageTexts.blockedBefore })
  await contactChatsChanged(tx, accountId)
  await resumeChatsWith(parts, tx, accountId)
}
