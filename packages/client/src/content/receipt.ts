// Delivery and read receipts: one report for everything that arrived or was read since the last one.

import { CodecError, bytes } from "@nodoor/bytes"
import { deleteReceiptDue, deleteReceiptsDue, listReceiptsDue } from "../store/chat/receipts-due.ts"
import { raiseReceipt } from "../store/chat/receipts.ts"
import { accountsOf } from "../store/group/members.ts"
import { contentOf, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import { decodeStatusReport, encodeStatusReport, messageStatus, statusReportType } from "./mimi/status-report.ts"

/** Receipts of one report; more wait for the next. */
const receiptsPerReport = 200
/** In a larger chat receipts would be most of its traffic, and nobody reads them: there a message stays `sent`. */
export const receiptAccountsMax = 32

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
  /** Statuses only rise. What is reported about other people's messages means nothing here. */
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
