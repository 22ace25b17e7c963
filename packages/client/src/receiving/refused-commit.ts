// Stops a group on this device because a commit broke the rules, could not be verified or could not be read. Nobody is added, and nothing more
// is sent.

import { toHex } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { Clock } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import type { Accused } from "../group/evidence/commit-evidence.ts"
import { setChatState } from "../store/chat/chats.ts"
import { eventTimeMs } from "../store/chat/event-time.ts"
import { insertEvent } from "../store/chat/messages.ts"
import { setGroupStatus, setStuck } from "../store/group/groups.ts"
import { dropIntroductions } from "../store/group/introductions.ts"
import { erasePrepared } from "../store/group/outbox-failure.ts"
import { raiseAlarm } from "../store/trust/alarms.ts"
import { historyTexts } from "../texts/en.ts"
import { calledInWords } from "../trust/name/called.ts"
import type { IdentifiedMember } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"

export interface HaltParts {
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly random: Random
  readonly clock: Clock
}

/** Why a group stops. */
export interface Refusal {
  readonly code: string
  /** Who made the commit, by the leaf that signed it, where its accounts did not hold. */
  readonly by?: IdentifiedMember | undefined
  /** Whose seat signed what every member finds wrong, with the file that shows it. */
  readonly accused?: Accused | undefined
  readonly evidence?: Uint8Array
  /** Others may be able to read it: it accuses nobody. */
  readonly alone?: boolean
}

export async function haltGroup(
  { crypto, random, clock }: HaltParts,
  tx: Transaction,
  { group, record }: Pick<Arrival, "group" | "record">,
  refusal: Refusal,
): Promise<void> {
  if (group.status === "halted") return
  const { groupId, chatId } = group
  const nowMs = clock.nowMs()
  const { code, evidence, alone = false } = refusal
  const named = refusal.accused ?? refusal.by
  const text = await textOf(tx, refusal)
  const timeMs = await eventTimeMs(tx, { chatId, placedMs: record.timeMs, nowMs })
  setGroupStatus(tx, groupId, "halted")
  if (alone) setStuck(tx, groupId)
  setChatState(tx, chatId, "halted")
  erasePrepared(tx, groupId)
  dropIntroductions(tx, groupId)
  const accountId = named?.accountId ?? new Uint8Array(16)
  const at = { chatId, groupId, order: record.order, timeMs, accountId }
  await insertEvent(tx, crypto.sha256, at, { kind: "refused_commit", by: toHex(accountId), code })
  raiseAlarm(tx, random, {
    level: "red",
    code: `commit_refused_${code}`,
    text,
    chatId,
    accountId: named?.accountId,
    deviceId: refusal.accused?.deviceId,
    evidence,
    atMs: nowMs,
  })
}

async function textOf(tx: Transaction, { code, accused, alone }: Refusal): Promise<string> {
  if (alone) return historyTexts.cannotFollow
  if (code === "unsigned_commit") return historyTexts.commitUnsigned
  if (!accused) return historyTexts.commitRefused
  const who = await calledInWords(tx, accused.accountId, historyTexts.anotherMember)
  if (accused.own) return historyTexts.commitOfSeat(who)
  if (!accused.adder) return historyTexts.commitOfSeatOrSomebody(who)
  return historyTexts.commitOfSeatOrAdder(who, await calledInWords(tx, accused.adder.accountId, historyTexts.anotherMember))
}
