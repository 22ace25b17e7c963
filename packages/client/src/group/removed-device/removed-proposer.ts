// A proposal of a device that was removed from its account: what such a device may not commit it may not have committed by others either.

import { isPlacedBefore } from "../../core/group-record.ts"
import { Undecided } from "../../trust/device/undecided.ts"
import { type Lookups, type Trust, identify } from "../../trust/trust.ts"
import type { Proposed } from "../policy/proposal-judgement.ts"

/**
 * Whether the proposal would remove another leaf, although its device no longer spoke for its account when it was placed. A device may
 * remove its own leaf. Judged once, as the proposal comes, by when the server placed it: the commit that carries it may come much later.
 * @throws Undecided until the log was asked
 */
export async function isOfRemovedProposer(
  trust: Pick<Trust, "standing">,
  { sender, proposal }: Proposed,
  at: { readonly looks: Lookups; readonly timeMs: number },
): Promise<boolean> {
  if (proposal.type !== "remove" || proposal.leafIndex === sender.leafIndex) return false
  const proposer = identify(sender)
  const standing = await trust.standing(proposer, at.looks)
  if (standing.status === "lookup") throw new Undecided({ accounts: [proposer.accountId], removals: [proposer] })
  // In the hour of the removal nobody can tell which was first, and the proposal is nobody's.
  return standing.status === "removed" && !(standing.sinceMs !== undefined && isPlacedBefore(at.timeMs, standing.sinceMs))
}
