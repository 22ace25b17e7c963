// Chooses the group for the messages of two people when there are two groups, because both opened the chat at once or somebody tries to move
// it (docs/decisions/0010-a-chat-of-two-does-not-move.md). Messages in the other group arrive in the same chat.

import { compare } from "@nodoor/bytes"
import type { OwnDevice } from "../../core/own-device.ts"
import { hasOthers, openerOf } from "../../store/group/members.ts"
import type { ChatRow } from "../../store/chat/chats.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { findGroup } from "../../store/group/groups.ts"
import { isGroupUnderWay } from "../../store/group/outbox.ts"
import type { Transaction } from "../../core/transaction.ts"

export interface DmChoice {
  readonly groupId: Uint8Array
  readonly state: ChatRow["state"]
}

/**
 * The chat stays where it is as long as that group lives and the other person has written in it. Before that, of two groups opened by
 * the two people, the one of the lower account id: nobody can choose that after the fact, and both sides come to the same one.
 */
export async function chooseDmGroup(
  tx: Transaction,
  own: Pick<OwnDevice, "accountId">,
  {
    chat,
    arriving,
  }: { readonly chat: ChatRow; readonly arriving: { readonly groupId: Uint8Array; readonly opener: Uint8Array | undefined } },
): Promise<DmChoice> {
  const current = await findGroup(tx, chat.groupId)
  const moved = { groupId: arriving.groupId, state: chat.state }
  // A chat that stopped after an alarm continues only when its person accepts it again.
  if (chat.state === "halted" || current?.status === "halted") return { ...moved, state: "request" }
  if (chat.state === "left") return { ...moved, state: chat.peer && (await findContact(tx, chat.peer))?.accepted ? "active" : "request" }
  // It goes on in the group that follows, and in no other.
  if (current?.status === "succeeded") return { groupId: chat.groupId, state: chat.state }
  if (current?.status !== "active") return moved
  if (!(await reaches(tx, own, chat.groupId))) return moved
  const opener = await openerOf(tx, chat.groupId)
  if (chat.settled || !opener || !arriving.opener || compare(arriving.opener, opener) >= 0)
    return { groupId: chat.groupId, state: chat.state }
  return moved
}

/** Whether the other person is in the group or is being added. */
async function reaches(tx: Transaction, own: Pick<OwnDevice, "accountId">, groupId: Uint8Array): Promise<boolean> {
  if (await hasOthers(tx, groupId, own.accountId)) return true
  return await isGroupUnderWay(tx, groupId)
}
