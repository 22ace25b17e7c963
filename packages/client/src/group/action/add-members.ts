// Adding people to a group.

import { toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { limits } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import type { Clock } from "../../core/ports.ts"
import { listUnattached } from "../../store/group/unattached.ts"
import { accountsOf } from "../../store/group/members.ts"
import { groupTexts } from "../../texts/en.ts"
import { type ChangeParts, allow, changeGroup, isAdmin } from "./group-change.ts"
import { type KnownAccountsParts, distinctAccounts, lookUpAccounts } from "./known-accounts.ts"

export async function addMembers(
  parts: ChangeParts & KnownAccountsParts & { readonly clock: Clock },
  chatId: Uint8Array,
  accountIds: readonly AccountId[],
): Promise<void> {
  await lookUpAccounts(parts, accountIds)
  await changeGroup(parts, chatId, async (tx, group) => {
    allow(group.policy.rules.add === "everyone" || isAdmin(parts, group), groupTexts.adminsAdd)
    const present = await accountsOf(tx, group.groupId)
    // Who was added and has not come is added again.
    const unattached = await listUnattached(tx, { groupId: group.groupId, nowMs: parts.clock.nowMs() })
    const isMissing = (accountId: AccountId): boolean => !present.has(toHex(accountId)) || unattached.has(toHex(accountId))
    const accounts = distinctAccounts(accountIds).filter(isMissing)
    if (new Set([...present.keys(), ...accounts.map(toHex)]).size > limits.accountsPerGroup)
      throw new ClientError("invalid_input", groupTexts.tooMany)
    return accounts.length > 0 ? { type: "add", accounts } : undefined
  })
}
