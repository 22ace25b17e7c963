// Joining a group that this device was introduced to: the commit that added it comes from the group's log with the GroupInfo. Every leaf of the
// tree and every seat is checked, then there is a chat. It is a request if a stranger added this device.

import { CodecError, equal, fromHex, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { MlsError, type StagedJoin, encodeWelcome, join, openWelcome } from "@nodoor/mls"
import type { JoinRecord } from "../../core/group-record.ts"
import { findArchivedGroup, forgetArchivedGroup, isArchivedMember, listArchivedMembers } from "../../store/archive/archived-groups.ts"
import { isKnown } from "../../store/trust/acquaintance.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { beginHistory } from "../history/history.ts"
import { type DmChoice, chooseDmGroup } from "./dm-choice.ts"
import { invitationRefusal } from "./invitation-refusal.ts"
import type { GroupStates } from "../group-states.ts"
import { type MismatchParts, checkFanout } from "../history/history-mismatch.ts"
import { type MustGoTrust, enqueueRevoked } from "../membership/must-go.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { type PendingJoin, deletePendingJoin, dropIntroductions, findPendingJoin } from "../../store/group/introductions.ts"
import { type KeyPackageSecret, findKeyPackage, spendKeyPackage } from "../../store/group/key-packages.ts"
import { type Seat, deleteSeats, insertOwnSeat, replaceSeats } from "../../store/group/seats.ts"
import { commitEvents } from "../membership/commit-events.ts"
import { deliveryKey } from "../delivery-key.ts"
import { keepRejoinKey } from "../rejoin/rejoin-key.ts"
import { seatsOfJoin } from "../seat/seat-check.ts"
import { seatOf } from "../seat/seat-keys.ts"
import { eventTimeMs } from "../../store/chat/event-time.ts"
import { deleteOwnBodies } from "../../store/group/own-bodies.ts"
import { sendingTexts } from "../../texts/en.ts"
import { setDueOf } from "../../store/sync/entries.ts"
import { askFromDrawnSeat, findRejoin } from "../../store/rejoin/healing.ts"
import { requeueAll } from "../../store/group/outbox.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import { type KnownGroup, checkJoin, isReadmissionVouchedFor } from "../policy/policy-check.ts"
import { type Policy, policyOf } from "../../core/policy.ts"
import { type Predecessor, predecessorsOf } from "../../store/group/predecessor.ts"
import { followSuccessor } from "../successor/following.ts"
import type { MovingParts } from "../successor/moving.ts"
import { type SuccessorVerdict, checkSuccessor } from "../successor/successor-check.ts"
import { removedAhead } from "./removal-ahead.ts"
import { Undecided, heldRetryMs } from "../../trust/device/undecided.ts"
import { productSuite } from "../../core/suite.ts"
import { hasBrokenSelfGroup } from "../../store/group/own-groups.ts"
import { accountsOf, replaceMembers } from "../../store/group/members.ts"
import { beginMembership } from "../../store/group/membership.ts"
import { noteActivity } from "../../store/chat/activity.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { type ChatRow, findChat, findDm, insertChat, moveChat } from "../../store/chat/chats.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { findGroup, insertGroup } from "../../store/group/groups.ts"
import { type IdentifiedMember, type Lookups, type Trust, identify } from "../../trust/trust.ts"
import type { Transaction } from "../../core/transaction.ts"

/** A stranger's invitation to a group with more people is refused, because every person in it has to be looked up. */
const strangersAccountsMax = 256
/** Members check everybody's leaves within a day. Then one that is online removes the leaf. */
const removalWithinMs = 2 * 86_400_000
const removalRetryMs = 3_600_000

/** A server may hold back the commit that broke the group before. So long this device waits for it. */
const unseenForMs = 2 * 3_600_000
const unseenSoonMs = 60_000
const unseenSoonRetryMs = 1_000

interface Invitation {
  readonly following: SuccessorVerdict
  readonly record: JoinRecord
  readonly pending: Expected
  readonly opened: Opened
}

/** What this device waits for at a seat: somebody introduced it, or it asked to be let in again. */
type Expected = Pick<PendingJoin, "groupId" | "seat" | "secret" | "ref" | "arrivedMs"> & {
  /** Undefined when nobody did: the whole Welcome comes with the commit, and any member may have made it. */
  readonly introduced?: Pick<PendingJoin, "secrets" | "adderAccount" | "adderDevice">
}

interface Opened {
  readonly staged: StagedJoin
  readonly leaves: readonly IdentifiedMember[]
  readonly signer: IdentifiedMember
  readonly policy: Policy
  readonly predecessors: readonly Predecessor[]
  readonly keyPackage: KeyPackageSecret
  readonly seats: readonly Seat[]
}

export interface JoiningParts extends MismatchParts, MovingParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId" | "signer">
  readonly states: GroupStates
  readonly trust: MustGoTrust & Pick<Trust, "judge">
  kick(groupId: Uint8Array): void
  /** There is something to ask for in this group. */
  rejoinDue(groupId: Uint8Array): void
  /** This device is in the group again as it asked. */
  healed(tx: Transaction, at: { readonly groupId: Uint8Array; readonly chatId: Uint8Array; readonly record: JoinRecord }): Promise<void>
  /** A KeyPackage of this device was used up. */
  keyPackageUsed(): void
  /** This device has another seat than before, or none. */
  seatsChanged(): void
}

