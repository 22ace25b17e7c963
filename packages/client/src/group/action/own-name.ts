// The name that contacts see. It is sent to every chat that may know it.

import { type SyncNotes, syncKeys } from "../../store/sync/sync-entry.ts"
import type { Transactions } from "../../core/transaction.ts"
import { listActiveGroups, raiseProfileDue } from "../../store/group/groups.ts"
import { renameOwnAccount } from "../../store/device.ts"

export async function setOwnName(
  parts: { readonly transactions: Transactions; readonly sync: SyncNotes; kick(groupId: Uint8Array): void },
  name: string,
): Promise<void> {
  await parts.transactions.run(async (tx) => {
    renameOwnAccount(tx, name)
    await parts.sync.synced(tx, syncKeys.profileName, name)
    const groups = await listActiveGroups(tx)
    for (const groupId of groups) raiseProfileDue(tx, groupId, 2)
    tx.after(() => {
      for (const groupId of groups) parts.kick(groupId)
    })
  })
}
