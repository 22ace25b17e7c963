// What people do in a chat: write, edit, react, read, accept, block. Each is one turn.

import { equal, toUtf8 } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { isolated, post, postSignatureInput, showsNothing } from "@nodoor/wire"
import { called } from "./called.ts"
import { ClientError } from "./client-error.ts"
import { type Composition, queueContent } from "./compose.ts"
import { deliveryKey } from "./delivery-key.ts"
import { sealEphemeral } from "./ephemeral.ts"
import { failBlocked, forgetWritten, heldIn, refuseHeld } from "./held-chat.ts"
import type { Kernel } from "./kernel.ts"
import { dispositions } from "./mimi/content.ts"
import { messageStatus } from "./mimi/status-report.ts"
import { enqueue, ranks } from "./outbox-item.ts"
import { invitePeer } from "./peer-invitation.ts"
import { contentTypes, markdownPart, nullPart, reactionPart } from "./payload.ts"
import { hasOthers } from "./preparation.ts"
import { roleOf } from "./policy.ts"
import { Removals } from "./removals.ts"
import { eraseText, findSent, insertMessage, lastPlaced, queuedPosition, readMessage, replaceText } from "./store/messages.ts"
import { type ChatRow, type GroupRow, findContact, findGroup, readChat } from "./store/rows.ts"
import { textLimits } from "./text-limits.ts"
import { endingText } from "./transparency/account-ended.ts"
import { refuseStopped } from "./transparency/stops.ts"
import type { Turn } from "./turn.ts"

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
    return await this.#kernel.turns.run(async (turn) => {
      const before = sendId && (await findSent(turn, chatId, sendId))
      if (before) return before
      const { chat, group } = await this.#writable(turn, chatId)
      if (chat.state === "request") await this.#accept(turn, chat, group)
      const messageId = await queueContent(this.#kernel, turn, group, { body: markdownPart(markdown), inReplyTo }, { shown: true })
      const { own, clock, session } = this.#kernel
      await insertMessage(turn, {
        chatId,
        groupId: group.groupId,
        messageId,
        order: undefined,
        timeMs: session.serverNowMs,
        accountId: own.accountId,
        kind: "text",
        text: markdown,
        inReplyTo,
        outgoing: "queued",
        sentMs: clock.nowMs(),
        sendId,
      })
      turn.write("UPDATE chat SET draft = '' WHERE chat_id = ?", chatId)
      return messageId
    })
  }

  async edit(chatId: Uint8Array, messageId: Uint8Array, text: string): Promise<void> {
    const markdown = checkedText(text)
    await this.#withOwn(chatId, messageId, async (turn, group) => {
      await queueContent(this.#kernel, turn, group, { body: markdownPart(markdown), replaces: messageId }, { shown: false })
      await replaceText(turn, { chatId, messageId, text: markdown, timeMs: this.#kernel.session.serverNowMs })
    })
  }

  async deleteForAll(chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
    await this.#withOwn(chatId, messageId, async (turn, group) => {
      await queueContent(this.#kernel, turn, group, { body: nullPart(dispositions.render), replaces: messageId }, { shown: false })
      await eraseText(turn, chatId, messageId)
    })
  }

  async react(
    chatId: Uint8Array,
    reaction: { readonly messageId: Uint8Array; readonly emoji: string; readonly on: boolean },
  ): Promise<void> {
    const { messageId: target, emoji, on } = reaction
    if (showsNothing(emoji) || toUtf8(emoji).length > textLimits.emojiBytes)
      throw new ClientError("invalid_input", "A reaction is one emoji.")
    await this.#kernel.turns.run(async (turn) => {
      const { group } = await this.#writable(turn, chatId)
      if ((await readMessage(turn, chatId, target)).kind === "deleted") throw new ClientError("not_allowed", "This message was deleted.")
      const own = this.#kernel.own.accountId
      const [present] = await turn.read(
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
      const messageId = await queueContent(this.#kernel, turn, group, composition, { shown: false })
      if (present)
        turn.write("DELETE FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ? AND emoji = ?", chatId, target, own, emoji)
      else
        turn.write(
          "INSERT INTO reaction (chat_id, target_id, account_id, emoji, message_id) VALUES (?, ?, ?, ?, ?)",
          chatId,
          target,
          own,
          emoji,
          messageId,
        )
      turn.messageChanged(chatId, target)
    })
  }

  /** The same content once more, under the same id: whoever got it already sees it once. */
  async retry(chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      const { chat } = await this.#writable(turn, chatId)
      const message = await readMessage(turn, chatId, messageId)
      const [failed] = await turn.read("SELECT id, group_id, payload FROM outbox WHERE message_id = ? AND status = 'failed'", messageId)
      if (message.outgoing !== "failed") return
      if (!failed) throw new ClientError("not_writable", "The chat was left since. Write the message again.")
      const groupId = failed["group_id"] as Uint8Array
      if (chat.peer) await invitePeer(this.#kernel, turn, groupId, chat.peer)
      turn.write("DELETE FROM outbox WHERE id = ?", Number(failed["id"]))
      enqueue(turn, { groupId, kind: "content", payload: failed["payload"] as Uint8Array, messageId, rank: ranks.ordinary })
      turn.write("UPDATE message SET outgoing = 'queued', failure = NULL WHERE chat_id = ? AND message_id = ?", chatId, messageId)
      turn.messageChanged(chatId, messageId)
      turn.after(() => this.#kernel.kick(groupId))
    })
  }

  async discard(chatId: Uint8Array, messageId: Uint8Array): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      const message = await readMessage(turn, chatId, messageId)
      if (message.outgoing !== "failed") throw new ClientError("not_allowed", "Only a message that failed can be discarded.")
      turn.write("DELETE FROM outbox WHERE message_id = ? AND status = 'failed'", messageId)
      turn.write("DELETE FROM message WHERE chat_id = ? AND message_id = ?", chatId, messageId)
      turn.write("DELETE FROM message_search WHERE rowid = ?", message.row)
      turn.messageChanged(chatId, messageId)
    })
  }

  /** Nothing is stored, and nothing is said when it cannot be sent. */
  async typing(chatId: Uint8Array): Promise<void> {
    const { clock, states, own, crypto, session, turns } = this.#kernel
    const key = String(chatId)
    const nowMs = clock.nowMs()
    if (nowMs - (this.#typed.get(key) ?? 0) < typingEveryMs) return
    this.#typed.set(key, nowMs)
    const request = await turns.run(async (turn) => {
      const chat = await readChat(turn, chatId)
      const group = await findGroup(turn, chat.groupId)
      const held = (await heldIn(turn, chatId)).length > 0
      const state = !held && chat.state === "active" && group?.status === "active" ? await states.find(turn, chat.groupId) : undefined
      if (!state || state.epoch === 0n || (await this.#removals.isOutstanding(turn, state.groupId))) return undefined
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
    await this.#kernel.turns.run(async (turn) => {
      const chat = await readChat(turn, chatId)
      const message = await readMessage(turn, chatId, messageId)
      const position = message.position < queuedPosition ? message.position : await lastPlaced(turn, chatId)
      if (position <= chat.readPosition) return
      turn.write("UPDATE chat SET read_position = ? WHERE chat_id = ?", position, chatId)
      turn.chatChanged(chatId)
      const rows = await turn.read(
        "SELECT group_id, message_id FROM message WHERE chat_id = ? AND position > ? AND position <= ? AND account_id != ? AND kind IN ('text', 'unsupported', 'deleted')",
        chatId,
        chat.readPosition,
        position,
        this.#kernel.own.accountId,
      )
      for (const row of rows)
        turn.write(
          "INSERT OR REPLACE INTO receipt_due (group_id, message_id, status) VALUES (?, ?, ?)",
          row["group_id"] as Uint8Array,
          row["message_id"] as Uint8Array,
          messageStatus.read,
        )
      turn.after(() => {
        for (const row of rows) this.#kernel.receiptsWait(row["group_id"] as Uint8Array)
      })
    })
  }

  async accept(chatId: Uint8Array): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      const chat = await readChat(turn, chatId)
      if (chat.state !== "request") return
      const group = await findGroup(turn, chat.groupId)
      if (group) await this.#accept(turn, chat, group)
    })
  }

  /** The chat disappears here with its messages. A group that is still joined appears again with the next message. */
  async deleteChat(chatId: Uint8Array): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      await readChat(turn, chatId)
      const last = await lastPlaced(turn, chatId)
      turn.write("DELETE FROM message_search WHERE rowid IN (SELECT row FROM message WHERE chat_id = ?)", chatId)
      turn.write("DELETE FROM message WHERE chat_id = ?", chatId)
      turn.write("DELETE FROM reaction WHERE chat_id = ?", chatId)
      turn.write("DELETE FROM receipt WHERE chat_id = ?", chatId)
      await forgetWritten(turn, chatId)
      turn.write("DELETE FROM receipt_due WHERE group_id IN (SELECT group_id FROM mls_group WHERE chat_id = ?)", chatId)
      turn.write("UPDATE chat SET hidden = 1, draft = '', read_position = MAX(read_position, ?) WHERE chat_id = ?", last, chatId)
      turn.chatChanged(chatId)
    })
  }

  async setBlocked(accountId: AccountId, blocked: boolean): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      const contact = await findContact(turn, accountId)
      if (!contact) throw new ClientError("not_found", "There is no such contact on this device.")
      turn.write("UPDATE contact SET blocked = ?, block_due = 1 WHERE account_id = ?", blocked ? 1 : 0, accountId)
      if (blocked) failBlocked(turn, accountId)
      await touchContact(turn, accountId)
      await this.#wake(turn, accountId)
    })
  }

  async setOptions(
    chatId: Uint8Array,
    options: { readonly muted?: boolean; readonly pinned?: boolean; readonly archived?: boolean; readonly draft?: string },
  ): Promise<void> {
    if (options.draft !== undefined && [...options.draft].length > textLimits.draftCharacters)
      throw new ClientError("invalid_input", "The draft is too long.")
    await this.#kernel.turns.run(async (turn) => {
      await readChat(turn, chatId)
      for (const column of ["muted", "pinned", "archived"] as const) {
        const value = options[column]
        if (value !== undefined) turn.write(`UPDATE chat SET ${column} = ? WHERE chat_id = ?`, value ? 1 : 0, chatId)
      }
      if (options.draft !== undefined) turn.write("UPDATE chat SET draft = ? WHERE chat_id = ?", options.draft, chatId)
      turn.chatChanged(chatId)
    })
  }

  /** Remembers that the identity as it is now was compared in person. */
  async setVerified(accountId: AccountId, verified: boolean): Promise<void> {
    const state = await this.#kernel.trust.latest(accountId)
    await this.#kernel.turns.run(async (turn) => {
      if (!state || !(await findContact(turn, accountId))) throw new ClientError("not_found", "There is no such contact on this device.")
      if (verified) {
        turn.write(
          "UPDATE contact SET verified_ms = ?, verified_resets = ?, change_ms = NULL, change_kind = NULL WHERE account_id = ?",
          this.#kernel.clock.nowMs(),
          state.state.resetCount,
          accountId,
        )
      } else turn.write("UPDATE contact SET verified_ms = NULL, verified_resets = NULL WHERE account_id = ?", accountId)
      await touchContact(turn, accountId)
      await this.#wake(turn, accountId)
      // Devices that were held are let in with the next look.
      turn.after(() => this.#kernel.watch.now())
    })
  }

  async acknowledgeIdentity(accountId: AccountId): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      const contact = await findContact(turn, accountId)
      if (!contact) throw new ClientError("not_found", "There is no such contact on this device.")
      if (contact.verifiedMs !== undefined)
        throw new ClientError("not_allowed", "A verified contact is verified again, or the verification is withdrawn.")
      turn.write("UPDATE contact SET change_ms = NULL, change_kind = NULL WHERE account_id = ?", accountId)
      await touchContact(turn, accountId)
    })
  }

  /** What was held back goes on. Where nobody is left, those who are let in come first. */
  async #wake(turn: Turn, peer: AccountId): Promise<void> {
    for (const row of await turn.read("SELECT g.group_id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.peer = ?", peer)) {
      const groupId = row["group_id"] as Uint8Array
      if (await hasOthers(turn, groupId, this.#kernel.own.accountId)) turn.after(() => this.#kernel.kick(groupId))
    }
  }

  async #accept(turn: Turn, chat: ChatRow, group: GroupRow): Promise<void> {
    turn.write("UPDATE chat SET state = 'active' WHERE chat_id = ?", chat.chatId)
    const account = chat.peer
    if (account) turn.write("UPDATE contact SET accepted = 1 WHERE account_id = ?", account)
    turn.write("UPDATE mls_group SET profile_due = 2 WHERE chat_id = ?", chat.chatId)
    turn.chatChanged(chat.chatId)
    turn.after(() => {
      this.#kernel.kick(group.groupId)
      this.#kernel.receiptsWait(group.groupId)
      if (group.proposals > 0) this.#kernel.proposalsWait(group.groupId)
    })
  }

  async #withOwn(chatId: Uint8Array, messageId: Uint8Array, change: (turn: Turn, group: GroupRow) => Promise<void>): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      const { group } = await this.#writable(turn, chatId)
      const message = await readMessage(turn, chatId, messageId)
      if (!equal(message.accountId, this.#kernel.own.accountId) || message.kind !== "text")
        throw new ClientError("not_allowed", "Only an own message can be changed.")
      await change(turn, group)
    })
  }

  /** @throws ClientError `not_writable`, `not_allowed`, `identity_untrusted`, `log_untrusted` */
  async #writable(turn: Turn, chatId: Uint8Array): Promise<{ readonly chat: ChatRow; readonly group: GroupRow }> {
    const chat = await readChat(turn, chatId)
    const group = await findGroup(turn, chat.groupId)
    const contact = chat.peer && (await findContact(turn, chat.peer))
    const ending = contact && (await this.#kernel.trust.ending(contact.accountId))
    if (contact && ending) throw new ClientError("not_writable", endingText(isolated(await called(turn, contact)), ending))
    if (!group || group.status !== "active" || chat.state === "left" || chat.state === "halted")
      throw new ClientError("not_writable", "Nothing can be sent in this chat.")
    if (group.policy.rules.post === "admins" && roleOf(group.policy, this.#kernel.own.accountId) !== "admin")
      throw new ClientError("not_allowed", "Only admins write in this chat.")
    await refuseStopped(turn, group.groupId)
    if (contact) refuseHeld(contact)
    return { chat, group }
  }
}

async function touchContact(turn: Turn, accountId: AccountId): Promise<void> {
  turn.contactChanged(accountId)
  for (const row of await turn.read("SELECT chat_id FROM chat WHERE peer = ?", accountId)) turn.chatChanged(row["chat_id"] as Uint8Array)
}

/** @throws ClientError `invalid_input` */
function checkedText(text: string): string {
  if (showsNothing(text)) throw new ClientError("invalid_input", "There is nothing to send.")
  if (!text.isWellFormed() || toUtf8(text).length > textLimits.messageBytes)
    throw new ClientError("invalid_input", "The message is too long. Shorten it, or send it in parts.")
  return text
}
