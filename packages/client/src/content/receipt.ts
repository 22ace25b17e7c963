// Delivery and read receipts. One report covers everything that arrived or was read since the last one; more than fit go in several at once.

import { CodecError, bytes, toHex } from "@nodoor/bytes"
import { keepEarlyReceipts, listMissing } from "../store/archive/early-receipts.ts"
import { deleteReceiptsDue, listReceiptsDue } from "../store/chat/receipts-due.ts"
import { raiseReceipt } from "../store/chat/receipts.ts"
import { accountsOf } from "../store/group/members.ts"
import { contentOf, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import type { MessageId } from "./mimi/content.ts"
import {
  type StatusEntry,
  decodeStatusReport,
  encodeStatusReport,
  maxStatusEntries,
  messageStatus,
  statusReportType,
} from "./mimi/status-report.ts"

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
  /**
   * A status only rises. Reports about other people's messages are ignored; whose a message is that is not here shows when it comes with an archive,
   * and until then the report is kept.
   */
  receive: async ({ tx, group: { groupId }, chat: { chatId }, sender: { accountId }, isOwn, part, ownAccountId, timeMs }) => {
    if (isOwn) return
    const receipts = entriesOf(contentOf(part, statusReportType)).filter(isReceipt)
    const missing = new Set(
      (
        await listMissing(
          tx,
          chatId,
          receipts.map(({ messageId }) => messageId),
        )
      ).map(toHex),
    )
    const early = receipts.filter(({ messageId }) => missing.has(toHex(messageId)))
    const isKept = early.length > 0 && (await accountsOf(tx, groupId)).size <= receiptAccountsMax
    for (const { messageId, status } of receipts)
      if (!missing.has(toHex(messageId))) raiseReceipt(tx, { chatId, messageId, accountId, status, atMs: timeMs, author: ownAccountId })
    if (isKept) keepEarlyReceipts(tx, { chatId, accountId, atMs: timeMs }, early)
  },
}

function isReceipt({ status }: StatusEntry): boolean {
  return status === messageStatus.delivered || status === messageStatus.read
}

function entriesOf(report: Uint8Array | undefined): readonly StatusEntry[] {
  try {
    return report ? decodeStatusReport(report) : []
  } catch (error) {
    if (error instanceof CodecError) return []
    throw error
  }
}
