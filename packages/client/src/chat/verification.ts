// Verifying a contact's identity, and acknowledging that it changed.

import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../core/client-error.ts"
import type { Clock } from "../core/ports.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { contactChatsChanged } from "../store/chat/chats.ts"
import { clearContactChange, findContact, verifyContact, withdrawVerification } from "../store/trust/contacts.ts"
import { contactTexts, lookupTexts } from "../texts/en.ts"
import type { Trust } from "../trust/trust.ts"
import type { Watch } from "../trust/watch.ts"
import { type ResumeParts, resumeChatsWith } from "./held-chat.ts"

export interface VerificationParts extends ResumeParts {
  readonly transactions: Pick<Transactions, "run">
  readonly trust: Pick<Trust, "latest">
  readonly watch: Pick<Watch, "now">
  readonly clock: Clock
  readonly sync: SyncNotes
}

/** Records that the present identity was compared in person, or withdraws that. @throws ClientError `not_found` */
export async function setVerified(parts: VerificationParts, accountId: AccountId, verified: boolean): Promise<void> {
  const state = await parts.trust.latest(accountId)
  await parts.transactions.run(async (tx) => {
    if (!state || !(await findContact(tx, accountId))) throw new ClientError("not_found", lookupTexts.noContact)
    const mark = { genesis: state.genesisHash, resets: state.state.resetCount, atMs: parts.clock.nowMs() }
    await markVerified(parts, tx, accountId, verified ? mark : undefined)
    await parts.sync.synced(tx, syncKeys.contact(accountId, "verified"), verified ? mark : null)
  })
}

/** The identity, as started over so many times, was compared, here or on another device of the account. Undefined: that was withdrawn. */
export async function markVerified(
  parts: ResumeParts & Pick<VerificationParts, "watch">,
  tx: Transaction,
  accountId: AccountId,
  mark: { readonly resets: number; readonly atMs: number } | undefined,
): Promise<void> {
  if (mark) verifyContact(tx, accountId, mark)
  else withdrawVerification(tx, accountId)
  await contactChatsChanged(tx, accountId)
  await resumeChatsWith(parts, tx, accountId)
  // Devices that were held back are added the next time the account is checked.
  tx.after(() => parts.watch.now())
}

/** @throws ClientError `not_found`, `not_allowed` for a contact that was verified */
export async function acknowledgeIdentity(parts: Pick<VerificationParts, "transactions">, accountId: AccountId): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const contact = await findContact(tx, accountId)
    if (!contact) throw new ClientError("not_found", lookupTexts.noContact)
    if (contact.verifiedMs !== undefined) throw new ClientError("not_allowed", contactTexts.verifiedChanged)
    clearContactChange(tx, accountId)
    await contactChatsChanged(tx, accountId)
  })
}
