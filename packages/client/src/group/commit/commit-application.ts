// Applies a commit: writes the new epoch, the members and the lines of the chat, and releases what waited for it.

import { assert, equal, present, toHex } from "@nodoor/bytes"
import { type CryptoProvider, type GroupState, type StagedCommit, applyCommit, members } from "@nodoor/mls"
import type { CommitRecord } from "../../core/group-record.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { policyOf } from "../../core/policy.ts"
import type { Transaction } from "../../core/transaction.ts"
import { eventTimeMs } from "../../store/chat/event-time.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { setFounded } from "../../store/group/broken-groups.ts"
import { type GroupRow, beginEpoch, raiseProfileDue } from "../../store/group/groups.ts"
import { dropIntroductions, releaseIntroductions } from "../../store/group/introductions.ts"
import { changeMembers } from "../../store/group/members.ts"
import { changeMembership } from "../../store/group/membership.ts"
import { requeueAll } from "../../store/group/outbox.ts"
import { enqueueLeave, enqueueRekey } from "../../store/group/outbox-item.ts"
import { deleteOwnCommits } from "../../store/group/own-bodies.ts"
import { deleteRequest } from "../../store/rejoin/rejoin-requests.ts"
import { type Seat, findOwnSeat, listSeats, replaceSeats } from "../../store/group/seats.ts"
import { oweEarlier } from "../../store/group/earlier-due.ts"
import { setAllDue } from "../../store/sync/entries.ts"
import { type IdentifiedMember, type Trust, identify } from "../../trust/trust.ts"
import type { GroupStates } from "../group-states.ts"
import { type MismatchParts, checkFanout } from "../history/history-mismatch.ts"
import { type MustGoTrust, enqueueRevoked } from "../membership/must-go.ts"
import { dropGroup } from "../membership/place-lost.ts"
import { endRemovalAlarm } from "../membership/removals.ts"
import { keepRejoinKey } from "../rejoin/rejoin-key.ts"
import { judgeSeats } from "../seat/seat-check.ts"
import { seatOf } from "../seat/seat-keys.ts"
import { commitEvents } from "../membership/commit-events.ts"

export interface CommitApplicationParts extends MismatchParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly crypto: Pick<CryptoProvider, "sha256" | "suite">
  readonly states: GroupStates
  readonly trust: MustGoTrust & Pick<Trust, "hasEnded">
  /** Hears of every commit; `own`: it brought a new path of this device. */
  readonly renewals: { taken(tx: Transaction, groupId: Uint8Array, commit: { readonly own: boolean }): void }
  kick(groupId: Uint8Array): void
  /** This device has another seat than before, or none. */
  seatsChanged(): void
  /** There are introductions to send. */
  introductionsDue(): void
}

interface Input {
  readonly group: GroupRow
  readonly state: GroupState
  readonly staged: StagedCommit
  readonly record: CommitRecord
}

interface Leaves {
  readonly leavesBefore: readonly IdentifiedMember[]
  readonly leavesAfter: readonly IdentifiedMember[]
}

export class CommitApplication {
  readonly #parts: CommitApplicationParts

  constructor(parts: CommitApplicationParts) {
    this.#parts = parts
  }

