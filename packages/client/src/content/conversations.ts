// What people do in a chat: write, edit, react, read, accept, block. Each is one turn.

import { equal, toUtf8 } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { isolated, post, postSignatureInput, showsNothing } from "@nodoor/wire"
import { called } from "../trust/name/called.ts"
import { ClientError } from "../core/client-error.ts"
import { type Composition, queueContent } from "./compose.ts"
import { deliveryKey } from "../group/delivery-key.ts"
import { sealEphemeral } from "./ephemeral.ts"
import { failBlocked, forgetWritten, heldIn, refuseHeld } from "./held-chat.ts"
import type { Kernel } from "../core/kernel.ts"
import { dispositions } from "./mimi/content.ts"
import { messageStatus } from "./mimi/status-report.ts"
import { enqueue, ranks } from "../store/group/outbox-item.ts"
import { invitePeer } from "../group/action/peer-invitation.ts"
import { contentTypes, markdownPart, nullPart, reactionPart } from "./payload.ts"
import { hasOthers } from "../store/group/members.ts"
import { roleOf } from "../core/policy.ts"
import { Removals } from "../group/membership/removals.ts"
import { eraseText, findSent, insertMessage, lastPlaced, queuedPosition, readMessage, replaceText } from "../store/chat/messages.ts"
import { deleteParts, deletePartsOfChat } from "../store/chat/parts.ts"
import { type ChatRow, readChat } from "../store/chat/chats.ts"
import { findContact } from "../store/trust/contacts.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { textLimits } from "../core/text-limits.ts"
import { endingText } from "../trust/contact/ended-account.ts"
import { refuseStopped } from "../trust/alarm/sending-stop.ts"
import type { Transaction } from "../core/transaction.ts"

/** A signal "somebody is typing" is good for this long, and sent at most this often. */
const typingEveryMs = 4_000
const sendIdBytes = 16

