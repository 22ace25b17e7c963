// Handles as facts: one is an account's when the log proved handle label → account, and then it is a row of `log_handle`. What a server
// says of it without that is a claim: it is put to the log at once, and when the log says otherwise the server has lied.

import { equal } from "@nodoor/bytes"
import { type AccountId, KeylogError, type VerifiedSearch, handleLabel, verifyHandleClaim } from "@nodoor/keylog"
import type { Transaction } from "../../core/transaction.ts"
import { findHandleOf, saveHandle } from "../../store/trust/handles.ts"

/** A handle that goes into a search. */
export interface AskedHandle {
  readonly handle: string
  /** Whose it is known or said to be; undefined when a person asks who has it. */
  readonly accountId: AccountId | undefined
  /** The server said so, and nothing has proven it. */
  readonly claimed: boolean
}

/**
 * Stores the handles that the search proved.
 * @throws KeylogError `handle_claim` when the log does not bear out what the server said; `handle_account` when a known handle, or a known
 * account's handle, has become another
 */
export async function takeHandles(tx: Transaction, { lookups }: VerifiedSearch, asked: readonly AskedHandle[]): Promise<void> {
  for (const { handle, accountId, claimed } of asked) {
    if (claimed && accountId) verifyHandleClaim(lookups, { handle, accountId })
    const found = lookups.find(({ label }) => equal(label, handleLabel(handle)))
    if (found?.status !== "handle") continue
    const bound = found.binding.accountId
    // A handle stays with its account: another binding is somebody else's, however well it is signed.
    if (accountId && !equal(accountId, bound)) throw new KeylogError("handle_account", "the handle of another account")
    const known = await findHandleOf(tx, bound)
    if (known !== undefined && known !== handle) throw new KeylogError("handle_account", "an account with two handles")
    saveHandle(tx, handle, { version: found.version, binding: found.encoded, accountId: bound })
  }
}
