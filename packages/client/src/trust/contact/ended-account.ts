// Accounts of others that have ended (docs/transparency.md, "Ended accounts"): verified, or only shown, when the log has erased how.

import { contactTexts } from "../../texts/en.ts"

/** `proven`: one of the account's devices ended it. `unproven`: nothing vouches for who did; nobody can be reached there all the same. */
export type AccountEnding = "proven" | "unproven"

/** Why somebody can no longer be reached. */
export function endingText(name: string, ending: AccountEnding): string {
  return ending === "proven" ? contactTexts.deleted(name) : contactTexts.unreachable(name)
}