export class Conversations {
  readonly #kernel: Kernel
  readonly #removals: Removals
  readonly #typed = new Map<string, number>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#removals = new Removals(kernel)
  }

  /**
   * Returns the id of the message, which is stored and queued. Writing to a stranger who wrote first accepts them. What was stored under this
   * `sendId` before is not written again: its id comes back.
   */
  async send(
    chatId: Uint8Array,
    {
      text,
      inReplyTo,
      sendId,
    }: { readonly text: string; readonly inReplyTo: Uint8Array | undefined; readonly sendId: Uint8Array | undefined },
  ): Promise<Uint8Array> {
    const markdown = checkedText(text)
    if (sendId && sendId.length !== sendIdBytes) throw new ClientError("invalid_input", "The id of a message to send has 16 bytes.")
    return await this.#kernel.transactions.run(async (tx) => {
      const before = sendId && (await findSent(tx, chatId, sendId))
      if (before) return before
      const { chat, group } = await this.#writable(tx, chatId)
      if (chat.state === "request") await this.#accept(tx, chat, group)
      const messageId = await queueContent(this.#kernel, tx, group, { body: markdownPart(markdown), inReplyTo }, { shown: true })
      const { own, clock, session } = this.#kernel
      await insertMessage(tx, {
        chatId,
        groupId: group.groupId,
        messageId,
        order: undefined,
        timeMs: session.serverNowMs,
        accountId: own.accountId,
        kind: "content",
        parts: [{ kind: "text", text: markdown }],
        searched: markdown,
        inReplyTo,
        outgoing: "queued",
        sentMs: clock.nowMs(),
        sendId,
      })
      tx.write("UPDATE chat SET draft = '' WHERE chat_id = ?", chatId)
      return messageId
    })
  }

  async edit(chatId: Uint8Array, messageId: Uint8Array, text: string): Promise<void> {
    const markdown = checkedText(text)
    await this.#withOwn(chatId, messageId, async (tx, group) => {
      await queueContent(this.#kernel, tx, group, { body: markdownPart(markdown), replaces: messageId }, { shown: false })
      await replaceText(tx, { chatId, messageId, text: markdown, timeMs: this.#kernel.session.serverNowMs })
    })
  }

  async deleteForAll(chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
    await this.#withOwn(chatId, messageId, async (tx, group) => {
      await queueContent(this.#kernel, tx, group, { body: nullPart(dispositions.render), replaces: messageId }, { shown: false })
      await eraseText(tx, chatId, messageId)
    })
  }

  async react(
    chatId: Uint8Array,
    reaction: { readonly messageId: Uint8Array; readonly emoji: string; readonly on: boolean },
  ): Promise<void> {
    const { messageId: target, emoji, on } = reaction
    if (showsNothing(emoji) || toUtf8(emoji).length > textLimits.emojiBytes)
      throw new ClientError("invalid_input", "A reaction is one emoji.")
    await this.#kernel.transactions.run(async (tx) => {
      const { group } = await this.#writable(tx, chatId)
      if ((await readMessage(tx, chatId, target)).kind === "deleted") throw new ClientError("not_allowed", "This message was deleted.")
      const own = this.#kernel.own.accountId
      const [present] = await tx.read(
        "SELECT message_id FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ? AND emoji = ?",
        chatId,
        target,
        own,
        emoji,
      )
      if (on === (present !== undefined)) return
      const composition: Composition = present
        ? { body: nullPart(dispositions.reaction), inReplyTo: target, replaces: present["message_id"] as Uint8Array }
        : { body: reactionPart(emoji), inReplyTo: target }
      const messageId = await queueContent(this.#kernel, tx, group, composition, { shown: false })
      if (present)
        tx.write("DELETE FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ? AND emoji = ?", chatId, target, own, emoji)
      else
        tx.write(
          "INSERT INTO reaction (chat_id, target_id, account_id, emoji, message_id) VALUES (?, ?, ?, ?, ?)",
          chatId,
          target,
          own,
          emoji,
          messageId,
        )
      tx.messageChanged(chatId, target)
    })
  }

  /** The same content once more, under the same id: whoever got it already sees it once. */
  async retry(chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const { chat } = await this.#writable(tx, chatId)
      const message = await readMessage(tx, chatId, messageId)
      const [failed] = await tx.read("SELECT id, group_id, payload FROM outbox WHERE message_id = ? AND status = 'failed'", messageId)
      if (message.outgoing !== "failed") return
      if (!failed) throw new ClientError("not_writable", "The chat was left since. Write the message again.")
      const groupId = failed["group_id"] as Uint8Array
      if (chat.peer) await invitePeer(this.#kernel, tx, groupId, chat.peer)
      tx.write("DELETE FROM outbox WHERE id = ?", Number(failed["id"]))
      enqueue(tx, { groupId, kind: "content", payload: failed["payload"] as Uint8Array, messageId, rank: ranks.ordinary })
      tx.write("UPDATE message SET outgoing = 'queued', failure = NULL WHERE chat_id = ? AND message_id = ?", chatId, messageId)
      tx.messageChanged(chatId, messageId)
      tx.after(() => this.#kernel.kick(groupId))
    })
  }

  async discard(chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const message = await readMessage(tx, chatId, messageId)
      if (message.outgoing !== "failed") throw new ClientError("not_allowed", "Only a message that failed can be discarded.")
      tx.write("DELETE FROM outbox WHERE message_id = ? AND status = 'failed'", messageId)
      deleteParts(tx, { chatId, messageId })
      tx.write("DELETE FROM message WHERE chat_id = ? AND message_id = ?", chatId, messageId)
      tx.write("DELETE FROM message_search WHERE rowid = ?", message.row)
      tx.messageChanged(chatId, messageId)
    })
  }

  /** Nothing is stored, and nothing is said when it cannot be sent. */
  async typing(chatId: Uint8Array): Promise<void> {
    const { clock, states, own, crypto, session, transactions } = this.#kernel
    const key = String(chatId)
    const nowMs = clock.nowMs()
    if (nowMs - (this.#typed.get(key) ?? 0) < typingEveryMs) return
    this.#typed.set(key, nowMs)
    const request = await transactions.run(async (tx) => {
      const chat = await readChat(tx, chatId)
      const group = await findGroup(tx, chat.groupId)
      const held = (await heldIn(tx, chatId)).length > 0
      const state = !held && chat.state === "active" && group?.status === "active" ? await states.find(tx, chat.groupId) : undefined
      if (!state || state.epoch === 0n || (await this.#removals.isOutstanding(tx, state.groupId))) return undefined
      const env = states.environment()
      const unsigned = {
        groupId: state.groupId,
        epoch: Number(state.epoch),
        body: sealEphemeral(env, state, { contentType: contentTypes.typing, signer: own.signer }),
        ephemeral: true,
      }
      const signature = crypto.signEd25519({
        privateKey: deliveryKey(env, state).privateKey,
        message: postSignatureInput(crypto.sha256, unsigned),
      })
      return { ...unsigned, signature }
    })
    if (request) await session.call(post, request).catch(() => undefined)
  }

  /** Marks everything up to the message as read; receipts go to those who were accepted. */
  async markRead(chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const chat = await readChat(tx, chatId)
      const message = await readMessage(tx, chatId, messageId)
      const position = message.position < queuedPosition ? message.position : await lastPlaced(tx, chatId)
      if (position <= chat.readPosition) return
      tx.write("UPDATE chat SET read_position = ? WHERE chat_id = ?", position, chatId)
      tx.chatChanged(chatId)
      const rows = await tx.read(
        "SELECT group_id, message_id FROM message WHERE chat_id = ? AND position > ? AND position <= ? AND account_id != ? AND kind IN ('content', 'deleted')",
        chatId,
        chat.readPosition,
        position,
        this.#kernel.own.accountId,
      )
      for (const row of rows)
        tx.write(
          "INSERT OR REPLACE INTO receipt_due (group_id, message_id, status) VALUES (?, ?, ?)",
          row["group_id"] as Uint8Array,
          row["message_id"] as Uint8Array,
          messageStatus.read,
        )
      tx.after(() => {
        for (const row of rows) this.#kernel.receiptsWait(row["group_id"] as Uint8Array)
      })
    })
  }

  async accept(chatId: Uint8Array): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const chat = await readChat(tx, chatId)
      if (chat.state !== "request") return
      const group = await findGroup(tx, chat.groupId)
      if (group) await this.#accept(tx, chat, group)
    })
  }

  /** The chat disappears here with its messages. A group that is still joined appears again with the next message. */
  async deleteChat(chatId: Uint8Array): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      await readChat(tx, chatId)
      const last = await lastPlaced(tx, chatId)
      tx.write("DELETE FROM message_search WHERE rowid IN (SELECT row FROM message WHERE chat_id = ?)", chatId)
      deletePartsOfChat(tx, chatId)
      tx.write("DELETE FROM message WHERE chat_id = ?", chatId)
      tx.write("DELETE FROM reaction WHERE chat_id = ?", chatId)
      tx.write("DELETE FROM receipt WHERE chat_id = ?", chatId)
      await forgetWritten(tx, chatId)
      tx.write("DELETE FROM receipt_due WHERE group_id IN (SELECT group_id FROM mls_group WHERE chat_id = ?)", chatId)
      tx.write("UPDATE chat SET hidden = 1, draft = '', read_position = MAX(read_position, ?) WHERE chat_id = ?", last, chatId)
      tx.chatChanged(chatId)
    })
  }

  async setBlocked(accountId: AccountId, blocked: boolean): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const contact = await findContact(tx, accountId)
      if (!contact) throw new ClientError("not_found", "There is no such contact on this device.")
      tx.write("UPDATE contact SET blocked = ?, block_due = 1 WHERE account_id = ?", blocked ? 1 : 0, accountId)
      if (blocked) failBlocked(tx, accountId)
      await touchContact(tx, accountId)
      await this.#wake(tx, accountId)
    })
  }

  async setOptions(
    chatId: Uint8Array,
    options: { readonly muted?: boolean; readonly pinned?: boolean; readonly archived?: boolean; readonly draft?: string },
  ): Promise<void> {
    if (options.draft !== undefined && [...options.draft].length > textLimits.draftCharacters)
      throw new ClientError("invalid_input", "The draft is too long.")
    await this.#kernel.transactions.run(async (tx) => {
      await readChat(tx, chatId)
      for (const column of ["muted", "pinned", "archived"] as const) {
        const value = options[column]
        if (value !== undefined) tx.write(`UPDATE chat SET ${column} = ? WHERE chat_id = ?`, value ? 1 : 0, chatId)
      }
      if (options.draft !== undefined) tx.write("UPDATE chat SET draft = ? WHERE chat_id = ?", options.draft, chatId)
      tx.chatChanged(chatId)
    })
  }

  /** Remembers that the identity as it is now was compared in person. */
  async setVerified(accountId: AccountId, verified: boolean): Promise<void> {
    const state = await this.#kernel.trust.latest(accountId)
    await this.#kernel.transactions.run(async (tx) => {
      if (!state || !(await findContact(tx, accountId))) throw new ClientError("not_found", "There is no such contact on this device.")
      if (verified) {
        tx.write(
          "UPDATE contact SET verified_ms = ?, verified_resets = ?, change_ms = NULL, change_kind = NULL WHERE account_id = ?",
          this.#kernel.clock.nowMs(),
          state.state.resetCount,
          accountId,
        )
      } else tx.write("UPDATE contact SET verified_ms = NULL, verified_resets = NULL WHERE account_id = ?", accountId)
      await touchContact(tx, accountId)
      await this.#wake(tx, accountId)
      // Devices that were held are let in with the next look.
      tx.after(() => this.#kernel.watch.now())
    })
  }

  async acknowledgeIdentity(accountId: AccountId): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const contact = await findContact(tx, accountId)
      if (!contact) throw new ClientError("not_found", "There is no such contact on this device.")
      if (contact.verifiedMs !== undefined)
        throw new ClientError("not_allowed", "A verified contact is verified again, or the verification is withdrawn.")
      tx.write("UPDATE contact SET change_ms = NULL, change_kind = NULL WHERE account_id = ?", accountId)
      await touchContact(tx, accountId)
    })
  }

  /** What was held back goes on. Where nobody is left, those who are let in come first. */
  async #wake(tx: Transaction, peer: AccountId): Promise<void> {
    for (const row of await tx.read("SELECT g.group_id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.peer = ?", peer)) {
      const groupId = row["group_id"] as Uint8Array
      if (await hasOthers(tx, groupId, this.#kernel.own.accountId)) tx.after(() => this.#kernel.kick(groupId))
    }
  }

  async #accept(tx: Transaction, chat: ChatRow, group: GroupRow): Promise<void> {
    tx.write("UPDATE chat SET state = 'active' WHERE chat_id = ?", chat.chatId)
    const account = chat.peer
    if (account) tx.write("UPDATE contact SET accepted = 1 WHERE account_id = ?", account)
    tx.write("UPDATE mls_group SET profile_due = 2 WHERE chat_id = ?", chat.chatId)
    tx.chatChanged(chat.chatId)
    tx.after(() => {
      this.#kernel.kick(group.groupId)
      this.#kernel.receiptsWait(group.groupId)
      if (group.proposals > 0) this.#kernel.proposalsWait(group.groupId)
    })
  }

  async #withOwn(chatId: Uint8Array, messageId: Uint8Array, change: (tx: Transaction, group: GroupRow) => Promise<void>): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const { group } = await this.#writable(tx, chatId)
      const message = await readMessage(tx, chatId, messageId)
      if (!equal(message.accountId, this.#kernel.own.accountId) || !message.hasText)
        throw new ClientError("not_allowed", "Only an own message can be changed.")
      await change(tx, group)
    })
  }

  /** @throws ClientError `not_writable`, `not_allowed`, `identity_untrusted`, `log_untrusted` */
  async #writable(tx: Transaction, chatId: Uint8Array): Promise<{ readonly chat: ChatRow; readonly group: GroupRow }> {
    const chat = await readChat(tx, chatId)
    const group = await findGroup(tx, chat.groupId)
    const contact = chat.peer && (await findContact(tx, chat.peer))
    const ending = contact && (await this.#kernel.trust.ending(contact.accountId))
    if (contact && ending) throw new ClientError("not_writable", endingText(isolated(await called(tx, contact)), ending))
    if (!group || group.status !== "active" || chat.state === "left" || chat.state === "halted")
      throw new ClientError("not_writable", "Nothing can be sent in this chat.")
    if (group.policy.rules.post === "admins" && roleOf(group.policy, this.#kernel.own.accountId) !== "admin")
      throw new ClientError("not_allowed", "Only admins write in this chat.")
    await refuseStopped(tx, group.groupId)
    if (contact) refuseHeld(contact)
    return { chat, group }
  }
}

async function touchContact(tx: Transaction, accountId: AccountId): Promise<void> {
  tx.contactChanged(accountId)
  for (const row of await tx.read("SELECT chat_id FROM chat WHERE peer = ?", accountId)) tx.chatChanged(row["chat_id"] as Uint8Array)
}

/** @throws ClientError `invalid_input` */
function checkedText(text: string): string {
  if (showsNothing(text)) throw new ClientError("invalid_input", "There is nothing to send.")
  if (!text.isWellFormed() || toUtf8(text).length > textLimits.messageBytes)
    throw new ClientError("invalid_input", "The message is too long. Shorten it, or send it in parts.")
  return text
}
