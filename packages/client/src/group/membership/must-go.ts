// Which leaves this device has taken out of a group: those of devices that their accounts do not list, and in a group those that are held.

import { equal } from "@nodoor/bytes"
import type { OwnDevice } from "../../core/own-device.ts"
import type { ChatKind } from "../../store/chat/chats.ts"
import type { IdentifiedMember, Trust } from "../../trust/trust.ts"

export async function mustGo(
  trust: Pick<Trust, "isRevoked" | "isStale" | "heldUntilMs">,
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
