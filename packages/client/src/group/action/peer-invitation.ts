// Adds the other person to a dm, again if an earlier attempt was refused, for example because they had blocked this account.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Transaction } from "../../core/transaction.ts"
import { hasOthers } from "../../store/group/members.ts"
import { decodeIntent } from "../../store/group/intent.ts"
import { listCommits } from "../../store/group/outbox.ts"
import { enqueueIntent } from "../../store/group/outbox-item.ts"
import type { Trust } from "../../trust/trust.ts"

export interface InvitationParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly trust: Pick<Trust, "latest">
  kick(groupId: Uint8Array): void
}

/** Queues the invitation unless the other person is in the group or is already being added. */
export async function invitePeer(parts: InvitationParts, tx: Transaction, groupId: Uint8Array, peer: AccountId): Promise<void> {
  if ((await isBeingAdded(tx, groupId, peer)) || (await hasOthers(tx, groupId, parts.own.accountId))) return
  enqueueIntent(tx, groupId, { type: "add", accounts: await withOwnDevices(parts, [peer]) })
  tx.after(() => parts.kick(groupId))
}

async function isBeingAdded(tx: Transaction, groupId: Uint8Array, peer: AccountId): Promise<boolean> {
  return (await listCommits(tx, groupId)).some(({ payload }) => {
    const intent = decodeIntent(payload)
    return intent.type === "add" && intent.accounts.some((accountId) => equal(accountId, peer))
  })
}

/** This account's other devices are added together with the first people. */
export async function withOwnDevices({ own, trust }: InvitationParts, peers: readonly AccountId[]): Promise<readonly AccountId[]> {
  const account = await trust.latest(own.accountId)
  return account && account.state.devices.length > 1 ? [own.accountId, ...peers] : peers
}
