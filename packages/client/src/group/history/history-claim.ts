// What is said when a member claims another history than this device has. It may be the server's doing or that member's invention, so the
// alarm is about that member's claim, and whatever else is found later has an alarm of its own.

import { equal, toHex } from "@nodoor/bytes"
import type { MailboxRecord } from "@nodoor/wire"
import { raiseAlarm, standingAlarm } from "../../store/trust/alarms.ts"
import type { ChatEvent } from "../../store/chat/chat-event.ts"
import { calledInWords } from "../../trust/name/called.ts"
import { historyTeller } from "./history.ts"
import type { Kernel } from "../../core/kernel.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { findChat } from "../../store/chat/chats.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import type { Transaction } from "../../core/transaction.ts"

type BodyRecord = Extract<MailboxRecord, { readonly kind: "post" | "commit" }>

/** Told once for each member that claims it, until the alarm is read. What a stranger claims is not told before the stranger is accepted. */
export async function historyContradicted(
  kernel: Pick<Kernel, "own" | "crypto" | "random" | "clock">,
  tx: Transaction,
  group: Pick<GroupRow, "groupId" | "chatId">,
  { record, by }: { readonly record: BodyRecord; readonly by: Uint8Array },
): Promise<void> {
  const { own, crypto, random, clock } = kernel
  const { chatId, groupId } = group
  if (!equal(by, own.accountId) && (await findChat(tx, chatId))?.state === "request") return
  const teller = await historyTeller(tx, groupId)
  const who = await deviceOf(tx, by, own.accountId)
  const text =
    teller && !equal(teller, by)
      ? `${who} and ${await deviceOf(tx, teller, own.accountId)} say that the server showed them different histories of this chat. Either it did, or one of these devices does not tell the truth. Ask both people what they see.`
      : `${who} says that the server showed it another history of this chat than this device. Either it did, or that device does not tell the truth. Ask what they see.`
  const alarm = { level: "warn" as const, code: "history_fork", text, chatId, accountId: by, atMs: clock.nowMs() }
  if (await standingAlarm(tx, alarm)) return
  const event: ChatEvent = { kind: "history_mismatch", code: "fork", by: toHex(by) }
  const at = { chatId, groupId, order: record.order, timeMs: record.timeMs, accountId: own.accountId }
  await insertEvent(tx, crypto.sha256, at, event)
  raiseAlarm(tx, random, alarm)
}

async function deviceOf(tx: Transaction, accountId: Uint8Array, ownAccountId: Uint8Array): Promise<string> {
  if (equal(accountId, ownAccountId)) return "Another device of yours"
  return `${await calledInWords(tx, accountId, "Another member")}’s device`
}
