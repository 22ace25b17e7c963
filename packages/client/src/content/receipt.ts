// Delivery and read receipts. One report covers everything that arrived or was read since the last one; more than fit go in several at once.

import { CodecError, bytes } from "@nodoor/bytes"
import { deleteReceiptsDue, listReceiptsDue } from "../store/chat/receipts-due.ts"
import { raiseReceipt } from "../store/chat/receipts.ts"
import { accountsOf } from "../store/group/members.ts"
import { contentOf, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import type { MessageId } from "./mimi/content.ts"
import { decodeStatusReport, encodeStatusReport, maxStatusEntries, messageStatus, statusReportType } from "./mimi/status-report.ts"

/** In larger chats receipts would be most of the traffic, so none are sent and messages stay `sent`. */
const receiptAccountsMax = 32

export const receipt: ContentType<void, never> = {
  name: "receipt",
  isSilent: true,
  compose: async (writing) => {
    const { tx, group } = writing
    const { groupId } = group
    const due = await listReceiptsDue(tx, groupId)
    if (due.length === 0) return undefined
    deleteReceiptsDue(tx, groupId)
    if ((await accountsOf(tx, groupId)).size > receiptAccountsMax) return undefined
    const entries = due.map(({ messageId, status }) => ({ messageId: bytes<"MessageId">(messageId), status }))
    let last: MessageId | undefined
    for (let at = 0; at < entries.length; at += maxStatusEntries) {
      const report = encodeStatusReport(entries.slice(at, at + maxStatusEntries))
      last = await writing.queue({ part: singlePart(statusReportType, report) })
    }
    return last
  },
  accepts: ({ part }) => contentOf(part, statusReportType) !== undefined,
  /** A status only rises. Reports about other people's messages are ignored. */
  receive: ({ tx, chat, sender, isOwn, part, ownAccountId, timeMs }) => {
    if (isOwn) return
    for (const { messageId, status } of entriesOf(contentOf(part, statusReportType))) {
      if (status !== messageStatus.delivered && status !== messageStatus.read) continue
      const { chatId } = chat
      raiseReceipt(tx, { chatId, messageId, accountId: sender.accountId, status, atMs: timeMs, author: ownAccountId })
    }
  },
}

function entriesOf(report: Uint8Array | undefined): ReturnType<typeof decodeStatusReport> {
  try {
    return report ? decodeStatusReport(report) : []
  } catch (error) {
    if (error instanceof CodecError) return []
    throw error
  }
}
