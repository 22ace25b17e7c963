// Joining a group: opens a Welcome, checks every leaf of the tree, and creates the chat. It is a request if a stranger sent the Welcome.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import { MlsError, type StagedJoin, encodeWelcome, join, openWelcome, welcomeRefs } from "@nodoor/mls"
import type { MailboxRecord } from "@nodoor/wire"
import { isKnown } from "../../store/trust/acquaintance.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { beginHistory } from "../history/history.ts"
import { type DmChoice, chooseDmGroup } from "./dm-choice.ts"
import { invitationRefusal } from "./invitation-refusal.ts"
import type { GroupStates } from "../group-states.ts"
import { type MismatchParts, checkFanout } from "../history/history-mismatch.ts"
import { type MustGoTrust, enqueueRevoked } from "../membership/must-go.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { type KeyPackageSecret, deleteKeyPackage, findKeyPackage } from "../../store/group/key-packages.ts"
import { deleteOwnBodies } from "../../store/group/own-bodies.ts"
import { sendingTexts } from "../../texts/en.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import { checkJoin } from "../policy/policy-check.ts"
import { type Policy, policyOf } from "../../core/policy.ts"
import { removedAhead } from "./removal-ahead.ts"
import { Undecided, heldRetryMs } from "../../trust/device/undecided.ts"
import { productSuite } from "../../core/suite.ts"
import { replaceMembers } from "../../store/group/members.ts"
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

type WelcomeRecord = Extract<MailboxRecord, { readonly kind: "welcome" }>

interface Opened {
  readonly staged: StagedJoin
  readonly leaves: readonly IdentifiedMember[]
  readonly signer: IdentifiedMember
  readonly policy: Policy
  readonly keyPackage: KeyPackageSecret
}

export interface JoiningParts extends MismatchParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId" | "signer">
  readonly states: GroupStates
  readonly trust: MustGoTrust & Pick<Trust, "judge">
  kick(groupId: Uint8Array): void
  /** A KeyPackage of this device was used up. */
  keyPackageUsed(): void
}

export class Joining {
  readonly #parts: JoiningParts

  constructor(parts: JoiningParts) {
    this.#parts = parts
  }

