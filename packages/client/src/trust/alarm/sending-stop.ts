// What stops sending: the device as a whole, or the chats that hold an account about which something was checked and wrong.

import { ClientError } from "../../core/client-error.ts"
import type { Reader } from "../../store/reader.ts"
import type { Transaction } from "../../core/transaction.ts"
import { logTexts } from "../../texts/en.ts"

export interface Stop {
  readonly code: string
  readonly alarmId: Uint8Array
}

/** Without an account nothing at all is sent any more. Each reason stands until a person has dealt with it. */
export async function stopSending(tx: Transaction, stop: Stop & { readonly accountId: Uint8Array | undefined }): Promise<void> {
  const { accountId, code, alarmId } = stop
  if (!accountId) {
    tx.write("INSERT OR IGNORE INTO sending_stop (alarm_id, code) VALUES (?, ?)", alarmId, code)
    for (const row of await tx.read("SELECT chat_id FROM chat")) tx.chatChanged(row["chat_id"] as Uint8Array)
    return
  }
  tx.write("INSERT OR IGNORE INTO distrust (account_id, code, alarm_id) VALUES (?, ?, ?)", accountId, code, alarmId)
  tx.write(
    "INSERT OR REPLACE INTO account_failure (account_id, status, code, at_ms) SELECT ?, 'failed', code, at_ms FROM alarm WHERE id = ?",
    accountId,
    alarmId,
  )
  tx.contactChanged(accountId)
  await touchChats(tx, accountId)
}

/** Undoes what an alarm stopped. */
export async function goOn(tx: Transaction, alarmId: Uint8Array): Promise<void> {
  const rows = await tx.read("SELECT account_id FROM distrust WHERE alarm_id = ?", alarmId)
  tx.write("DELETE FROM distrust WHERE alarm_id = ?", alarmId)
  tx.write("DELETE FROM sending_stop WHERE alarm_id = ?", alarmId)
  for (const row of rows) await touchChats(tx, row["account_id"] as Uint8Array)
  for (const row of await tx.read("SELECT chat_id FROM chat")) tx.chatChanged(row["chat_id"] as Uint8Array)
}

/** Why nothing is sent from this device; undefined when it is. */
export async function deviceStop(reader: Reader): Promise<Stop | undefined> {
  const [row] = await reader.read("SELECT code, alarm_id FROM sending_stop LIMIT 1")
  return row && { code: String(row["code"]), alarmId: row["alarm_id"] as Uint8Array }
}

/** Why nothing is sent to a group. */
export async function groupStop(reader: Reader, groupId: Uint8Array): Promise<Stop | undefined> {
  const stop = await deviceStop(reader)
  if (stop) return stop
  const [row] = await reader.read(
    "SELECT d.code, d.alarm_id FROM member m JOIN distrust d ON d.account_id = m.account_id WHERE m.group_id = ? LIMIT 1",
    groupId,
  )
  return row && { code: String(row["code"]), alarmId: row["alarm_id"] as Uint8Array }
}

export async function stopsDevice(reader: Reader, alarmId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM sending_stop WHERE alarm_id = ?", alarmId)).length > 0
}

export async function isDistrusted(reader: Reader, accountId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM distrust WHERE account_id = ?", accountId)).length > 0
}

/** @throws ClientError `log_untrusted`, `identity_untrusted` with the alarm's own words */
export async function refuseStopped(reader: Reader, groupId: Uint8Array): Promise<void> {
  const stop = await groupStop(reader, groupId)
  if (!stop) return
  const [alarm] = await reader.read("SELECT text FROM alarm WHERE id = ?", stop.alarmId)
  const text = String(alarm?.["text"] ?? logTexts.stopped)
  throw new ClientError(stop.code.startsWith("log_") ? "log_untrusted" : "identity_untrusted", text)
}

async function touchChats(tx: Transaction, accountId: Uint8Array): Promise<void> {
  const rows = await tx.read(
    "SELECT DISTINCT g.chat_id FROM member m JOIN mls_group g ON g.group_id = m.group_id WHERE m.account_id = ?",
    accountId,
  )
  for (const row of rows) tx.chatChanged(row["chat_id"] as Uint8Array)
}