/** Where a refusal is told, and what it ends. */
interface Refused {
  readonly pending: Expected
  readonly signer?: IdentifiedMember | undefined
  readonly chatId?: Uint8Array | undefined
}

export class Joining {
  readonly #parts: JoiningParts

  constructor(parts: JoiningParts) {
    this.#parts = parts
  }

  /**
   * A record for which there is no introduction is nothing to this device. Nobody is looked up before the invitation itself is valid, and then
   * its signer first. @throws Undecided while it is undecided
   */
  async take(tx: Transaction, record: JoinRecord, looks: Lookups): Promise<void> {
    const pending = await this.#pendingOf(tx, record)
    if (!pending) return
    const present = await findGroup(tx, record.groupId)
    let opened: Opened
    try {
      opened = await this.#open(tx, record, pending)
    } catch (error) {
      // What the server gave does not open. The KeyPackage stays, since nothing was joined with it.
      if (error instanceof MlsError || error instanceof CodecError) return await this.#refuse(tx, error.code, { pending }, { spend: false })
      throw error
    }
    const { leaves, signer, policy, predecessors } = opened
    const refused = { pending, signer }
    // A group that this device is in has one history. Any member can make another group with the same id, so the id is free only after
    // this device was removed (docs/protocol.md, "Groups"), or asked to be let in again. A group that stopped stays stopped.
    const isReadmitted = pending.introduced === undefined
    if (present && present.status !== "left" && (!isReadmitted || present.status === "succeeded"))
      return await this.#refuse(tx, "live_group", { ...refused, chatId: present.chatId })
    const archived = present ? undefined : await findArchivedGroup(tx, record.groupId)
    const known = present ?? archived
    const chat = known && (await findChat(tx, known.chatId))
    if (chat && chat.kind !== policy.kind) return await this.#refuse(tx, "other_kind", { ...refused, chatId: chat.chatId })
    // The secret of a last-resort KeyPackage opens old group secrets again, which would lead back to an epoch with members removed since.
    // One that is used once opens one Welcome: the archive may have been written after it.
    const mayBeAgain = present !== undefined || opened.keyPackage.lastResort
    if (known && mayBeAgain && opened.staged.epoch <= BigInt(known.epoch)) return await this.#refuse(tx, "old_epoch", { pending })
    // It was in this group before, whatever that goes on from.
    const following: SuccessorVerdict = isReadmitted ? { status: "other" } : await this.#following(tx, { pending, opened })
    if (following.status === "wrong") return await this.#refuse(tx, "false_successor", { ...refused, chatId: following.group.chatId })
    for (const leaf of policy.kind === "self" ? leaves : [])
      if (await hasBrokenSelfGroup(tx, leaf)) return await this.#refuse(tx, "shut_out_device", refused)
    const isBlocked = (await findContact(tx, signer.accountId))?.blocked === true
    // Who is in a group with somebody they blocked stays in it.
    if (isBlocked && following.status !== "genuine" && !isReadmitted) return this.#end(tx, pending, { spend: true })
    const at = { policy, predecessors, epoch: opened.staged.epoch, ownAccount: this.#parts.own.accountId, isReadmitted }
    const broken = checkJoin(at, leaves, signer)
    if (broken) return await this.#refuse(tx, broken, refused)
    if (isReadmitted && !(await this.#isVouchedFor(tx, record.groupId, opened)))
      return await this.#refuse(tx, "changed_meanwhile", { ...refused, chatId: known?.chatId })
    const { trust } = this.#parts
    const accounts = new Set(leaves.map((leaf) => toHex(leaf.accountId)))
    if (following.status === "other" && accounts.size > strangersAccountsMax && !(await this.#knows(tx, signer.accountId)))
      return await this.#refuse(tx, "too_many_strangers", refused)
    const judgement = await trust.judge({ kind: policy.kind, welcomed: leaves, signer }, looks)
    switch (judgement.status) {
      case "lookup":
        throw new Undecided(judgement)
      case "held":
        throw new Undecided({ waitMs: heldRetryMs })
      case "untrusted":
        return await this.#refuse(tx, judgement.code, refused)
      case "stale":
        if (await this.#mayEnterWith(tx, { record, pending, opened, following }, judgement.leaves)) break
        return
      case "trusted":
        break
    }
    // A chat of two shows the other person, whom nobody may have let in yet.
    const peer = policy.kind === "dm" ? peerOf(policy, this.#parts.own) : undefined
    if (peer && !(await findContact(tx, peer))) {
      if (looks.final.has(toHex(peer))) return await this.#refuse(tx, "unknown_peer", refused)
      throw new Undecided({ accounts: [peer] })
    }
    await this.#enter(tx, { record, pending, opened, following })
  }

  /** Whether the group goes on from one that this device is in. @throws Undecided until this device has seen why */
  async #following(tx: Transaction, { pending, opened }: Pick<Invitation, "pending" | "opened">): Promise<SuccessorVerdict> {
    const following = await checkSuccessor(tx, opened)
    if (following.status !== "unseen") return following
    const waitedMs = this.#parts.clock.nowMs() - pending.arrivedMs
    if (waitedMs >= unseenForMs) return { status: "wrong", group: following.group }
    throw new Undecided({ waitMs: waitedMs < unseenSoonMs ? unseenSoonRetryMs : heldRetryMs })
  }

  /** What this device waits for at one of the seats that the commit gives. */
  async #pendingOf(tx: Transaction, { groupId, adds }: JoinRecord): Promise<Expected | undefined> {
    for (const { seat } of adds) {
      const rejoin = await findRejoin(tx, { groupId, seat })
      if (rejoin) return { ...rejoin, arrivedMs: rejoin.madeMs }
      const pending = await findPendingJoin(tx, { groupId, seat })
      if (pending) return { ...pending, introduced: pending }
    }
    return undefined
  }

  /** Who lets this device in again may be any member, with any group that has this id. */
  async #isVouchedFor(tx: Transaction, groupId: Uint8Array, { policy, leaves, signer }: Opened): Promise<boolean> {
    const known = await knownAs(tx, groupId)
    return known !== undefined && isReadmissionVouchedFor({ known, policy, ownAccount: this.#parts.own.accountId }, leaves, signer)
  }

  async #knows(tx: Transaction, accountId: Uint8Array): Promise<boolean> {
    return equal(accountId, this.#parts.own.accountId) || (await isKnown(tx, accountId))
  }

  /** Leaves that their accounts no longer list must be removed before the group is joined. False when it was refused. @throws Undecided */
  async #mayEnterWith(tx: Transaction, { record, pending, opened }: Invitation, stale: readonly IdentifiedMember[]): Promise<boolean> {
    const { staged, signer } = opened
    const env = this.#parts.states.environment()
    if (stale.some((leaf) => leaf.leafIndex === signer.leafIndex)) await this.#refuse(tx, "removed_device", { pending, signer })
    else if (await removedAhead(tx, env, { state: join(env, staged).state, order: record.order, leaves: stale })) return true
    else if (this.#parts.clock.nowMs() - record.timeMs < removalWithinMs) throw new Undecided({ waitMs: removalRetryMs })
    else await this.#refuse(tx, "stale_device", { pending, signer })
    return false
  }

  /** @throws MlsError, CodecError for what does not fit the introduction, its GroupInfo or itself */
  async #open(tx: Transaction, record: JoinRecord, pending: Expected): Promise<Opened> {
    const env = this.#parts.states.environment()
    const keyPackage = await findKeyPackage(tx, pending.ref)
    if (!keyPackage) throw new CodecError("invalid_value", "KeyPackage of the introduction")
    const { introduced } = pending
    const welcome = introduced
      ? encodeWelcome(productSuite, { secrets: [introduced.secrets], encryptedGroupInfo: record.groupInfo })
      : record.groupInfo
    const staged = openWelcome(env, { welcome, keyPackageSecret: keyPackage.secret, signer: this.#parts.own.signer })
    if (!equal(staged.groupId, record.groupId)) throw new CodecError("invalid_value", "group of the introduction")
    const leaves = staged.members.map(identify)
    const signer = leaves.find((leaf) => leaf.leafIndex === staged.signer)
    const own = leaves.find((leaf) => leaf.leafIndex === staged.ownLeafIndex)
    if (!signer || !own || !equal(own.deviceId, this.#parts.own.deviceId)) throw new CodecError("invalid_value", "leaves of the group")
    if (introduced && (!equal(signer.accountId, introduced.adderAccount) || !equal(signer.deviceId, introduced.adderDevice)))
      throw new CodecError("invalid_value", "adder of the introduction")
    const seats = seatsOfJoin(staged)
    const ownSeat = seats?.find(({ leafIndex }) => leafIndex === staged.ownLeafIndex)
    if (!seats || !ownSeat || !equal(ownSeat.seat, pending.seat) || !equal(ownSeat.publicKey, seatOf(env.crypto, pending.secret).publicKey))
      throw new CodecError("invalid_value", "seats of the group")
    if (!equal(env.crypto.sha256(deliveryKey(env, join(env, staged).state)), record.nextKeyHash))
      throw new CodecError("invalid_value", "delivery key of the group")
    const { extensions } = staged
    return { staged, leaves, signer, policy: policyOf(extensions), predecessors: predecessorsOf(extensions), keyPackage, seats }
  }

  async #enter(tx: Transaction, { record, pending, opened, following }: Invitation): Promise<void> {
    const { staged, leaves, signer, policy, predecessors, seats } = opened
    const { groupId } = record
    const chatId = following.status === "genuine" ? following.group.chatId : await this.#chatFor(tx, { record, pending, opened })
    const timeMs = await eventTimeMs(tx, { chatId, placedMs: record.timeMs, nowMs: this.#parts.clock.nowMs() })
    const env = this.#parts.states.environment()
    const change = join(env, staged)
    this.#parts.states.replace(tx, change)
    keepRejoinKey(tx, env, change.state)
    const before = await findGroup(tx, groupId)
    const known = await knownAs(tx, groupId)
    const isReadmitted = pending.introduced === undefined
    // What waits to be sent goes on waiting: it is prepared again with the new keys.
    if (isReadmitted) requeueAll(tx, groupId, { kinds: ["commit", "proposal", "content"], placed: true })
    else failOutbox(tx, { groupId, chatId }, { code: "not_writable", message: sendingTexts.addedAgain })
    deleteOwnBodies(tx, groupId)
    dropIntroductions(tx, groupId)
    const epoch = Number(staged.epoch)
    // Who knows the other devices of this account has had the own name from them, and who was in the group before has had it there.
    const isOwn = equal(signer.accountId, this.#parts.own.accountId)
    const profileDue = isReadmitted && before ? before.profileDue : isOwn ? 0 : following.status === "genuine" ? 1 : 2
    forgetArchivedGroup(tx, groupId)
    insertGroup(tx, { groupId, chatId, epoch, policy, predecessors, order: record.order, profileDue })
    replaceMembers(tx, groupId, leaves)
    this.#takeSeats(tx, { record, signer, seats })
    insertOwnSeat(tx, pending)
    if (policy.kind === "self") setDueOf(tx, this.#parts.own.deviceId)
    this.#end(tx, pending, { spend: true })
    beginMembership(tx, { groupId, epoch, order: record.order }, leaves)
    await enqueueRevoked(this.#parts, tx, { groupId, policy }, leaves)
    // One that read on to the commit that let it in again knows the history up to there.
    if (before?.lastOrder !== record.order) beginHistory(tx, groupId, { order: record.order, chain: undefined })
    if (isReadmitted) await this.#parts.healed(tx, { groupId, chatId, record })
    const at = { chatId, groupId, order: record.order, timeMs, accountId: signer.accountId }
    if (isReadmitted && known) await this.#tellChanges(tx, known, opened, at)
    if (following.status === "genuine") await followSuccessor(this.#parts, tx, { following, opened, at, foundedMs: record.timeMs })
    // Another device of the account was in the group, so its person was, too.
    else if (policy.kind === "group" && !isReadmitted && !leaves.some((leaf) => this.#isOtherDevice(leaf)))
      await insertEvent(tx, this.#parts.crypto.sha256, at, {
        kind: "added",
        by: toHex(signer.accountId),
        accounts: [toHex(this.#parts.own.accountId)],
      })
    await checkFanout(this.#parts, tx, { groupId, chatId }, { seats, record })
    tx.chatChanged(chatId)
    tx.after(() => this.#parts.kick(groupId))
  }

  /** What has changed since this device last knew the group, which nobody but the one who let it in has told it. */
  async #tellChanges(
    tx: Transaction,
    known: KnownGroup,
    { policy, leaves, signer }: Opened,
    at: Parameters<typeof insertEvent>[2],
  ): Promise<void> {
    const leavesBefore = [...known.accounts].map((account) => ({ leafIndex: -1, accountId: fromHex(account) as AccountId }))
    const policies = { policyBefore: known.policy, policyAfter: policy }
    const unseen = { added: [], removed: [], proposals: [], committer: -1 }
    const change = { staged: unseen, ...policies, leavesBefore, leavesAfter: leaves, by: signer.accountId, ended: new Set<string>() }
    for (const event of commitEvents(change)) await insertEvent(tx, this.#parts.crypto.sha256, at, event)
  }

  /** Who gave the other seats is known of those that came with this one. */
  #takeSeats(
    tx: Transaction,
    { record, signer, seats }: { readonly record: JoinRecord; readonly signer: IdentifiedMember; readonly seats: readonly Seat[] },
  ): void {
    const { groupId } = record
    deleteSeats(tx, groupId)
    const given = new Set(record.adds.map(({ seat }) => toHex(seat)))
    const adding = { adderAccount: signer.accountId, adderDevice: signer.deviceId, addedMs: record.timeMs }
    const before = seats.filter(({ seat }) => !given.has(toHex(seat)))
    replaceSeats(tx, groupId, { before: [], after: before })
    replaceSeats(tx, groupId, { before, after: seats, adding })
  }

  /** The introduction has done its work. `spend`: so has the KeyPackage. */
  #end(tx: Transaction, pending: Expected, { spend }: { readonly spend: boolean }): void {
    deletePendingJoin(tx, pending)
    if (spend) spendKeyPackage(tx, pending.ref)
    tx.after(() => {
      if (spend) this.#parts.keyPackageUsed()
      this.#parts.seatsChanged()
    })
  }

  /** The chat of a new group: the existing chat of the same two people, or a new one. */
  async #chatFor(
    tx: Transaction,
    { record, pending, opened: { policy, signer, leaves } }: Omit<Invitation, "following">,
  ): Promise<Uint8Array> {
    const { own } = this.#parts
    const peer = policy.kind === "dm" ? peerOf(policy, own) : undefined
    const dm = peer && (await findDm(tx, peer))
    const archived = await findArchivedGroup(tx, record.groupId)
    const known = archived ?? (await findGroup(tx, record.groupId))
    const ofGroup = await findChat(tx, known?.chatId ?? record.groupId)
    // Let in again, it is where it was.
    if (pending.introduced === undefined && ofGroup) return ofGroup.chatId
    const chat = dm ?? ofGroup
    if (chat) {
      const opener = leaves.find((leaf) => leaf.leafIndex === 0)?.accountId
      const choice = dm
        ? await chooseDmGroup(tx, own, { chat: dm, arriving: { groupId: record.groupId, opener } })
        : archived && (await isArchivedMember(tx, record.groupId, signer.accountId)) && chat.state === "active"
          ? { groupId: record.groupId, state: chat.state }
          : this.#back(chat, signer)
      moveChat(tx, chat.chatId, choice)
      // A chat of an archive goes on where it was.
      if (!archived) noteActivity(tx, chat.chatId, record.timeMs)
      return chat.chatId
    }
    const familiar = equal(signer.accountId, own.accountId) || (await isKnown(tx, signer.accountId))
    const { groupId, timeMs } = record
    insertChat(tx, {
      chatId: groupId,
      kind: policy.kind,
      state: familiar ? "active" : "request",
      groupId,
      peer,
      activityMs: timeMs,
    })
    noteActivity(tx, groupId, timeMs)
    return groupId
  }

  #isOtherDevice({ accountId, deviceId }: IdentifiedMember): boolean {
    const { own } = this.#parts
    return equal(accountId, own.accountId) && !equal(deviceId, own.deviceId)
  }

  /** After leaving or being removed, this person decides whether to be in the group again. */
  #back(chat: ChatRow, signer: IdentifiedMember): DmChoice {
    return { groupId: chat.groupId, state: equal(signer.accountId, this.#parts.own.accountId) ? "active" : "request" }
  }

  async #refuse(
    tx: Transaction,
    code: string,
    { pending, signer, chatId }: Refused,
    { spend = true }: { readonly spend?: boolean } = {},
  ): Promise<void> {
    this.#end(tx, pending, { spend })
    if (pending.introduced === undefined) {
      askFromDrawnSeat(tx, pending, this.#parts.clock.nowMs())
      tx.after(() => this.#parts.rejoinDue(pending.groupId))
    }
    await raiseAlarmOnce(tx, this.#parts.random, {
      ...invitationRefusal(code),
      chatId,
      accountId: signer?.accountId,
      atMs: this.#parts.clock.nowMs(),
    })
  }
}

/** The group as this device had it, or as an archive has it. */
async function knownAs(tx: Transaction, groupId: Uint8Array): Promise<KnownGroup | undefined> {
  const present = await findGroup(tx, groupId)
  if (present) return { policy: present.policy, accounts: new Set((await accountsOf(tx, groupId)).keys()) }
  const archived = await findArchivedGroup(tx, groupId)
  return archived && { policy: archived.policy, accounts: new Set((await listArchivedMembers(tx, groupId)).map(toHex)) }
}

function peerOf({ roles }: Policy, own: Pick<OwnDevice, "accountId">): Policy["roles"][number]["accountId"] | undefined {
  return roles.find(({ accountId }) => !equal(accountId, own.accountId))?.accountId
}
