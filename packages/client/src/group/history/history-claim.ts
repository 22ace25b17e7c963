// The alarm when a member claims a history that differs from this device's. Either the server forked the history or the member invented it, so
// the alarm names the member's claim. Later findings get alarms of their own.

import { equal, toHex } from "@nodoor/bytes"
import { raiseAlarm, standingAlarm } from "../../store/trust/alarms.ts"
import type { ChatEvent } from "../../store/chat/chat-event.ts"
import { calledInWords } from "../../trust/name/called.ts"
import { findTeller } from "../../store/group/history.ts"
import type { MismatchParts } from "./history-mismatch.ts"
import { historyTexts } from "../../texts/en.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { findChat } from "../../store/chat/chats.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import type { PostRecord } from "../../core/group-record.ts"
import { eventTimeMs } from "../../store/chat/event-time.ts"
import type { Transaction } from "../../core/transaction.ts"

/** Raised once for each member until the alarm is read. Claims of a stranger raise nothing until the stranger is accepted. */
export async function historyContradicted(
  parts: MismatchParts,
  tx: Transaction,
  group: Pick<GroupRow, "groupId" | "chatId">,
  { record, by }: { readonly record: Pick<PostRecord, "order" | "timeMs">; readonly by: Uint8Array },
): Promise<void> {
  const { own, crypto, random, clock } = parts
  const { chatId, groupId } = group
  if (!equal(by, own.accountId) && (await findChat(tx, chatId))?.state === "request") return
  const teller = await findTeller(tx, groupId)
  const who = await deviceOf(tx, by, own.accountId)
  const text =
    teller && !equal(teller, by) ? historyTexts.forkBetween(who, await deviceOf(tx, teller, own.accountId)) : historyTexts.fork(who)
  const alarm = { level: "warn" as const, code: "history_fork", text, chatId, accountId: by, atMs: clock.nowMs() }
  if (await standingAlarm(tx, alarm)) return
  const event: ChatEvent = { kind: "history_mismatch", code: "fork", by: toHex(by) }
  const timeMs = await eventTimeMs(tx, { chatId, placedMs: record.timeMs, nowMs: clock.nowMs() })
  const at = { chatId, groupId, order: record.order, timeMs, accountId: own.accountId }
  await insertEvent(tx, crypto.sha256, at, event)
  raiseAlarm(tx, random, alarm)
}

async function deviceOf(tx: Transaction, accountId: Uint8Array, ownAccountId: Uint8Array): Promise<string> {
  if (equal(accountId, ownAccountId)) return historyTexts.ownDevice
  return historyTexts.deviceOf(await calledInWords(tx, accountId, historyTexts.anotherMember))
}
