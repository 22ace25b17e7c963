// Writing in a chat, for every content type.

import { equal } from "@nodoor/bytes"
import { type ComposerParts, compose, sendIdBytes } from "../content/compose.ts"
import type { ContentType } from "../content/content-type.ts"
import { ClientError } from "../core/client-error.ts"
import type { Transactions } from "../core/transaction.ts"
import { type InvitationParts, invitePeer } from "../group/action/peer-invitation.ts"
import { findSent } from "../store/chat/messages.ts"
import { messageTexts } from "../texts/en.ts"
import { type RequestParts, acceptRequest } from "./request.ts"
import { type WritableParts, writableChat } from "./writable-chat.ts"

export interface WriteParts extends ComposerParts, WritableParts, RequestParts, InvitationParts {
  readonly own: ComposerParts["own"]
  readonly trust: WritableParts["trust"] & InvitationParts["trust"]
  readonly transactions: Pick<Transactions, "run" | "runTogether">
}

/**
 * Stores and queues a message. Returns its id, or undefined if there was nothing to write. A message in a request accepts the request. If a
 * message was stored under this `sendId` before, nothing is written and the id of that message is returned.
 * @throws ClientError as `writableChat`, and as the content type
 */
export async function write<Input>(
  parts: WriteParts,
  chatId: Uint8Array,
  { type, input, sendId }: { readonly type: ContentType<Input, unknown>; readonly input: Input; readonly sendId?: Uint8Array | undefined },
): Promise<Uint8Array | undefined> {
  if (sendId && sendId.length !== sendIdBytes) throw new ClientError("invalid_input", messageTexts.idSize)
  return await parts.transactions.runTogether(async (tx) => {
    const before = sendId && (await findSent(tx, { accountId: parts.own.accountId, sendId }))
    if (before && !equal(before.chatId, chatId)) throw new ClientError("invalid_input", messageTexts.idInUse)
    if (before) return before.messageId
    const { chat, group } = await writableChat(parts, tx, chatId)
    if (type.isMessage && chat.state === "request") await acceptRequest(parts, tx, { chat, group })
    // Another own device may have made the chat, and not got as far as adding the other person.
    if (type.isMessage && chat.peer) await invitePeer(parts, tx, group.groupId, chat.peer)
    return await compose(parts, tx, group, { type, input, sendId })
  })
}
