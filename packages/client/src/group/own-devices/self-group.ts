// The group of the own account's devices, in which they tell each other what one person's devices should know (policy kind `self`). It is made
// when the account gets its second device.

import type { Policy } from "../../core/policy.ts"
import type { Transaction } from "../../core/transaction.ts"
import { findSelfGroup } from "../../store/group/own-groups.ts"
import { type NewGroupParts, beginGroup } from "../action/new-group.ts"

const policy: Policy = {
  kind: "self",
  name: "",
  picture: undefined,
  roles: [],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiryS: undefined,
}

/** Returns its id. */
export async function ensureSelfGroup(parts: NewGroupParts, tx: Transaction): Promise<Uint8Array> {
  // The id of a new chat is that of its group.
  return (await findSelfGroup(tx)) ?? (await beginGroup(parts, tx, policy, { peers: [] }))
}
