// Alarms: what a person must hear of, kept until the device is erased (docs/transparency.md, levels).

import type { Random } from "@nodoor/mls"
import { type AlarmView, alarmRows, alarmView } from "./alarm-view.ts"
import { type Reader, optionalBytes } from "../reader.ts"
import type { Transaction } from "../../core/transaction.ts"

export interface NewAlarm {
  readonly level: AlarmView["level"]
  readonly code: string
  readonly text: string
  readonly chatId?: Uint8Array | undefined
  readonly accountId?: Uint8Array | undefined
  readonly deviceId?: Uint8Array | undefined
  /** A file as `exportEvidence` gives it out. */
  readonly evidence?: Uint8Array | undefined
  readonly atMs: number
}

/** Returns the id of the alarm. */
export function raiseAlarm(tx: Transaction, random: Random, alarm: NewAlarm): Uint8Array {
  const id = random(16)
  const { chatId, accountId, deviceId, evidence } = alarm
  tx.write(
    "INSERT INTO alarm (id, level, code, chat_id, account_id, text, at_ms, device_id, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    id,
    alarm.level,
    alarm.code,
    chatId ?? null,
    accountId ?? null,
    alarm.text,
    alarm.atMs,
    deviceId ?? null,
    evidence ?? null,
  )
  tx.alarmRaised(id)
  if (chatId) tx.chatChanged(chatId)
  return id
}

/**
 * Raises the alarm unless the same one (code, chat, account, device) stands already: unread, or raised within the last day. A check that
 * finds the same thing every hour tells it once. Returns the id of the one that stands.
 */
export async function raiseAlarmOnce(tx: Transaction, random: Random, alarm: NewAlarm): Promise<Uint8Array> {
  return (await standingAlarm(tx, alarm)) ?? raiseAlarm(tx, random, alarm)
}

/** The same alarm, if it stands already. */
export async function standingAlarm(tx: Transaction, alarm: Omit<NewAlarm, "text" | "level">): Promise<Uint8Array | undefined> {
  const [known] = await tx.read(
    `SELECT id FROM alarm WHERE code = ? AND chat_id IS ? AND account_id IS ? AND device_id IS ? AND acknowledged_ms IS NULL AND (level = 'red' OR at_ms > ?)
     ORDER BY at_ms DESC LIMIT 1`,
    alarm.code,
    alarm.chatId ?? null,
    alarm.accountId ?? null,
    alarm.deviceId ?? null,
    alarm.atMs - dayMs,
  )
  return known?.["id"] as Uint8Array | undefined
}

export async function findAlarm(reader: Reader, id: Uint8Array): Promise<AlarmView | undefined> {
  const [row] = await reader.read(`${alarmRows} WHERE id = ?`, id)
  return row && alarmView(row)
}

/** Whether there was such an alarm, read or not. */
export async function wasRaised(reader: Reader, { code, afterMs }: { readonly code: string; readonly afterMs: number }): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM alarm WHERE code = ? AND at_ms > ? LIMIT 1", code, afterMs)).length > 0
}

/** The file that was kept with an alarm. */
export async function findEvidence(reader: Reader, id: Uint8Array): Promise<Uint8Array | undefined> {
  const [row] = await reader.read("SELECT evidence FROM alarm WHERE id = ?", id)
  return optionalBytes(row?.["evidence"])
}

/** Ids of alarms of these codes about an account that nobody has acknowledged. */
export async function listOpenAlarms(
  reader: Reader,
  { accountId, codes }: { readonly accountId: Uint8Array; readonly codes: readonly string[] },
): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(
    `SELECT id FROM alarm WHERE account_id = ? AND code IN (${codes.map(() => "?").join(", ")}) AND acknowledged_ms IS NULL`,
    accountId,
    ...codes,
  )
  return rows.map((row) => row["id"] as Uint8Array)
}

export async function hasOpenAlarm(reader: Reader, code: string): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM alarm WHERE code = ? AND acknowledged_ms IS NULL", code)).length > 0
}

export function acknowledgeAlarm(tx: Transaction, id: Uint8Array, atMs: number): void {
  tx.write("UPDATE alarm SET acknowledged_ms = ? WHERE id = ?", atMs, id)
}

const dayMs = 86_400_000
