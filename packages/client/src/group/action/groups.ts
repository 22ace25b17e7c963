// Making and changing groups. What a person asks for is checked against the policy here, written as an intent, and done by the outbox.

import { bytes, equal, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { createGroup, members } from "@nodoor/mls"
import { limits } from "@nodoor/wire"
import type { GroupRules, Role } from "../../core/group-rules.ts"
import { calledInWords } from "../../trust/name/called.ts"
import { ClientError } from "../../core/client-error.ts"
import { accountsOf, replaceMembers } from "../../store/group/members.ts"
import { beginHistory, historyStart } from "../history/history.ts"
import { type Intent, encodeIntent } from "../../store/group/intent.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import { invitePeer, withOwnDevices } from "./peer-invitation.ts"
import type { Kernel } from "../../core/kernel.ts"
import { type Policy, encodePolicy, policyExtensionType, roleOf } from "../../core/policy.ts"
import { endRemovalAlarm, removalOf } from "../membership/removals.ts"
import { beginMembership } from "../../store/group/membership.ts"
import { noteActivity } from "../../store/chat/activity.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { enqueue, enqueueIntent, enqueueRemove, itemFromRow, ranks } from "../../store/group/outbox-item.ts"
import { type ChatRow, findDm, readChat } from "../../store/chat/chats.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { type GroupRow, findGroup } from "../../store/group/groups.ts"
import { productSuite } from "../../core/suite.ts"
import { checkedName, textLimits } from "../../core/text-limits.ts"
import { endingText } from "../../trust/contact/ended-account.ts"
import { identify } from "../../trust/trust.ts"
import type { Transaction } from "../../core/transaction.ts"

const startRules: GroupRules = { add: "admins", rename: "admins", post: "everyone" }

export class Groups {
  readonly #kernel: Kernel

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** The dm with an account, made if there is none that can be written to. Returns its chat id. */
  async openDm(peer: AccountId): Promise<Uint8Array> {
    if (equal(peer, this.#kernel.own.accountId)) throw new ClientError("invalid_input", "There is no chat with oneself.")
    const ended = await this.#kernel.trust.hasEnded(peer)
    if (!ended) await this.#known([peer])
    const chatId = await this.#kernel.transactions.run(async (tx) => {
      const dm = await findDm(tx, peer)
      if (ended) {
        if (!dm) throw await this.#endedError(peer)
        tx.write("UPDATE chat SET hidden = 0 WHERE chat_id = ?", dm.chatId)
        tx.chatChanged(dm.chatId)
        return dm.chatId
      }
      const group = dm && (await findGroup(tx, dm.groupId))
      if (dm && group?.status === "active") {
        tx.write("UPDATE chat SET hidden = 0 WHERE chat_id = ?", dm.chatId)
        tx.chatChanged(dm.chatId)
        await invitePeer(this.#kernel, tx, dm.groupId, peer)
        return dm.chatId
      }
      const roles = [this.#kernel.own.accountId, peer]
        .toSorted((a, b) => (toHex(a) < toHex(b) ? -1 : 1))
        .map((accountId) => ({ accountId, role: "admin" as const }))
      const policy: Policy = {
        kind: "dm",
        name: "",
        picture: undefined,
        roles,
        rules: { add: "admins", rename: "admins", post: "everyone" },
        expiryS: undefined,
      }
      tx.write("UPDATE contact SET accepted = 1 WHERE account_id = ?", peer)
      return await this.#create(tx, policy, { peers: [peer], chat: dm, peer })
    })
    return chatId
  }

  async create({ name, accountIds }: { readonly name: string; readonly accountIds: readonly AccountId[] }): Promise<Uint8Array> {
    const title = groupName(name)
    const peers = distinct(accountIds).filter((accountId) => !equal(accountId, this.#kernel.own.accountId))
    if (peers.length + 1 > limits.accountsPerGroup) throw new ClientError("invalid_input", "A group has at most 1,024 people.")
    await this.#known(peers)
    const roles = [{ accountId: this.#kernel.own.accountId, role: "admin" as const }]
    const policy: Policy = { kind: "group", name: title, picture: undefined, roles, rules: startRules, expiryS: undefined }
    return await this.#kernel.transactions.run((tx) => this.#create(tx, policy, { peers, chat: undefined, peer: undefined }))
  }

  add(chatId: Uint8Array, accountIds: readonly AccountId[]): Promise<void> {
    return this.#known(accountIds).then(() =>
      this.#change(chatId, async (tx, group) => {
        allow(group.policy.rules.add === "everyone" || this.#isAdmin(group), "Only admins add people to this chat.")
        const present = await accountsOf(tx, group.groupId)
        const accounts = distinct(accountIds).filter((accountId) => !present.has(toHex(accountId)))
        if (present.size + accounts.length > limits.accountsPerGroup)
          throw new ClientError("invalid_input", "A group has at most 1,024 people.")
        return accounts.length > 0 ? { type: "add", accounts } : undefined
      }),
    )
  }

  remove(chatId: Uint8Array, account: AccountId): Promise<void> {
    if (equal(account, this.#kernel.own.accountId)) return this.leave(chatId)
    return this.#change(chatId, async (tx, group) => {
      allow(this.#isAdmin(group), "Only admins remove people from this chat.")
      if (!(await accountsOf(tx, group.groupId)).has(toHex(account))) throw new ClientError("not_found", "That person is not in this chat.")
      await enqueueRemove(tx, group.groupId, account)
      tx.after(() => this.#kernel.kick(group.groupId))
      return undefined
    })
  }

  /** Tries again, at once and built anew, what the server has not done: whoever is to go is still to go. */
  async retryRemoval(chatId: Uint8Array): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const { groupId } = await readChat(tx, chatId)
      const rows = await tx.read("SELECT * FROM outbox WHERE group_id = ? AND kind = 'commit'", groupId)
      for (const item of rows.map(itemFromRow)) {
        if (!removalOf(item)) continue
        tx.write("UPDATE outbox SET attempts = 0 WHERE id = ?", item.id)
        tx.write("UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL WHERE id = ? AND status = 'prepared'", item.id)
      }
      tx.after(() => this.#kernel.kick(groupId))
    })
  }

  /** Lets somebody stay whom this account asked to remove, and may not remove any more. @throws ClientError `not_allowed` while it may */
  async withdrawRemoval(chatId: Uint8Array, account: AccountId): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const { groupId } = await readChat(tx, chatId)
      const group = await findGroup(tx, groupId)
      if (!group || this.#isAdmin(group))
        throw new ClientError("not_allowed", "A removal is not taken back: add the person again afterwards.")
      tx.write(
        "DELETE FROM outbox WHERE group_id = ? AND kind = 'commit' AND payload = ?",
        groupId,
        encodeIntent({ type: "remove", account }),
      )
      endRemovalAlarm(tx, group, this.#kernel.clock.nowMs())
      tx.after(() => this.#kernel.kick(groupId))
    })
  }

  rename(chatId: Uint8Array, name: string): Promise<void> {
    return this.#change(chatId, async (_, group) => {
      allow(group.policy.rules.rename === "everyone" || this.#isAdmin(group), "Only admins rename this chat.")
      return { type: "rename", name: groupName(name) }
    })
  }

  setRole(chatId: Uint8Array, account: AccountId, role: Role): Promise<void> {
    return this.#change(chatId, async (tx, group) => {
      allow(this.#isAdmin(group), "Only admins change roles in this chat.")
      if (!(await accountsOf(tx, group.groupId)).has(toHex(account))) throw new ClientError("not_found", "That person is not in this chat.")
      const others = group.policy.roles.filter((entry) => !equal(entry.accountId, account))
      allow(role === "admin" || others.length > 0, "A group keeps at least one admin.")
      return { type: "role", account, role }
    })
  }

  setRules(chatId: Uint8Array, rules: GroupRules): Promise<void> {
    return this.#change(chatId, async (_, group) => {
      allow(this.#isAdmin(group), "Only admins change the rules of this chat.")
      return { type: "rules", rules: { add: rules.add, rename: rules.rename, post: rules.post } }
    })
  }

  /** Leaves at once here; the proposal to remove this account's leaf is committed by whoever of the others is online first. */
  async leave(chatId: Uint8Array): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const chat = await readChat(tx, chatId)
      const group = await findGroup(tx, chat.groupId)
      if (chat.kind !== "group") throw new ClientError("not_allowed", "A chat of two people is deleted or blocked, not left.")
      if (group?.status !== "active") return
      failOutbox(tx, group, { code: "not_writable", message: "The chat was left." })
      const alone = (await accountsOf(tx, group.groupId)).size < 2
      tx.write("UPDATE mls_group SET status = ? WHERE group_id = ?", alone ? "left" : "leaving", group.groupId)
      tx.write("UPDATE chat SET state = 'left' WHERE chat_id = ?", chatId)
      tx.write("DELETE FROM receipt_due WHERE group_id = ?", group.groupId)
      endRemovalAlarm(tx, group, this.#kernel.clock.nowMs())
      if (alone) this.#kernel.states.erase(tx, group.groupId)
      else enqueue(tx, { groupId: group.groupId, kind: "proposal", payload: new Uint8Array(), rank: ranks.urgent })
      tx.chatChanged(chatId)
      tx.after(() => this.#kernel.kick(group.groupId))
    })
  }

  /** The name contacts see; sent to every chat that may know it. */
  async setOwnName(name: string): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      tx.write("UPDATE device SET name = ? WHERE id = 1", name)
      tx.write("UPDATE mls_group SET profile_due = 2 WHERE status = 'active'")
      const rows = await tx.read("SELECT group_id FROM mls_group WHERE status = 'active'")
      tx.after(() => {
        for (const row of rows) this.#kernel.kick(row["group_id"] as Uint8Array)
      })
    })
  }

  /** The group with this device alone, its chat, and what must be done to make it known and let the others in. */
  async #create(
    tx: Transaction,
    policy: Policy,
    {
      peers,
      chat,
      peer,
    }: { readonly peers: readonly AccountId[]; readonly chat: ChatRow | undefined; readonly peer: AccountId | undefined },
  ): Promise<Uint8Array> {
    const { own, states, crypto } = this.#kernel
    const groupId = bytes<"GroupId">(this.#kernel.random(limits.groupIdBytes))
    const change = createGroup(states.environment(), {
      suite: productSuite,
      groupId,
      signer: own.signer,
      extensions: [{ type: policyExtensionType, data: encodePolicy(policy) }],
      extensionTypes: [policyExtensionType],
    })
    states.replace(tx, change)
    const nowMs = this.#kernel.session.serverNowMs
    const chatId = chat?.chatId ?? groupId
    if (chat)
      tx.write(
        "UPDATE chat SET group_id = ?, state = 'active', settled = 0, hidden = 0, activity_ms = ? WHERE chat_id = ?",
        groupId,
        nowMs,
        chatId,
      )
    else
      tx.write(
        `INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft) VALUES (?, ?, 'active', ?, ?, 0, ?, 0, 0, 0, 0, '')`,
        chatId,
        policy.kind,
        groupId,
        peer ?? null,
        nowMs,
      )
    noteActivity(tx, chatId, nowMs)
    tx.write(
      `INSERT INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due) VALUES (?, ?, 'active', 0, ?, 0, 0, 0, 0, 0)`,
      groupId,
      chatId,
      encodePolicy(policy),
    )
    const alone = members(change.state).map(identify)
    replaceMembers(tx, groupId, alone)
    beginMembership(tx, { groupId, epoch: 0, order: 0 }, alone)
    beginHistory(tx, groupId, { order: 0, chain: historyStart(crypto.sha256, groupId) })
    enqueue(tx, { groupId, kind: "create", payload: new Uint8Array(), rank: ranks.urgent })
    if (peers.length > 0) enqueueIntent(tx, groupId, { type: "add", accounts: await withOwnDevices(this.#kernel, peers) })
    if (policy.kind === "group")
      await insertEvent(
        tx,
        crypto.sha256,
        { chatId, groupId, order: 0, timeMs: nowMs, accountId: own.accountId },
        { kind: "created", by: toHex(own.accountId) },
      )
    tx.chatChanged(chatId)
    tx.after(() => this.#kernel.kick(groupId))
    return chatId
  }

  async #change(chatId: Uint8Array, make: (tx: Transaction, group: GroupRow) => Promise<Intent | undefined>): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const chat = await readChat(tx, chatId)
      const group = await findGroup(tx, chat.groupId)
      if (chat.state !== "active" && chat.state !== "request")
        throw new ClientError("not_writable", "This chat cannot be changed from here.")
      if (chat.kind !== "group" || group?.status !== "active") throw new ClientError("not_allowed", "Only groups can be changed.")
      const intent = await make(tx, group)
      if (!intent) return
      enqueueIntent(tx, group.groupId, intent)
      tx.after(() => this.#kernel.kick(group.groupId))
    })
  }

  /** Accounts this device has verified before; others are asked for now. @throws ClientError `not_found` */
  async #known(accountIds: readonly AccountId[]): Promise<void> {
    for (const accountId of accountIds) {
      const contact = await findContact({ read: (sql, ...values) => this.#kernel.transactions.database.read(sql, values) }, accountId)
      if (contact?.blocked) throw new ClientError("not_allowed", `${await this.#who(accountId)} is blocked.`)
      if (!contact || !(await this.#kernel.trust.latest(accountId))) await this.#kernel.trust.refresh({ accountId })
      if (await this.#kernel.trust.hasEnded(accountId)) throw await this.#endedError(accountId)
    }
  }

  async #endedError(accountId: AccountId): Promise<ClientError> {
    return new ClientError("not_found", endingText(await this.#who(accountId), (await this.#kernel.trust.ending(accountId)) ?? "unproven"))
  }

  async #who(accountId: AccountId): Promise<string> {
    return await calledInWords({ read: (sql, ...values) => this.#kernel.transactions.database.read(sql, values) }, accountId, "This person")
  }

  #isAdmin(group: GroupRow): boolean {
    return roleOf(group.policy, this.#kernel.own.accountId) === "admin"
  }
}

/** @throws ClientError `invalid_input` */
function groupName(name: string): string {
  return checkedName(name, textLimits.groupNameCharacters)
}

function distinct(accountIds: readonly AccountId[]): readonly AccountId[] {
  return [...new Map(accountIds.map((accountId) => [toHex(accountId), accountId])).values()]
}

function allow(allowed: boolean, message: string): void {
  if (!allowed) throw new ClientError("not_allowed", message)
}
