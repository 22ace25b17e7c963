// When the log took in that a device was left out of its account, or that the account ended: what a commit of that device is measured by.

import type { AccountId } from "@nodoor/keylog"
import { KeylogError } from "@nodoor/keylog"
import { ClientError } from "../client-error.ts"
import type { KeyLog } from "./key-log.ts"

/**
 * The time of the epoch that took in version `from`, or of the next one up to `to` whose place in the map this device knows: never before
 * the removal. Undefined when the log proves no time. @throws NetworkError, WireError, ClientError when it could not be asked
 */
export async function removalTimeMs(
  log: Pick<KeyLog, "loggedSinceMs" | "provable">,
  accountId: AccountId,
  versions: { readonly from: number; readonly to: number },
): Promise<number | undefined> {
  const version = log.provable(accountId, versions)
  if (version === undefined) return undefined
  try {
    return await log.loggedSinceMs(accountId, version)
  } catch (error) {
    // Checked and wrong, or erased: that proves no time, and is not asked again.
    if (error instanceof KeylogError || (error instanceof ClientError && error.code === "identity_untrusted")) return undefined
    throw error
  }
}
