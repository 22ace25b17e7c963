// Adding people to a group.

import { toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { limits } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import { accountsOf } from "../../store/group/members.ts"
import { groupTexts } from "../../texts/en.ts"
import { type ChangeParts, allow, changeGroup, isAdmin } from "./group-change.ts"
import { type KnownAccountsParts, distinctAccounts, lookUpAccounts } from "./known-accounts.ts"

export async function addMembers(
  parts: ChangeParts & KnownAccountsParts,
  chatId: Uint8Array,
  accountIds: readonly AccountId[],
): Promise<void> {
  await lookUpAccounts(parts, accountIds)
  await changeGroup(parts, chatId, async (tx, group) => {
    allow(group.policy.rules.add === "everyone" || isAdmin(parts, group), groupTexts.adminsAdd)
    const present = await accountsOf(tx, group.groupId)
    const accounts = distinctAccounts(accountIds).filter((accountId) => !present.has(toHex(accountId)))
    if (present.size + accounts.length > limits.accountsPerGroup) throw new ClientError("invalid_input", groupTexts.tooMany)
    return accounts.length > 0 ? { type: "add", accounts } : undefined
  })
}
