// What stops sending, each by the alarm that says why: tables `sending_stop` (the whole device) and `distrust` (chats with an account).

import type { AccountId } from "@nodoor/keylog"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface Stop {
  readonly code: string
  readonly alarmId: Uint8Array
}

export function insertSendingStop(tx: Transaction, { code, alarmId }: Stop): void {
  tx.write("INSERT OR IGNORE INTO sending_stop (alarm_id, code) VALUES (?, ?)", alarmId, code)
}

export function insertDistrust(tx: Transaction, accountId: Uint8Array, { code, alarmId }: Stop): void {
  tx.write("INSERT OR IGNORE INTO distrust (account_id, code, alarm_id) VALUES (?, ?, ?)", accountId, code, alarmId)
}

/** Removes everything that the alarm stopped, and nothing that another one did. */
export function deleteStopsOf(tx: Transaction, alarmId: Uint8Array): void {
  tx.write("DELETE FROM distrust WHERE alarm_id = ?", alarmId)
  tx.write("DELETE FROM sending_stop WHERE alarm_id = ?", alarmId)
}

export async function findSendingStop(reader: Reader): Promise<Stop | undefined> {
  const [row] = await reader.read("SELECT code, alarm_id FROM sending_stop LIMIT 1")
  return row && stopFromRow(row)
}

/** A distrusted account among the members of a group. */
export async function findGroupDistrust(reader: Reader, groupId: Uint8Array): Promise<Stop | undefined> {
  const [row] = await reader.read(
    "SELECT d.code, d.alarm_id FROM member m JOIN distrust d ON d.account_id = m.account_id WHERE m.group_id = ? LIMIT 1",
    groupId,
  )
  return row && stopFromRow(row)
}

export async function isSendingStopOf(reader: Reader, alarmId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM sending_stop WHERE alarm_id = ?", alarmId)).length > 0
}

export async function isDistrusted(reader: Reader, accountId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM distrust WHERE account_id = ?", accountId)).length > 0
}

/** The accounts that an alarm is about. */
export async function listDistrustedBy(reader: Reader, alarmId: Uint8Array): Promise<readonly AccountId[]> {
  const rows = await reader.read("SELECT account_id FROM distrust WHERE alarm_id = ?", alarmId)
  return rows.map((row) => row["account_id"] as AccountId)
}

function stopFromRow(row: Row): Stop {
  return { code: String(row["code"]), alarmId: row["alarm_id"] as Uint8Array }
}
