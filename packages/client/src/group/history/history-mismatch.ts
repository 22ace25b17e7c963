// Checks the server's delivery of a group, and raises the alarms when a body is missing or its seats differ from those of the tree.

import { equal } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { fanoutOf } from "@nodoor/wire/delivery"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { eventTimeMs } from "../../store/chat/event-time.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import type { Seat } from "../../store/group/seats.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { historyTexts } from "../../texts/en.ts"

export interface MismatchParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly random: Random
  readonly clock: Clock
}

type Place = { readonly order: number; readonly timeMs: number }

/** The server's seats must be exactly those of the tree. */
export async function checkFanout(
  parts: MismatchParts,
  tx: Transaction,
  group: Pick<GroupRow, "groupId" | "chatId">,
  { seats, record }: { readonly seats: readonly Pick<Seat, "seat">[]; readonly record: Place & { readonly fanout: Uint8Array } },
): Promise<void> {
  const ids = seats.map(({ seat }) => seat)
  if (equal(fanoutOf(parts.crypto.sha256, ids), record.fanout)) return
  await noteMismatch(parts, tx, group, { place: record, code: "fanout" })
}

/** Writes a line in the chat each time, and raises one alarm until it is acknowledged. */
export async function noteMismatch(
  { own, crypto, random, clock }: MismatchParts,
  tx: Transaction,
  { groupId, chatId }: Pick<GroupRow, "groupId" | "chatId">,
  { place, code }: { readonly place: Place; readonly code: "gap" | "fanout" },
): Promise<void> {
  const timeMs = await eventTimeMs(tx, { chatId, placedMs: place.timeMs, nowMs: clock.nowMs() })
  const at = { chatId, groupId, order: place.order, timeMs, accountId: own.accountId }
  await insertEvent(tx, crypto.sha256, at, { kind: "history_mismatch", code })
  const text = historyTexts[code]
  await raiseAlarmOnce(tx, random, { level: "warn", code: `history_${code}`, text, chatId, atMs: clock.nowMs() })
}
