// Devices that came by a hard reset are held: nothing is encrypted to them until the reset delay has passed since the log showed the
// reset, so that the owner's devices can raise their alarm first.

import { type VerifiedAccountState, heldUntilMs } from "@nodoor/keylog"
import type { AccountCheck } from "../../store/trust/account-checks.ts"

/** The log's default; the pinned config has the one in force. */
const usualDelayMs = 86_400_000

/** A commit that takes a held device out is on its way for a moment when the hold ends. */
export const holdLeewayMs = 3_600_000

/** What is noted of an account that a search has just shown. The hold of a reset that is noted already stays as it is. */
export function firstHold(
  account: VerifiedAccountState,
  before: AccountCheck | undefined,
  at: { readonly nowMs: number; readonly size: number; readonly epochTimeMs: number; readonly resetDelayMs: number | undefined },
): AccountCheck {
  const { lastReset } = account
  const seen = { checkedMs: at.nowMs, size: at.size }
  if (lastReset?.hard !== true) return { ...seen, resetVersion: undefined, heldUntilMs: undefined, heldExact: true }
  if (before?.resetVersion === lastReset.version) return { ...before, ...seen }
  const untilMs = heldUntilMs(account, { resetEpochTimeMs: at.epochTimeMs, resetDelayMs: at.resetDelayMs ?? usualDelayMs })
  return { ...seen, resetVersion: lastReset.version, heldUntilMs: untilMs, heldExact: false }
}
