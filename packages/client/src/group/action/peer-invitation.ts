// Letting the other person into a dm, also when an earlier try was refused: they may have been blocking, or their server at odds.

import type { AccountId } from "@nodoor/keylog"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Transaction } from "../../core/transaction.ts"
import { hasOthers } from "../../store/group/members.ts"
import { isGroupUnderWay } from "../../store/group/outbox.ts"
import { enqueueIntent } from "../../store/group/outbox-item.ts"
import type { Trust } from "../../trust/trust.ts"

export interface InvitationParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly trust: Pick<Trust, "latest">
  kick(groupId: Uint8Array): void
}

/** Asks once more for the other person to be let in, unless they are in, or that is being done already. */
export async function invitePeer(parts: InvitationParts, tx: Transaction, groupId: Uint8Array, peer: AccountId): Promise<void> {
  if ((await isGroupUnderWay(tx, groupId)) || (await hasOthers(tx, groupId, parts.own.accountId))) return
  enqueueIntent(tx, groupId, { type: "add", accounts: await withOwnDevices(parts, [peer]) })
  tx.after(() => parts.kick(groupId))
}

/** This account's other devices are let in together with the first people. */
export async function withOwnDevices({ own, trust }: InvitationParts, peers: readonly AccountId[]): Promise<readonly AccountId[]> {
  const account = await trust.latest(own.accountId)
  return account && account.state.devices.length > 1 ? [own.accountId, ...peers] : peers
}
