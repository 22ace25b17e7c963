// Being let into a group: a Welcome is opened, every leaf of the tree is checked, and the chat appears, as a request if a stranger sent it.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import { MlsError, type StagedJoin, encodeWelcome, join, openWelcome, welcomeRefs } from "@nodoor/mls"
import type { MailboxRecord } from "@nodoor/wire"
import { isKnown } from "../../store/trust/acquaintance.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { CommitApplication } from "../commit/commit-application.ts"
import { beginHistory } from "../history/history.ts"
import { type DmChoice, chooseDmGroup } from "./dm-choice.ts"
import { invitationRefusal } from "./invitation-refusal.ts"
import type { Kernel } from "../../core/kernel.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import { checkJoin } from "../policy/policy-check.ts"
import { type Policy, encodePolicy, policyOf } from "../../core/policy.ts"
import { removedAhead } from "./removal-ahead.ts"
import { Undecided, heldRetryMs } from "../../trust/device/undecided.ts"
import { productSuite } from "../../core/suite.ts"
import { replaceMembers } from "../../store/group/members.ts"
import { beginMembership } from "../../store/group/membership.ts"
import { noteActivity } from "../../store/chat/activity.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { type ChatRow, findChat, findDm } from "../../store/chat/chats.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { findGroup } from "../../store/group/groups.ts"
import { type IdentifiedMember, type Lookups, identify } from "../../trust/trust.ts"
import type { Transaction } from "../../core/transaction.ts"

/** A stranger's invitation to more people is refused: whoever is asked about costs a place in a search, and a person is asked by people. */
const strangersAccountsMax = 256
/** Members look at everybody's leaves within a day, and then it takes one that is online. */
const removalWithinMs = 2 * 86_400_000
const removalRetryMs = 3_600_000

type WelcomeRecord = Extract<MailboxRecord, { readonly kind: "welcome" }>

interface Opened {
  readonly staged: StagedJoin
  readonly leaves: readonly IdentifiedMember[]
  readonly signer: IdentifiedMember
  readonly policy: Policy
  readonly keyPackage: { readonly ref: Uint8Array; readonly lastResort: boolean }
}

