// A chat moves from a broken group to the one that follows, with everything that waits there. Of two that follow, made by two members at once,
// all come to the same one; what was written in the other arrives in the same chat.

import { toHex } from "@nodoor/bytes"
import type { Jobs } from "../../core/jobs.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { findChat, moveChat } from "../../store/chat/chats.ts"
import { endHealing } from "../../store/rejoin/healing.ts"
import { type BrokenGroup, type Successor, insertBroken, setSuccessor } from "../../store/group/broken-groups.ts"
import { type GroupRow, findGroup, setGroupStatus } from "../../store/group/groups.ts"
import { dropIntroductions } from "../../store/group/introductions.ts"
import { moveOutbox, withdrawOutbox } from "../../store/group/outbox-failure.ts"
import { deleteOwnBodies } from "../../store/group/own-bodies.ts"
import { deleteOwnSeat, deleteSeats } from "../../store/group/seats.ts"
import type { GroupStates } from "../group-states.ts"

/** The job that forgets a group that is over. */
export const endJob = "group-over"
/** Evidence can be checked as long as the keys of the last good epoch are there. Late messages come no later either. */
export const brokenForMs: number = 30 * 86_400_000
/** What was written in a group that lost against another successor is on its way no longer than this. */
const dayMs = 86_400_000
const lostForMs = dayMs

export interface MovingParts {
  readonly states: Pick<GroupStates, "erase">
  readonly jobs: Pick<Jobs, "schedule">
  kick(groupId: Uint8Array): void
  seatsChanged(): void
}

/** Returns the chat of the group that was broken, with the arriving group as the one in which it goes on unless there is an earlier one. */
export async function moveToSuccessor(
  parts: MovingParts,
  tx: Transaction,
  { group, broken }: { readonly group: GroupRow; readonly broken: BrokenGroup },
  arriving: Successor,
): Promise<void> {
  const present = broken.successor
  const chat = await findChat(tx, group.chatId)
  // It may have gone on since, into one that follows the present one.
  const isPast = chat !== undefined && ![group.groupId, present?.groupId].some((id) => id && toHex(id) === toHex(chat.groupId))
  if (!chat || isPast || (present && !isBefore(arriving, present))) return forgetLater(parts, tx, arriving.groupId, lostForMs)
  moveOutbox(tx, { from: group.groupId, to: arriving.groupId })
  if (present) await leaveBehind(parts, tx, present, arriving)
  moveChat(tx, chat.chatId, { groupId: arriving.groupId, state: chat.state })
  setSuccessor(tx, group.groupId, arriving)
  tx.chatChanged(chat.chatId)
  tx.after(() => parts.kick(arriving.groupId))
}

/**
 * The earlier day, by the server's clock as everybody is told it: of the hour a server that was started anew does not know. Within it, who comes
 * first among those who may make one.
 */
function isBefore(a: Successor, b: Successor): boolean {
  if (a.foundedMs === undefined || b.foundedMs === undefined) return b.foundedMs === undefined
  const [dayOfA, dayOfB] = [a.foundedMs, b.foundedMs].map((foundedMs) => Math.floor(foundedMs / dayMs)) as [number, number]
  return dayOfA === dayOfB ? a.rank < b.rank : dayOfA < dayOfB
}

async function leaveBehind(parts: MovingParts, tx: Transaction, { groupId, foundedMs }: Successor, next: Successor): Promise<void> {
  await withdrawOutbox(tx, groupId)
  moveOutbox(tx, { from: groupId, to: next.groupId })
  // One that this device was still making holds nobody.
  if (foundedMs === undefined) await forgetGroup(parts, tx, groupId)
  else forgetLater(parts, tx, groupId, lostForMs)
}

export function forgetLater({ jobs }: Pick<MovingParts, "jobs">, tx: Transaction, groupId: Uint8Array, inMs: number): void {
  jobs.schedule({ kind: endJob, key: toHex(groupId), inMs }, tx)
}

/** Takes an admin's word for what this device could not read itself. Nothing more is sent in the group. */
export async function endOnWord(
  { jobs, clock }: Pick<MovingParts, "jobs"> & { readonly clock: Clock },
  tx: Transaction,
  broken: BrokenGroup,
): Promise<void> {
  const { groupId } = broken
  insertBroken(tx, { ...broken, brokenMs: clock.nowMs() })
  setGroupStatus(tx, groupId, "succeeded")
  await withdrawOutbox(tx, groupId)
  dropIntroductions(tx, groupId)
  endHealing(tx, groupId)
  forgetLater({ jobs }, tx, groupId, brokenForMs)
}

/** Erases every secret of the group. Nothing of it is read any more. */
export async function forgetGroup({ states, seatsChanged }: MovingParts, tx: Transaction, groupId: Uint8Array): Promise<void> {
  if (!(await findGroup(tx, groupId))) return
  states.erase(tx, groupId)
  setGroupStatus(tx, groupId, "left")
  deleteSeats(tx, groupId)
  deleteOwnSeat(tx, groupId)
  deleteOwnBodies(tx, groupId)
  dropIntroductions(tx, groupId)
  tx.after(() => seatsChanged())
}
