// When the log took in that a device was left out of its account, or that the account ended: what a commit of that device is measured by.

import type { AccountId } from "@nodoor/keylog"
import { KeylogError } from "@nodoor/keylog"
import { ClientError } from "../../core/client-error.ts"
import type { KeyLog } from "../log/key-log.ts"

/**
 * The time of the epoch that took in the version that left the device out, and of no other: so everybody who asks has the same one.
 * Undefined when the log proves none. @throws NetworkError, WireError, ClientError when it could not be asked
 */
export async function removalTimeMs(
  log: Pick<KeyLog, "loggedSinceMs">,
  accountId: AccountId,
  version: number,
): Promise<number | undefined> {
  try {
    return await log.loggedSinceMs(accountId, version)
  } catch (error) {
    // Checked and wrong, or erased: that proves no time, and is not asked again.
    if (error instanceof KeylogError || (error instanceof ClientError && error.code === "identity_untrusted")) return undefined
    throw error
  }
}
