// Decides which leaves this device removes from a group: devices that their accounts do not list, and in a group also devices that are held.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { ChatKind } from "../../store/chat/chats.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import { enqueueRevoke } from "../../store/group/outbox-item.ts"
import type { IdentifiedMember, Trust } from "../../trust/trust.ts"

export type MustGoTrust = Pick<Trust, "isRevoked" | "isStale" | "heldUntilMs">

export async function mustGo(
  trust: MustGoTrust,
  own: Pick<OwnDevice, "accountId" | "deviceId">,
  { leaf, kind }: { readonly leaf: IdentifiedMember; readonly kind: ChatKind },
): Promise<boolean> {
  if (equal(leaf.deviceId, own.deviceId)) return false
  // For the own account, what its owner has confirmed counts, and not changes that only the log shows.
  if (equal(leaf.accountId, own.accountId)) return await trust.isStale(leaf)
  if (await trust.isRevoked(leaf)) return true
  if (kind !== "group" || (await trust.heldUntilMs(leaf.accountId)) === undefined) return false
  // Only a hold that applies to everybody counts, so that the other members accept the removal.
  return (await trust.heldUntilMs(leaf.accountId, { verifiedCounts: false })) !== undefined
}

/** Queues the removal of those leaves that must go, before anything else is sent. */
export async function enqueueRevoked(
  { own, trust }: { readonly own: Pick<OwnDevice, "accountId" | "deviceId">; readonly trust: MustGoTrust },
  tx: Transaction,
  { groupId, policy }: Pick<GroupRow, "groupId" | "policy">,
  leaves: readonly IdentifiedMember[],
): Promise<void> {
  // All questions to `trust` come first: it reads outside the transaction, and each such read undoes what the transaction has run so far.
  const going: AccountId[] = []
  for (const leaf of leaves) if (await mustGo(trust, own, { leaf, kind: policy.kind })) going.push(leaf.accountId)
  for (const accountId of going) await enqueueRevoke(tx, groupId, accountId)
}
