// Which leaves this device has taken out of a group: those of devices that their accounts do not list, and in a group those that are held.

import { equal } from "@nodoor/bytes"
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
  // Of the own account what its owner knows, not what the log says and nobody has acknowledged.
  if (equal(leaf.accountId, own.accountId)) return await trust.isStale(leaf)
  if (await trust.isRevoked(leaf)) return true
  if (kind !== "group" || (await trust.heldUntilMs(leaf.accountId)) === undefined) return false
  // Held for everybody, so that the others let it go too; not only for this person, who has to say yes.
  return (await trust.heldUntilMs(leaf.accountId, { verifiedCounts: false })) !== undefined
}

/** Those of the leaves that must go are taken out before this device sends anything. */
export async function enqueueRevoked(
  { own, trust }: { readonly own: Pick<OwnDevice, "accountId" | "deviceId">; readonly trust: MustGoTrust },
  tx: Transaction,
  { groupId, policy }: Pick<GroupRow, "groupId" | "policy">,
  leaves: readonly IdentifiedMember[],
): Promise<void> {
  for (const leaf of leaves) if (await mustGo(trust, own, { leaf, kind: policy.kind })) await enqueueRevoke(tx, groupId, leaf.accountId)
}
