// Changing what a group is called, who its admins are and what its members may do.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { GroupRules, Role } from "../../core/group-rules.ts"
import { historyLimits, isShareable } from "../../core/policy.ts"
import { ClientError } from "../../core/client-error.ts"
import { checkedName, textLimits } from "../../core/text-limits.ts"
import { groupTexts } from "../../texts/en.ts"
import { type ChangeParts, allow, changeGroup, isAdmin, refuseStranger } from "./group-change.ts"

export async function renameGroup(parts: ChangeParts, chatId: Uint8Array, name: string): Promise<void> {
  await changeGroup(parts, chatId, async (_, group) => {
    allow(group.policy.rules.rename === "everyone" || isAdmin(parts, group), groupTexts.adminsRename)
    return { type: "rename", name: checkedName(name, textLimits.groupNameCharacters) }
  })
}

export async function setRole(
  parts: ChangeParts,
  chatId: Uint8Array,
  { account, role }: { readonly account: AccountId; readonly role: Role },
): Promise<void> {
  await changeGroup(parts, chatId, async (tx, group) => {
    allow(isAdmin(parts, group), groupTexts.adminsChangeRoles)
    await refuseStranger(tx, group, account)
    const others = group.policy.roles.filter((entry) => !equal(entry.accountId, account))
    allow(role === "admin" || others.length > 0, groupTexts.oneAdmin)
    return { type: "role", account, role }
  })
}

export async function setRules(parts: ChangeParts, chatId: Uint8Array, rules: GroupRules): Promise<void> {
  await changeGroup(parts, chatId, async (_, group) => {
    allow(isAdmin(parts, group), groupTexts.adminsChangeRules)
    return { type: "rules", rules: { add: rules.add, rename: rules.rename, post: rules.post } }
  })
}

/** What new members are shown of what was written before; neither turns it off. @throws ClientError `invalid_input` */
export async function setHistorySharing(
  parts: ChangeParts,
  chatId: Uint8Array,
  { messages, days }: { readonly messages?: number | undefined; readonly days?: number | undefined },
): Promise<void> {
  if (messages !== undefined && days !== undefined) throw new ClientError("invalid_input", groupTexts.historyOneUnit)
  for (const [unit, count] of [["messages", messages] as const, ["days", days] as const])
    if (count !== undefined && !isShareable(unit, count))
      throw new ClientError("invalid_input", groupTexts.historyTooMuch(historyLimits.messages, historyLimits.days))
  const history = messages !== undefined ? { messages } : days !== undefined ? { days } : null
  await changeGroup(parts, chatId, async (_, group) => {
    allow(isAdmin(parts, group), groupTexts.adminsChangeRules)
    return { type: "history", history }
  })
}