  /** The commit must have been judged before. Everything that follows from it is written in this transaction. */
  async apply(tx: Transaction, input: Input): Promise<void> {
    const { group, state, staged } = input
    const seats = await this.#takeSeats(tx, input)
    const change = applyCommit(this.#parts.states.environment(), state, staged)
    this.#parts.states.save(tx, change)
    const leavesBefore = members(state).map(identify)
    if (staged.removesOwn) {
      dropGroup(this.#parts, tx, group)
      const leavesAfter = leavesBefore.filter((leaf) => leaf.leafIndex !== state.ownLeafIndex)
      return await this.#tell(tx, input, { leavesBefore, leavesAfter })
    }
    keepRejoinKey(tx, this.#parts.states.environment(), change.state)
    await this.#enterEpoch(tx, input, {
      leavesBefore,
      leavesAfter: members(change.state).map(identify),
      epoch: Number(change.state.epoch),
      seats,
    })
  }

  /** A commit that this device cannot read has taken it out, as the seat that signed it says. `by`: who has that seat. */
  async removed(
    tx: Transaction,
    group: GroupRow,
    { record, by }: { readonly record: CommitRecord; readonly by: Uint8Array },
  ): Promise<void> {
    const { chatId, groupId } = group
    dropGroup(this.#parts, tx, group)
    const timeMs = await eventTimeMs(tx, { chatId, placedMs: record.timeMs, nowMs: this.#parts.clock.nowMs() })
    const at = { chatId, groupId, order: record.order, timeMs, accountId: by }
    await insertEvent(tx, this.#parts.crypto.sha256, at, { kind: "removed", by: toHex(by), accounts: [toHex(this.#parts.own.accountId)] })
  }

  /** The seats of the next epoch. Those of this commit's own adds are introduced to it now. */
  async #takeSeats(tx: Transaction, { group, state, staged, record }: Input): Promise<readonly Seat[]> {
    const { groupId } = group
    const before = await listSeats(tx, groupId)
    const after = judgeSeats(before, staged)
    assert(after.status === "allowed", "a commit was judged before it is applied")
    const committer = members(state).find(({ leafIndex }) => leafIndex === staged.committer)
    const { accountId: adderAccount, deviceId: adderDevice } = identify(present(committer, "the committer"))
    replaceSeats(tx, groupId, { before, after: after.seats, adding: { adderAccount, adderDevice, addedMs: record.timeMs } })
    const left = new Set(after.seats.map(({ seat }) => toHex(seat)))
    for (const { seat } of before) if (!left.has(toHex(seat))) deleteRequest(tx, groupId, seat)
    if (staged.own && staged.added.length > 0) {
      releaseIntroductions(tx, groupId, this.#parts.crypto.sha256(record.commit))
      tx.after(() => this.#parts.introductionsDue())
    }
    return after.seats
  }

  async #enterEpoch(
    tx: Transaction,
    input: Input,
    { leavesBefore, leavesAfter, epoch, seats }: Leaves & { readonly epoch: number; readonly seats: readonly Seat[] },
  ): Promise<void> {
    const { group, state, staged, record } = input
    const { groupId } = group
    changeMembers(tx, groupId, { added: staged.added.map(identify), removed: staged.removed })
    changeMembership(tx, { groupId, epoch, order: record.order }, { before: leavesBefore, after: leavesAfter })
    const looked = [...staged.added.map(identify), ...leavesAfter.filter((leaf) => leaf.leafIndex === staged.committer)]
    await enqueueRevoked(this.#parts, tx, group, looked)
    beginEpoch(tx, groupId, { epoch, policy: policyOf(staged.extensionsAfter) })
    if (staged.own && group.predecessors.length > 0) setFounded(tx, groupId, record.timeMs)
    deleteOwnCommits(tx, groupId, { beforeEpoch: epoch })
    dropIntroductions(tx, groupId)
    const ownPath = staged.committer === state.ownLeafIndex && staged.updated.some((leaf) => leaf.after.leafIndex === state.ownLeafIndex)
    this.#parts.renewals.taken(tx, groupId, { own: ownPath })
    if (ownPath)
      await this.#takeOver(
        tx,
        groupId,
        present(
          seats.find(({ leafIndex }) => leafIndex === state.ownLeafIndex),
          "the own seat",
        ),
      )
    // Commits and proposals that were prepared for the old epoch are built again. The server still takes messages of the previous epoch.
    requeueAll(tx, groupId, { kinds: ["commit", "proposal"], placed: true })
    // Removed members hold the keys of the old epoch, so content that was not placed yet is encrypted again.
    if (staged.removed.length > 0) requeueAll(tx, groupId, { kinds: ["content"], placed: false })
    if (group.status === "leaving") await enqueueLeave(tx, groupId)
    endRemovalAlarm(tx, group, this.#parts.clock.nowMs())
    await this.#tell(tx, input, { leavesBefore, leavesAfter })
    await checkFanout(this.#parts, tx, group, { seats, record })
    // The devices that came have none of what this one knows.
    if (group.policy.kind === "self" && staged.own && staged.added.length > 0) setAllDue(tx)
    this.#oweEarlier(tx, input, leavesBefore)
    if (staged.added.map(identify).some((leaf) => !isSameDeviceIn(leavesBefore, leaf)))
      raiseProfileDue(tx, groupId, this.#isOwn(leavesBefore, staged) ? 2 : 1)
    tx.chatChanged(group.chatId)
    tx.after(() => this.#parts.kick(groupId))
  }

  /** Whom this device let in, it sends what was written before, if the group says so. */
  #oweEarlier(tx: Transaction, { group, staged, record }: Input, leavesBefore: readonly IdentifiedMember[]): void {
    if (!staged.own || !policyOf(staged.extensionsAfter).history) return
    const present = new Set(leavesBefore.map(({ accountId }) => toHex(accountId)))
    const added = new Map(staged.added.map(identify).map(({ accountId }) => [toHex(accountId), accountId]))
    const accounts = [...added].flatMap(([id, accountId]) => (present.has(id) ? [] : [accountId]))
    if (accounts.length > 0) oweEarlier(tx, { groupId: group.groupId, order: record.order, accounts })
  }

  async #tell(tx: Transaction, { group, staged, record }: Input, { leavesBefore, leavesAfter }: Leaves): Promise<void> {
    const by = committerOf(leavesBefore, staged)?.accountId ?? this.#parts.own.accountId
    const { chatId, groupId } = group
    const timeMs = await eventTimeMs(tx, { chatId, placedMs: record.timeMs, nowMs: this.#parts.clock.nowMs() })
    const at = { chatId, groupId, order: record.order, timeMs, accountId: by }
    const ended = new Set<string>()
    for (const leaf of staged.removed.map(identify)) if (await this.#parts.trust.hasEnded(leaf.accountId)) ended.add(toHex(leaf.accountId))
    const policies = { policyBefore: group.policy, policyAfter: policyOf(staged.extensionsAfter) }
    for (const event of commitEvents({ staged, ...policies, leavesBefore, leavesAfter, by, ended }))
      await insertEvent(tx, this.#parts.crypto.sha256, at, event)
  }

  /** The group knows this device's own key for its seat now, so the delivery service is told, before anything else is sent. */
  async #takeOver(tx: Transaction, groupId: Uint8Array, seat: Seat): Promise<void> {
    const own = await findOwnSeat(tx, groupId)
    if (own?.nextSecret && equal(seatOf(this.#parts.crypto, own.nextSecret).publicKey, seat.publicKey)) enqueueRekey(tx, groupId)
  }

  /** Whether a device of this account committed. */
  #isOwn(leavesBefore: readonly IdentifiedMember[], staged: StagedCommit): boolean {
    const committer = committerOf(leavesBefore, staged)
    return committer !== undefined && equal(committer.accountId, this.#parts.own.accountId)
  }
}

/** A device that was let in again is nobody new. */
function isSameDeviceIn(leaves: readonly IdentifiedMember[], { accountId, deviceId }: IdentifiedMember): boolean {
  return leaves.some((leaf) => equal(leaf.accountId, accountId) && equal(leaf.deviceId, deviceId))
}

function committerOf(leavesBefore: readonly IdentifiedMember[], staged: StagedCommit): IdentifiedMember | undefined {
  return leavesBefore.find((leaf) => leaf.leafIndex === staged.committer)
}
