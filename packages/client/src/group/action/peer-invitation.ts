// Letting the other person into a dm, also when an earlier try was refused: they may have been blocking, or their server at odds.

import type { AccountId } from "@nodoor/keylog"
import type { Kernel } from "../../core/kernel.ts"
import { enqueueIntent } from "../../store/group/outbox-item.ts"
import { hasOthers } from "../../store/group/members.ts"
import type { Transaction } from "../../core/transaction.ts"

/** Asks once more for the other person to be let in, unless they are in, or that is being done already. */
export async function invitePeer(kernel: Kernel, tx: Transaction, groupId: Uint8Array, peer: AccountId): Promise<void> {
  const waiting = await tx.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind IN ('create', 'commit') LIMIT 1", groupId)
  if (waiting.length > 0 || (await hasOthers(tx, groupId, kernel.own.accountId))) return
  enqueueIntent(tx, groupId, { type: "add", accounts: await withOwnDevices(kernel, [peer]) })
  tx.after(() => kernel.kick(groupId))
}

/** This account's other devices are let in together with the first people. */
export async function withOwnDevices(kernel: Kernel, peers: readonly AccountId[]): Promise<readonly AccountId[]> {
  const account = await kernel.trust.latest(kernel.own.accountId)
  return account && account.state.devices.length > 1 ? [kernel.own.accountId, ...peers] : peers
}
