// What follows from a commit that broke the rules, could not be verified or could not be read. Nobody is added, and nothing more is sent in the
// group. If every member finds the same wrong with it, the chat goes on in another group, without the device that made it.

import { toHex } from "@nodoor/bytes"
import { type CryptoProvider, type Random, members } from "@nodoor/mls"
import type { CommitRecord } from "../core/group-record.ts"
import type { Clock } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import type { Accused } from "../group/evidence/commit-evidence.ts"
import type { GroupStates } from "../group/group-states.ts"
import { endRemovalAlarm } from "../group/membership/removals.ts"
import { successionOf } from "../group/successor/succession.ts"
import type { Successors } from "../group/successor/successors.ts"
import { setChatState } from "../store/chat/chats.ts"
import { eventTimeMs } from "../store/chat/event-time.ts"
import { insertEvent } from "../store/chat/messages.ts"
import { insertBroken } from "../store/group/broken-groups.ts"
import { setGroupStatus } from "../store/group/groups.ts"
import { dropIntroductions } from "../store/group/introductions.ts"
import { erasePrepared, withdrawOutbox } from "../store/group/outbox-failure.ts"
import { raiseAlarm } from "../store/trust/alarms.ts"
import { historyTexts } from "../texts/en.ts"
import { calledInWords } from "../trust/name/called.ts"
import { type IdentifiedMember, identify } from "../trust/trust.ts"
import type { Arrival } from "./arrival.ts"

export interface HaltParts {
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly random: Random
  readonly clock: Clock
}

interface Outcome {
  readonly goesOn?: boolean
  /** Nobody is left to go on with. */
  readonly isOver?: boolean
}

export interface RefusalParts extends HaltParts {
  readonly states: Pick<GroupStates, "erase">
  readonly successors: Pick<Successors, "broken">
}

/** Why a group stops. */
export interface Refusal {
  readonly code: string
  /** Who made the commit, by the leaf that signed it, where its accounts did not hold. */
  readonly by?: IdentifiedMember | undefined
  /** Whose seat signed what every member finds wrong, with the file that shows it. */
  readonly accused?: Accused | undefined
  readonly evidence?: Uint8Array
  /** Whose commit every member refuses. */
  readonly leafIndex?: number | undefined
}

/** Every member finds the same: the chat goes on without the leaf that made the commit. Without others to go on with, it stops. */
export async function refuseCommit(
  parts: RefusalParts,
  tx: Transaction,
  arrival: Pick<Arrival<CommitRecord>, "group" | "state" | "record">,
  refusal: Refusal,
): Promise<void> {
  const { group, state, record } = arrival
  const { groupId, chatId, epoch, policy, predecessors } = group
  const { code, leafIndex } = refusal
  const commitHash = parts.crypto.sha256(record.commit)
  const leaves = members(state).map(identify)
  const succession =
    leafIndex === undefined || leafIndex === state.ownLeafIndex
      ? undefined
      : successionOf({ groupId, epoch, leaves, policy, predecessors }, { leafIndex, commitHash })
  if (leafIndex === undefined || !succession)
    return await haltGroup(parts, tx, arrival, {
      ...refusal,
      isOver: leafIndex !== undefined && leafIndex !== state.ownLeafIndex && policy.kind !== "self",
    })
  // Who has asked to leave is out.
  if (group.status === "leaving") {
    parts.states.erase(tx, groupId)
    return setGroupStatus(tx, groupId, "left")
  }
  insertBroken(tx, { groupId, epoch, commitHash, leafIndex, code, brokenMs: parts.clock.nowMs() })
  setGroupStatus(tx, groupId, "succeeded")
  await withdrawOutbox(tx, groupId)
  dropIntroductions(tx, groupId)
  endRemovalAlarm(tx, group, parts.clock.nowMs())
  parts.successors.broken(tx, groupId, { succession, placedMs: record.timeMs })
  await tell(parts, tx, arrival, { ...refusal, goesOn: true })
  tx.chatChanged(chatId)
}

export async function haltGroup(
  { crypto, random, clock }: HaltParts,
  tx: Transaction,
  { group, record }: Pick<Arrival, "group" | "record">,
  refusal: Refusal & Outcome,
): Promise<void> {
  if (group.status === "halted") return
  const { groupId, chatId } = group
  setGroupStatus(tx, groupId, "halted")
  setChatState(tx, chatId, "halted")
  erasePrepared(tx, groupId)
  dropIntroductions(tx, groupId)
  await tell({ crypto, random, clock }, tx, { group, record }, refusal)
}

/** A line in the chat, and an alarm with the evidence. */
async function tell(
  { crypto, random, clock }: HaltParts,
  tx: Transaction,
  { group, record }: Pick<Arrival, "group" | "record">,
  refusal: Refusal & Outcome,
): Promise<void> {
  const { groupId, chatId } = group
  const nowMs = clock.nowMs()
  const { code, evidence, goesOn = false } = refusal
  // A device of one's own that does such a thing is nothing to get used to.
  const isOwnDevices = group.policy.kind === "self"
  const named = refusal.accused ?? refusal.by
  const accountId = named?.accountId ?? new Uint8Array(16)
  const timeMs = await eventTimeMs(tx, { chatId, placedMs: record.timeMs, nowMs })
  const at = { chatId, groupId, order: record.order, timeMs, accountId }
  await insertEvent(tx, crypto.sha256, at, { kind: "refused_commit", by: toHex(accountId), code, ...(goesOn && { goesOn }) })
  raiseAlarm(tx, random, {
    level: goesOn && !isOwnDevices ? "warn" : "red",
    code: `commit_refused_${code}`,
    text: goesOn && isOwnDevices ? historyTexts.ownDeviceBroke : await textOf(tx, refusal),
    chatId,
    accountId: named?.accountId,
    deviceId: named?.deviceId,
    evidence,
    atMs: nowMs,
  })
}

async function textOf(tx: Transaction, refusal: Refusal & Outcome): Promise<string> {
  if (refusal.code === "unsigned_commit") return historyTexts.commitUnsigned
  return `${await factOf(tx, refusal)} ${consequenceOf(refusal)}`
}

async function factOf(tx: Transaction, { accused, by }: Refusal): Promise<string> {
  if (!accused)
    return by ? historyTexts.commitOf(await calledInWords(tx, by.accountId, historyTexts.anotherMember)) : historyTexts.commitRefused
  const who = await calledInWords(tx, accused.accountId, historyTexts.anotherMember)
  if (accused.own) return historyTexts.commitOfSeat(who)
  if (!accused.adder) return historyTexts.commitOfSeatOrSomebody(who)
  return historyTexts.commitOfSeatOrAdder(who, await calledInWords(tx, accused.adder.accountId, historyTexts.anotherMember))
}

function consequenceOf({ goesOn, isOver, evidence }: Refusal & Outcome): string {
  const kept = evidence ? [historyTexts.evidenceKept] : []
  if (goesOn) return [historyTexts.goesOn, ...kept].join(" ")
  return [isOver ? historyTexts.isOver : historyTexts.standsStill, ...kept].join(" ")
}
