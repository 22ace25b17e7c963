// Delivery and read receipts. One report covers everything that arrived or was read since the last one.

import { CodecError, bytes } from "@nodoor/bytes"
import { deleteReceiptDue, deleteReceiptsDue, listReceiptsDue } from "../store/chat/receipts-due.ts"
import { raiseReceipt } from "../store/chat/receipts.ts"
import { accountsOf } from "../store/group/members.ts"
import { contentOf, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import { decodeStatusReport, encodeStatusReport, messageStatus, statusReportType } from "./mimi/status-report.ts"

/** Receipts in one report. The rest wait for the next one. */
const receiptsPerReport = 200
/** In larger chats receipts would be most of the traffic, so none are sent and messages stay `sent`. */
const receiptAccountsMax = 32

export const receipt: ContentType<void, never> = {
  name: "receipt",
  isSilent: true,
  compose: async (writing) => {
    const { tx, group } = writing
    const { groupId } = group
    const due = await listReceiptsDue(tx, groupId, receiptsPerReport)
    if (due.length === 0) return undefined
    if ((await accountsOf(tx, groupId)).size > receiptAccountsMax) {
      deleteReceiptsDue(tx, groupId)
      return undefined
    }
    for (const one of due) deleteReceiptDue(tx, groupId, one)
    const entries = due.map(({ messageId, status }) => ({ messageId: bytes<"MessageId">(messageId), status }))
    return await writing.queue({ part: singlePart(statusReportType, encodeStatusReport(entries)) })
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