export class Joining {
  readonly #kernel: Kernel
  readonly #commits: CommitApplication

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#commits = new CommitApplication(kernel)
  }

  /** Nobody is asked for anything before the invitation itself holds, and then its signer first. @throws Undecided while it is undecided */
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
    // A group this device lives in has one history. Any member can make another group of the same id; only our own applied removal
    // makes room for it (docs/protocol.md, "Groups"). A group that stands still stays so.
    if (present && present.status !== "left") return await this.#refuse(tx, "live_group", signer, present.chatId)
    const chat = present && (await findChat(tx, present.chatId))
    if (chat && chat.kind !== policy.kind) return await this.#refuse(tx, "other_kind", signer, chat.chatId)
    // The secret of a last-resort KeyPackage opens its Welcomes again: back to an epoch whose members may have been removed since.
    if (present && opened.staged.epoch <= BigInt(present.epoch)) return await this.#refuse(tx, "old_epoch")
    if ((await findContact(tx, signer.accountId))?.blocked) return
    const broken = checkJoin(policy, leaves, signer)
    if (broken) return await this.#refuse(tx, broken, signer)
    const { trust } = this.#kernel
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
    return equal(accountId, this.#kernel.own.accountId) || (await isKnown(tx, accountId))
  }

  /** Leaves that their accounts listed once: they must be gone before the group is entered. False when it was refused. @throws Undecided */
  async #mayEnterWith(
    tx: Transaction,
    record: WelcomeRecord,
    { staged, signer }: Opened,
    stale: readonly IdentifiedMember[],
  ): Promise<boolean> {
    const env = this.#kernel.states.environment()
    if (stale.some((leaf) => leaf.leafIndex === signer.leafIndex)) await this.#refuse(tx, "removed_device", signer)
    else if (await removedAhead(tx, env, { state: join(env, staged).state, seq: record.seq, leaves: stale })) return true
    else if (this.#kernel.clock.nowMs() - record.timeMs < removalWithinMs) throw new Undecided({ waitMs: removalRetryMs })
    else await this.#refuse(tx, "stale_device", signer)
    return false
  }

  async #open(tx: Transaction, record: WelcomeRecord): Promise<Opened> {
    const welcome = encodeWelcome(productSuite, { secrets: [record.body], encryptedGroupInfo: record.groupInfo })
    for (const ref of welcomeRefs(welcome)) {
      const [row] = await tx.read("SELECT secret, last_resort FROM key_package WHERE ref = ?", ref)
      if (!row) continue
      const staged = openWelcome(this.#kernel.states.environment(), {
        welcome,
        keyPackageSecret: row["secret"] as Uint8Array,
        signer: this.#kernel.own.signer,
      })
      if (!equal(staged.groupId, record.groupId)) throw new CodecError("invalid_value", "group of the Welcome")
      const leaves = staged.members.map(identify)
      const signer = leaves.find((leaf) => leaf.leafIndex === staged.signer)
      const own = leaves.find((leaf) => leaf.leafIndex === staged.ownLeafIndex)
      if (!signer || !own || !equal(own.deviceId, this.#kernel.own.deviceId)) throw new CodecError("invalid_value", "leaves of the Welcome")
      return { staged, leaves, signer, policy: policyOf(staged.extensions), keyPackage: { ref, lastResort: row["last_resort"] === 1 } }
    }
    throw new CodecError("invalid_value", "KeyPackage of the Welcome")
  }

  async #enter(tx: Transaction, record: WelcomeRecord, opened: Opened): Promise<void> {
    const { staged, leaves, signer, policy, keyPackage } = opened
    const { groupId } = record
    const chatId = await this.#chatFor(tx, record, opened)
    this.#kernel.states.replace(tx, join(this.#kernel.states.environment(), staged))
    if (!keyPackage.lastResort) tx.write("DELETE FROM key_package WHERE ref = ?", keyPackage.ref)
    tx.after(() => this.#kernel.keyPackageUsed())
    failOutbox(tx, { groupId, chatId }, { code: "not_writable", message: "This device was let into the chat anew." })
    tx.write("DELETE FROM own_body WHERE group_id = ?", groupId)
    tx.write(
      `INSERT OR REPLACE INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due)
       VALUES (?, ?, 'active', ?, ?, ?, ?, ?, 0, 2)`,
      groupId,
      chatId,
      Number(staged.epoch),
      encodePolicy(policy),
      record.order,
      record.order,
      Number(staged.epoch),
    )
    replaceMembers(tx, groupId, leaves)
    beginMembership(tx, { groupId, epoch: Number(staged.epoch), order: record.order }, leaves)
    await this.#commits.removeRevoked(tx, { groupId, policy }, leaves)
    beginHistory(tx, groupId, { order: record.order, chain: undefined })
    const at = { chatId, groupId, order: record.order, timeMs: record.timeMs, accountId: signer.accountId }
    if (policy.kind === "group")
      await insertEvent(tx, this.#kernel.crypto.sha256, at, {
        kind: "added",
        by: toHex(signer.accountId),
        accounts: [toHex(this.#kernel.own.accountId)],
      })
    await this.#commits.checkFanout(tx, { groupId, chatId }, leaves, record)
    tx.chatChanged(chatId)
    tx.after(() => this.#kernel.kick(groupId))
  }

  /** The chat a new group belongs to: that of the same dm if there is one, its own otherwise. */
  async #chatFor(tx: Transaction, record: WelcomeRecord, { policy, signer, leaves }: Opened): Promise<Uint8Array> {
    const { own } = this.#kernel
    const peer = policy.kind === "dm" ? policy.roles.find((entry) => !equal(entry.accountId, own.accountId))?.accountId : undefined
    const dm = peer && (await findDm(tx, peer))
    const known = await findGroup(tx, record.groupId)
    const chat = dm ?? (known && (await findChat(tx, known.chatId)))
    if (chat) {
      const opener = leaves.find((leaf) => leaf.leafIndex === 0)?.accountId
      const { groupId, state } = dm
        ? await chooseDmGroup(tx, own, { chat: dm, arriving: { groupId: record.groupId, opener } })
        : this.#back(chat, signer)
      tx.write(
        "UPDATE chat SET state = ?, group_id = ?, settled = CASE WHEN group_id = ? THEN settled ELSE 0 END, hidden = 0 WHERE chat_id = ?",
        state,
        groupId,
        groupId,
        chat.chatId,
      )
      noteActivity(tx, chat.chatId, record.timeMs)
      return chat.chatId
    }
    const familiar = equal(signer.accountId, own.accountId) || (await isKnown(tx, signer.accountId))
    tx.write(
      `INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft)
       VALUES (?, ?, ?, ?, ?, 0, ?, 0, 0, 0, 0, '')`,
      record.groupId,
      policy.kind,
      familiar ? "active" : "request",
      record.groupId,
      peer ?? null,
      record.timeMs,
    )
    noteActivity(tx, record.groupId, record.timeMs)
    return record.groupId
  }

  /** Who is out of a group, by their own doing or another's, is in it again when they say so. */
  #back(chat: ChatRow, signer: IdentifiedMember): DmChoice {
    return { groupId: chat.groupId, state: equal(signer.accountId, this.#kernel.own.accountId) ? "active" : "request" }
  }

  async #refuse(tx: Transaction, code: string, signer?: IdentifiedMember, chatId?: Uint8Array): Promise<void> {
    await raiseAlarmOnce(tx, this.#kernel.random, {
      ...invitationRefusal(code),
      chatId,
      accountId: signer?.accountId,
      atMs: this.#kernel.clock.nowMs(),
    })
  }
}