  /** Nobody is looked up before the invitation itself is valid, and then its signer first. @throws Undecided while it is undecided */
  async take(tx: Transaction, record: WelcomeRecord, looks: Lookups): Promise<void> {
    const present = await findGroup(tx, record.groupId)
    if (present && present.status !== "left" && record.order <= present.lastOrder) return // delivered twice
    let opened: Opened
    try {
      opened = await this.#open(tx, record)
    } catch (error) {
      if (error instanceof MlsError || error instanceof CodecError) return await this.#refuse(tx, error.code)
      throw error
    }
    const { leaves, signer, policy } = opened
    // A group that this device is in has one history. Any member can make another group with the same id, so the id is free only after
    // this device was removed (docs/protocol.md, "Groups"). A group that stopped stays stopped.
    if (present && present.status !== "left") return await this.#refuse(tx, "live_group", signer, present.chatId)
    const chat = present && (await findChat(tx, present.chatId))
    if (chat && chat.kind !== policy.kind) return await this.#refuse(tx, "other_kind", signer, chat.chatId)
    // The secret of a last-resort KeyPackage opens old Welcomes again, which would lead back to an epoch with members removed since.
    if (present && opened.staged.epoch <= BigInt(present.epoch)) return await this.#refuse(tx, "old_epoch")
    if ((await findContact(tx, signer.accountId))?.blocked) return
    const broken = checkJoin(policy, leaves, signer)
    if (broken) return await this.#refuse(tx, broken, signer)
    const { trust } = this.#parts
    const accounts = new Set(leaves.map((leaf) => toHex(leaf.accountId)))
    if (accounts.size > strangersAccountsMax && !(await this.#knows(tx, signer.accountId)))
      return await this.#refuse(tx, "too_many_strangers", signer)
    const judgement = await trust.judge({ kind: policy.kind, welcomed: leaves, signer }, looks)
    switch (judgement.status) {
      case "lookup":
        throw new Undecided(judgement)
      case "held":
        throw new Undecided({ waitMs: heldRetryMs })
      case "untrusted":
        return await this.#refuse(tx, judgement.code, signer)
      case "stale":
        if (await this.#mayEnterWith(tx, record, opened, judgement.leaves)) break
        return
      case "trusted":
        break
    }
    await this.#enter(tx, record, opened)
  }

  async #knows(tx: Transaction, accountId: Uint8Array): Promise<boolean> {
    return equal(accountId, this.#parts.own.accountId) || (await isKnown(tx, accountId))
  }

  /** Leaves that their accounts no longer list must be removed before the group is joined. False when it was refused. @throws Undecided */
  async #mayEnterWith(
    tx: Transaction,
    record: WelcomeRecord,
    { staged, signer }: Opened,
    stale: readonly IdentifiedMember[],
  ): Promise<boolean> {
    const env = this.#parts.states.environment()
    if (stale.some((leaf) => leaf.leafIndex === signer.leafIndex)) await this.#refuse(tx, "removed_device", signer)
    else if (await removedAhead(tx, env, { state: join(env, staged).state, seq: record.seq, leaves: stale })) return true
    else if (this.#parts.clock.nowMs() - record.timeMs < removalWithinMs) throw new Undecided({ waitMs: removalRetryMs })
    else await this.#refuse(tx, "stale_device", signer)
    return false
  }

  async #open(tx: Transaction, record: WelcomeRecord): Promise<Opened> {
    const welcome = encodeWelcome(productSuite, { secrets: [record.body], encryptedGroupInfo: record.groupInfo })
    for (const ref of welcomeRefs(welcome)) {
      const keyPackage = await findKeyPackage(tx, ref)
      if (!keyPackage) continue
      const staged = openWelcome(this.#parts.states.environment(), {
        welcome,
        keyPackageSecret: keyPackage.secret,
        signer: this.#parts.own.signer,
      })
      if (!equal(staged.groupId, record.groupId)) throw new CodecError("invalid_value", "group of the Welcome")
      const leaves = staged.members.map(identify)
      const signer = leaves.find((leaf) => leaf.leafIndex === staged.signer)
      const own = leaves.find((leaf) => leaf.leafIndex === staged.ownLeafIndex)
      if (!signer || !own || !equal(own.deviceId, this.#parts.own.deviceId)) throw new CodecError("invalid_value", "leaves of the Welcome")
      return { staged, leaves, signer, policy: policyOf(staged.extensions), keyPackage }
    }
    throw new CodecError("invalid_value", "KeyPackage of the Welcome")
  }

  async #enter(tx: Transaction, record: WelcomeRecord, opened: Opened): Promise<void> {
    const { staged, leaves, signer, policy, keyPackage } = opened
    const { groupId } = record
    const chatId = await this.#chatFor(tx, record, opened)
    this.#parts.states.replace(tx, join(this.#parts.states.environment(), staged))
    if (!keyPackage.lastResort) deleteKeyPackage(tx, keyPackage.ref)
    tx.after(() => this.#parts.keyPackageUsed())
    failOutbox(tx, { groupId, chatId }, { code: "not_writable", message: sendingTexts.addedAgain })
    deleteOwnBodies(tx, groupId)
    const epoch = Number(staged.epoch)
    insertGroup(tx, { groupId, chatId, epoch, policy, order: record.order, profileDue: 2 })
    replaceMembers(tx, groupId, leaves)
    beginMembership(tx, { groupId, epoch, order: record.order }, leaves)
    await enqueueRevoked(this.#parts, tx, { groupId, policy }, leaves)
    beginHistory(tx, groupId, { order: record.order, chain: undefined })
    const at = { chatId, groupId, order: record.order, timeMs: record.timeMs, accountId: signer.accountId }
    if (policy.kind === "group")
      await insertEvent(tx, this.#parts.crypto.sha256, at, {
        kind: "added",
        by: toHex(signer.accountId),
        accounts: [toHex(this.#parts.own.accountId)],
      })
    await checkFanout(this.#parts, tx, { groupId, chatId }, { leaves, record })
    tx.chatChanged(chatId)
    tx.after(() => this.#parts.kick(groupId))
  }

  /** The chat of a new group: the existing chat of the same two people, or a new one. */
  async #chatFor(tx: Transaction, record: WelcomeRecord, { policy, signer, leaves }: Opened): Promise<Uint8Array> {
    const { own } = this.#parts
    const peer = policy.kind === "dm" ? policy.roles.find((entry) => !equal(entry.accountId, own.accountId))?.accountId : undefined
    const dm = peer && (await findDm(tx, peer))
    const known = await findGroup(tx, record.groupId)
    const chat = dm ?? (known && (await findChat(tx, known.chatId)))
    if (chat) {
      const opener = leaves.find((leaf) => leaf.leafIndex === 0)?.accountId
      const choice = dm
        ? await chooseDmGroup(tx, own, { chat: dm, arriving: { groupId: record.groupId, opener } })
        : this.#back(chat, signer)
      moveChat(tx, chat.chatId, choice)
      noteActivity(tx, chat.chatId, record.timeMs)
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

  /** After leaving or being removed, this person decides whether to be in the group again. */
  #back(chat: ChatRow, signer: IdentifiedMember): DmChoice {
    return { groupId: chat.groupId, state: equal(signer.accountId, this.#parts.own.accountId) ? "active" : "request" }
  }

  async #refuse(tx: Transaction, code: string, signer?: IdentifiedMember, chatId?: Uint8Array): Promise<void> {
    await raiseAlarmOnce(tx, this.#parts.random, {
      ...invitationRefusal(code),
      chatId,
      accountId: signer?.accountId,
      atMs: this.#parts.clock.nowMs(),
    })
  }
}
