// Checks the server's delivery of a group, and raises the alarms when a body is missing or the delivery list differs from the devices of the
// tree.

import { compare, concat, equal } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import type { GroupRow } from "../../store/group/groups.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { historyTexts } from "../../texts/en.ts"

export interface MismatchParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly random: Random
  readonly clock: Clock
}

type Place = { readonly order: number; readonly timeMs: number }

/** The server's delivery list must be exactly the devices of the tree. */
export async function checkFanout(
  parts: MismatchParts,
  tx: Transaction,
  group: Pick<GroupRow, "groupId" | "chatId">,
  {
    leaves,
    record,
  }: { readonly leaves: readonly { readonly deviceId: Uint8Array }[]; readonly record: Place & { readonly fanout: Uint8Array } },
): Promise<void> {
  const mailboxes = leaves.map((leaf) => leaf.deviceId).toSorted(compare)
  if (equal(parts.crypto.sha256(concat(...mailboxes)), record.fanout)) return
  await noteMismatch(parts, tx, group, { place: record, code: "fanout" })
}

/** Writes a line in the chat each time, and raises one alarm until it is acknowledged. */
export async function noteMismatch(
  { own, crypto, random, clock }: MismatchParts,
  tx: Transaction,
  { groupId, chatId }: Pick<GroupRow, "groupId" | "chatId">,
  { place, code }: { readonly place: Place; readonly code: "gap" | "fanout" },
): Promise<void> {
  const at = { chatId, groupId, order: place.order, timeMs: place.timeMs, accountId: own.accountId }
  await insertEvent(tx, crypto.sha256, at, { kind: "history_mismatch", code })
  const text = historyTexts[code]
  await raiseAlarmOnce(tx, random, { level: "warn", code: `history_${code}`, text, chatId, atMs: clock.nowMs() })
}
