// Checks whether the person may write in a chat now.

import { isolated } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { roleOf } from "../core/policy.ts"
import type { Transaction } from "../core/transaction.ts"
import { type ChatRow, readChat } from "../store/chat/chats.ts"
import { type GroupRow, findGroup, isOpen } from "../store/group/groups.ts"
import { findContact } from "../store/trust/contacts.ts"
import { chatTexts } from "../texts/en.ts"
import { refuseStopped } from "../trust/alarm/sending-stop.ts"
import { endingText } from "../trust/contact/ended-account.ts"
import { called } from "../trust/name/called.ts"
import type { Trust } from "../trust/trust.ts"
import { refuseHeld } from "./held-chat.ts"

export interface WritableParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly trust: Pick<Trust, "ending">
}

/** @throws ClientError `not_found`, `not_writable`, `not_allowed`, `identity_untrusted`, `log_untrusted` */
export async function writableChat(
  { own, trust }: WritableParts,
  tx: Transaction,
  chatId: Uint8Array,
): Promise<{ readonly chat: ChatRow; readonly group: GroupRow }> {
  const chat = await readChat(tx, chatId)
  const group = await findGroup(tx, chat.groupId)
  const contact = chat.peer && (await findContact(tx, chat.peer))
  const ending = contact && (await trust.ending(contact.accountId))
  if (contact && ending) throw new ClientError("not_writable", endingText(isolated(await called(tx, contact)), ending))
  if (!group || !isOpen(group) || chat.state === "left" || chat.state === "halted") throw new ClientError("not_writable", chatTexts.closed)
  if (group.policy.rules.post === "admins" && roleOf(group.policy, own.accountId) !== "admin")
    throw new ClientError("not_allowed", chatTexts.adminsOnly)
  await refuseStopped(tx, group.groupId)
  if (contact) refuseHeld(contact)
  return { chat, group }
}
