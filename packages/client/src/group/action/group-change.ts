// Shared by all changes that a person makes to a group. A change is checked against the policy, stored as an intent, and carried out by the
// outbox.

import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { roleOf } from "../../core/policy.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { readChat } from "../../store/chat/chats.ts"
import { type GroupRow, findGroup, isOpen } from "../../store/group/groups.ts"
import { accountsOf } from "../../store/group/members.ts"
import { enqueueIntent } from "../../store/group/outbox-item.ts"
import type { Intent } from "../../store/group/intent.ts"
import { groupTexts } from "../../texts/en.ts"
import { toHex } from "@nodoor/bytes"

export interface ChangeParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly transactions: Transactions
  kick(groupId: Uint8Array): void
}

/** `make` returns what to do, if anything. @throws ClientError `not_found`, `not_writable`, `not_allowed` */
export async function changeGroup(
  parts: ChangeParts,
  chatId: Uint8Array,
  make: (tx: Transaction, group: GroupRow) => Promise<Intent | undefined>,
): Promise<void> {
  await parts.transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    const group = await findGroup(tx, chat.groupId)
    if (chat.state !== "active" && chat.state !== "request") throw new ClientError("not_writable", groupTexts.notChangeable)
    if (chat.kind !== "group" || !group || !isOpen(group)) throw new ClientError("not_allowed", groupTexts.groupsOnly)
    const intent = await make(tx, group)
    if (!intent) return
    enqueueIntent(tx, group.groupId, intent)
    tx.after(() => parts.kick(group.groupId))
  })
}

/** @throws ClientError `not_allowed` */
export function allow(allowed: boolean, message: string): void {
  if (!allowed) throw new ClientError("not_allowed", message)
}

export function isAdmin({ own }: Pick<ChangeParts, "own">, group: Pick<GroupRow, "policy">): boolean {
  return roleOf(group.policy, own.accountId) === "admin"
}

/** @throws ClientError `not_found` */
export async function refuseStranger(tx: Transaction, group: GroupRow, accountId: Uint8Array): Promise<void> {
  if (!(await accountsOf(tx, group.groupId)).has(toHex(accountId))) throw new ClientError("not_found", groupTexts.notAMember)
}
