// Alarms: what a person must hear of, kept until the device is erased (docs/transparency.md, levels).

import { toHex } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import type { AlarmView } from "./api.ts"
import type { Turn } from "./turn.ts"

export interface NewAlarm {
  readonly level: AlarmView["level"]
  readonly code: string
  readonly text: string
  readonly chatId?: Uint8Array | undefined
  readonly accountId?: Uint8Array | undefined
  readonly atMs: number
}

export function raiseAlarm(turn: Turn, random: Random, alarm: NewAlarm): void {
  const id = random(16)
  const { chatId, accountId } = alarm
  turn.write(
    "INSERT INTO alarm (id, level, code, chat_id, account_id, text, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    id,
    alarm.level,
    alarm.code,
    chatId ?? null,
    accountId ?? null,
    alarm.text,
    alarm.atMs,
  )
  turn.alarm({
    id: toHex(id),
    level: alarm.level,
    code: alarm.code,
    chatId: chatId && toHex(chatId),
    accountId: accountId && toHex(accountId),
    text: alarm.text,
    atMs: alarm.atMs,
  })
  if (chatId) turn.chatChanged(chatId)
}
