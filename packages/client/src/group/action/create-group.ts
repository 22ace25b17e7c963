// Making a group with a name and its first people.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { limits } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import type { Policy } from "../../core/policy.ts"
import { checkedName, textLimits } from "../../core/text-limits.ts"
import { groupTexts } from "../../texts/en.ts"
import { distinctAccounts, lookUpAccounts } from "./known-accounts.ts"
import { beginGroup } from "./new-group.ts"
import type { OpenDmParts } from "./open-dm.ts"

/** Returns the id of its chat. @throws ClientError `invalid_input`, `not_found`, `not_allowed` */
export async function createGroup(
  parts: OpenDmParts,
  { name, accountIds }: { readonly name: string; readonly accountIds: readonly AccountId[] },
): Promise<Uint8Array> {
  const { accountId: own } = parts.own
  const title = checkedName(name, textLimits.groupNameCharacters)
  const peers = distinctAccounts(accountIds).filter((accountId) => !equal(accountId, own))
  if (peers.length + 1 > limits.accountsPerGroup) throw new ClientError("invalid_input", groupTexts.tooMany)
  await lookUpAccounts(parts, peers)
  const policy: Policy = {
    kind: "group",
    name: title,
    picture: undefined,
    roles: [{ accountId: own, role: "admin" }],
    rules: { add: "admins", rename: "admins", post: "everyone" },
    expiryS: undefined,
  }
  return await parts.transactions.run((tx) => beginGroup(parts, tx, policy, { peers }))
}
