// Checks the people a chat is opened with: their accounts must be verified, not blocked and not ended.

import { toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../../core/client-error.ts"
import type { Transactions } from "../../core/transaction.ts"
import { readerOf } from "../../store/reader.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { groupTexts } from "../../texts/en.ts"
import { calledInWords } from "../../trust/name/called.ts"
import { endingText } from "../../trust/contact/ended-account.ts"
import type { Trust } from "../../trust/trust.ts"

export interface KnownAccountsParts {
  readonly transactions: Pick<Transactions, "database">
  readonly trust: Pick<Trust, "latest" | "refresh" | "hasEnded" | "ending">
}

/** Accounts that this device has not verified before are looked up now. @throws ClientError `not_found`, `not_allowed` */
export async function lookUpAccounts(parts: KnownAccountsParts, accountIds: readonly AccountId[]): Promise<void> {
  const { transactions, trust } = parts
  for (const accountId of accountIds) {
    const contact = await findContact(readerOf(transactions.database), accountId)
    if (contact?.blocked) throw new ClientError("not_allowed", groupTexts.blocked(await nameOf(parts, accountId)))
    if (!contact || !(await trust.latest(accountId))) await trust.refresh({ accountId })
    if (await trust.hasEnded(accountId)) throw await endedError(parts, accountId)
  }
}

export async function endedError(parts: KnownAccountsParts, accountId: AccountId): Promise<ClientError> {
  const ending = (await parts.trust.ending(accountId)) ?? "unproven"
  return new ClientError("not_found", endingText(await nameOf(parts, accountId), ending))
}

export function distinctAccounts(accountIds: readonly AccountId[]): readonly AccountId[] {
  return [...new Map(accountIds.map((accountId) => [toHex(accountId), accountId])).values()]
}

async function nameOf({ transactions }: KnownAccountsParts, accountId: AccountId): Promise<string> {
  return await calledInWords(readerOf(transactions.database), accountId, groupTexts.thisPerson)
}
