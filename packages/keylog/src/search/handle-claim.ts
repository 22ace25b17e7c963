// What a server says of an account's handle, put to the log: said by the server alone it is worth nothing.

import { equal } from "@nodoor/bytes"
import { type AccountId, accountLabel } from "../account/account-state.ts"
import { handleLabel } from "../account/handle-binding.ts"
import { rule } from "../core/keylog-error.ts"
import type { Lookup } from "./search-verify.ts"

/**
 * Whether a search for the handle and the account bears out that the one is the other's. An account and its handle come into the log with
 * one epoch and go out of it with the account's end, so that a living account whose handle is nobody's has none.
 * @throws KeylogError `handle_claim`
 */
export function verifyHandleClaim(lookups: readonly Lookup[], claim: { readonly handle: string; readonly accountId: AccountId }): void {
  const found = lookups.find(({ label }) => equal(label, handleLabel(claim.handle)))
  if (found?.status === "handle") {
    rule(equal(found.binding.accountId, claim.accountId), "handle_claim", "the handle of another account") // H5
    return
  }
  const account = lookups.find(({ label }) => equal(label, accountLabel(claim.accountId)))
  const lives = account?.status === "account" && account.account.kind !== "tombstone"
  rule(!lives, "handle_claim", "a handle that is nobody's") // H5
}
