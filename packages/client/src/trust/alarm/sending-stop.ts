// What stops sending: the device as a whole, or the chats that hold an account about which something failed verification.

import { ClientError } from "../../core/client-error.ts"
import type { Transaction } from "../../core/transaction.ts"
import { listAllChats, listChatsOf } from "../../store/group/account-groups.ts"
import type { Reader } from "../../store/reader.ts"
import { saveFailureOfAlarm } from "../../store/trust/account-checks.ts"
import { findAlarm } from "../../store/trust/alarms.ts"
import {
  type Stop,
  deleteStopsOf,
  findGroupDistrust,
  findSendingStop,
  insertDistrust,
  insertSendingStop,
  listDistrustedBy,
} from "../../store/trust/distrust.ts"
import { logTexts } from "../../texts/en.ts"

/** A stop without an account ends all sending. Each stop stands until a person has dealt with its alarm. */
export async function stopSending(tx: Transaction, stop: Stop & { readonly accountId: Uint8Array | undefined }): Promise<void> {
  const { accountId, alarmId } = stop
  if (!accountId) {
    insertSendingStop(tx, stop)
    for (const chatId of await listAllChats(tx)) tx.chatChanged(chatId)
    return
  }
  insertDistrust(tx, accountId, stop)
  saveFailureOfAlarm(tx, accountId, alarmId)
  tx.contactChanged(accountId)
  for (const chatId of await listChatsOf(tx, accountId)) tx.chatChanged(chatId)
}

/** Ends what an alarm stopped. */
export async function resumeSending(tx: Transaction, alarmId: Uint8Array): Promise<void> {
  const accounts = await listDistrustedBy(tx, alarmId)
  deleteStopsOf(tx, alarmId)
  for (const accountId of accounts) for (const chatId of await listChatsOf(tx, accountId)) tx.chatChanged(chatId)
  for (const chatId of await listAllChats(tx)) tx.chatChanged(chatId)
}

/** Why nothing is sent to a group; undefined when it may be. */
export async function groupStop(reader: Reader, groupId: Uint8Array): Promise<Stop | undefined> {
  return (await findSendingStop(reader)) ?? (await findGroupDistrust(reader, groupId))
}

/** @throws ClientError `log_untrusted`, `identity_untrusted` with the alarm's own text */
export async function refuseStopped(reader: Reader, groupId: Uint8Array): Promise<void> {
  const stop = await groupStop(reader, groupId)
  if (!stop) return
  const alarm = await findAlarm(reader, stop.alarmId)
  throw new ClientError(stop.code.startsWith("log_") ? "log_untrusted" : "identity_untrusted", alarm?.text ?? logTexts.stopped)
}
