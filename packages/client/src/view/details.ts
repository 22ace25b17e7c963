// Of one own message: whom it was for, and how far it has come with each of them.

import { toHex } from "@nodoor/bytes"
import type { Row } from "../core/ports.ts"
import { readChat } from "../store/chat/chats.ts"
import { membersThen } from "../store/group/membership.ts"
import { receiptStatus } from "./delivery-status.ts"
import { memberIds } from "./members.ts"
import { readMessageView } from "./message-page.ts"
import type { MessageDetails } from "./message-view.ts"
import { isOwn, nameColumns, nameIn, ownName } from "./people.ts"
import { type ViewParts, idList } from "./view-parts.ts"

/** @throws ClientError `not_found` */
export async function readDetails(parts: ViewParts, chatId: Uint8Array, messageId: Uint8Array): Promise<MessageDetails> {
  const message = await readMessageView(parts, chatId, messageId)
  const { status } = message
  if (!message.sender.own || !status) return { message, deliveries: [] }
  const accountIds = (await recipients(parts, chatId, messageId)).filter((accountId) => !isOwn(parts, accountId))
  const rows = await parts.reader.read(
    `SELECT unhex(ids.value) AS account_id, r.status, r.at_ms, ${nameColumns("p", "p")}, ${ownName} FROM json_each(?) ids
       LEFT JOIN contact p ON p.account_id = unhex(ids.value)
       LEFT JOIN receipt r ON r.chat_id = ? AND r.message_id = ? AND r.account_id = unhex(ids.value) ORDER BY ids.key`,
    idList(accountIds),
    chatId,
    messageId,
  )
  // Who has not reported has no more than it was sent, however far it is with others.
  const unreported = status === "delivered" || status === "read" ? "sent" : status
  return {
    message,
    deliveries: rows.map((row: Row) => ({
      accountId: toHex(row["account_id"] as Uint8Array),
      name: nameIn(row, "p"),
      status: row["status"] === null ? unreported : receiptStatus(Number(row["status"])),
      atMs: row["at_ms"] === null ? undefined : Number(row["at_ms"]),
    })),
  }
}

/** Those who were in the group when it was placed; everybody who is in the chat while it has no place, and in a chat of two. */
async function recipients(parts: ViewParts, chatId: Uint8Array, messageId: Uint8Array): Promise<readonly Uint8Array[]> {
  const chat = await readChat(parts.reader, chatId)
  const [row] = await parts.reader.read("SELECT group_id, epoch, ord FROM message WHERE chat_id = ? AND message_id = ?", chatId, messageId)
  if (chat.kind === "dm" || typeof row?.["ord"] !== "number") return await memberIds(parts, chat)
  const epoch = typeof row["epoch"] === "number" ? row["epoch"] : undefined
  return await membersThen(parts.reader, { groupId: row["group_id"] as Uint8Array, epoch, order: row["ord"] })
}
