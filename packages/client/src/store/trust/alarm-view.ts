// An alarm as it is kept and as a person sees it.

import { toHex } from "@nodoor/bytes"
import type { Hex } from "../../core/hex.ts"
import type { Row } from "../../core/ports.ts"

/** Levels as in docs/transparency.md: only `red` stops sending. */
export interface AlarmView {
  readonly id: Hex
  readonly level: "info" | "notice" | "warn" | "red"
  readonly code: string
  readonly chatId: Hex | undefined
  readonly accountId: Hex | undefined
  /** Who, what changed, when, what to do: a sentence for a person. */
  readonly text: string
  readonly atMs: number
  /** The device of the own account that it is about. */
  readonly deviceId?: Hex | undefined
  /** Whether `exportEvidence` has something to give. */
  readonly evidence?: boolean
  readonly acknowledgedAtMs?: number | undefined
}

/** Alarms, each with whether it is about the group of the account's own devices, which is no chat to a person. */
export const alarmRows = `SELECT *, EXISTS (SELECT 1 FROM chat WHERE chat.chat_id = alarm.chat_id AND chat.kind = 'self') AS of_self FROM alarm`

export function alarmView(row: Row): AlarmView {
  return {
    id: toHex(row["id"] as Uint8Array),
    level: row["level"] as AlarmView["level"],
    code: String(row["code"]),
    chatId: row["chat_id"] instanceof Uint8Array && row["of_self"] !== 1 ? toHex(row["chat_id"]) : undefined,
    accountId: row["account_id"] instanceof Uint8Array ? toHex(row["account_id"]) : undefined,
    text: String(row["text"]),
    atMs: Number(row["at_ms"]),
    deviceId: row["device_id"] instanceof Uint8Array ? toHex(row["device_id"]) : undefined,
    evidence: row["evidence"] instanceof Uint8Array,
    acknowledgedAtMs: typeof row["acknowledged_ms"] === "number" ? row["acknowledged_ms"] : undefined,
  }
}
