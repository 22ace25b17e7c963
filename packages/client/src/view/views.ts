// The store as a person interface sees it. Reads only; everything shown has been committed.

import { fromHex, toHex } from "@nodoor/bytes"
import type { VerifiedAccountState } from "@nodoor/keylog"
import { isolated, plainName } from "@nodoor/wire"
import type { Hex } from "../core/hex.ts"
import { type AlarmView, alarmView } from "../store/trust/alarm-view.ts"
import type { ChatView, RemovalView } from "./chat-view.ts"
import type { ContactView, DeviceView, MemberView } from "./contact-view.ts"
import type { MessageDetails, MessagePage, MessageView } from "./message-view.ts"
import { knownAccounts } from "../store/trust/acquaintance.ts"
import { called, markOf } from "../trust/name/called.ts"
import { ClientError } from "../core/client-error.ts"
import { asSent, deliveryStatus, receiptStatus, recipientsOf } from "./delivery-status.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { roleOf } from "../core/policy.ts"
import type { Database, Row, SqlValue } from "../core/ports.ts"
import { shownContent } from "../content/types.ts"
import { type PartRow, listParts } from "../store/chat/parts.ts"
import { findMessages } from "../store/chat/search.ts"
import { believedSentMs } from "./sent-time.ts"
import { queuedPosition } from "../store/chat/position.ts"
import { type ChatRow, chatFromRow, readChat } from "../store/chat/chats.ts"
import { type ContactRow, contactFromRow, contactRows, findContact } from "../store/trust/contacts.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { heldIn } from "../chat/held-chat.ts"
import { describeRemoval, isOutOfHands, outstandingRemovals, removalAlarmCode } from "../group/membership/removals.ts"
import { groupStop } from "../trust/alarm/sending-stop.ts"
import type { Trust } from "../trust/trust.ts"

const pageDefault = 50
const pageMax = 500

export class Views {
  readonly #database: Database
  readonly #own: OwnDevice
  readonly #trust: Trust

  constructor(parts: { readonly database: Database; readonly own: OwnDevice; readonly trust: Trust }) {
    this.#database = parts.database
    this.#own = parts.own
    this.#trust = parts.trust
  }

  read(sql: string, ...values: SqlValue[]): Promise<readonly Row[]> {
    return this.#database.read(sql, values)
  }

  async ownName(): Promise<string> {
    return String((await this.read("SELECT name FROM device WHERE id = 1"))[0]?.["name"] ?? "")
  }

  async chats(): Promise<readonly ChatView[]> {
    const rows = await this.read("SELECT * FROM chat WHERE hidden = 0 ORDER BY pinned DESC, activity_order DESC")
    const out: ChatView[] = []
    for (const row of rows) out.push(await this.#chatView(row))
    return out
  }

  async chat(chatId: Uint8Array): Promise<ChatView> {
    await readChat(this, chatId)
    const [row] = await this.read("SELECT * FROM chat WHERE chat_id = ?", chatId)
    return await this.#chatView(row ?? {})
  }

  async contact(accountId: Uint8Array): Promise<ContactView> {
    const contact = await findContact(this, accountId)
    if (!contact) throw new ClientError("not_found", "There is no such contact on this device.")
    return await this.#contactView(contact)
  }

  async contacts(): Promise<readonly ContactView[]> {
    const rows = await this.read(`${contactRows} ORDER BY h.handle IS NULL, h.handle, contact.account_id`)
    const known = await knownAccounts(this)
    const contacts = await Promise.all(rows.map((row) => this.#contactView(contactFromRow(row))))
    return contacts.map((contact) => ({ ...contact, known: known.has(contact.accountId) }))
  }

  async members(chatId: Uint8Array): Promise<readonly MemberView[]> {
    const chat = await readChat(this, chatId)
    const group = await findGroup(this, chat.groupId)
    const ids = await this.#accountIds(chat)
    const out: MemberView[] = []
    for (const accountId of ids) {
      const own = toHex(accountId) === toHex(this.#own.accountId)
      const view = own ? await this.#ownContact() : await this.contact(accountId)
      out.push({ ...view, role: group ? roleOf(group.policy, accountId) : "member", own })
    }
    return out
  }

  async messages(
    chatId: Uint8Array,
    page: {
      readonly before?: number | undefined
      readonly after?: number | undefined
      readonly around?: Hex | undefined
      readonly limit?: number | undefined
    },
  ): Promise<MessagePage> {
    const chat = await readChat(this, chatId)
    const limit = Math.max(1, Math.min(page.limit ?? pageDefault, pageMax))
    const rows = await this.#pageRows(chat, page, limit)
    const first = rows[0]?.["position"]
    const last = rows.at(-1)?.["position"]
    const [older] =
      first === undefined ? [] : await this.read("SELECT 1 AS one FROM message WHERE chat_id = ? AND position < ? LIMIT 1", chatId, first)
    const [newer] =
      last === undefined ? [] : await this.read("SELECT 1 AS one FROM message WHERE chat_id = ? AND position > ? LIMIT 1", chatId, last)
    return {
      messages: await this.#messageViews(chat, rows),
      before: older ? Number(first) : undefined,
      after: newer ? Number(last) : undefined,
    }
  }

  async messagesById(chatId: Uint8Array, ids: readonly Hex[]): Promise<readonly MessageView[]> {
    const chat = await readChat(this, chatId)
    const rows: Row[] = []
    for (const id of ids) rows.push(...(await this.read("SELECT * FROM message WHERE chat_id = ? AND message_id = ?", chatId, hexId(id))))
    return await this.#messageViews(
      chat,
      rows.toSorted((a, b) => Number(a["position"]) - Number(b["position"])),
    )
  }

  async message(chatId: Uint8Array, messageId: Uint8Array): Promise<MessageView> {
    const [view] = await this.messagesById(chatId, [toHex(messageId)])
    if (!view) throw new ClientError("not_found", "There is no such message in this chat.")
    return view
  }

  async messageDetails(chatId: Uint8Array, messageId: Uint8Array): Promise<MessageDetails> {
    const chat = await readChat(this, chatId)
    const message = await this.message(chatId, messageId)
    if (!message.sender.own || !message.status) return { message, deliveries: [] }
    const receipts = new Map(
      (await this.read("SELECT account_id, status, at_ms FROM receipt WHERE chat_id = ? AND message_id = ?", chatId, messageId)).map(
        (row) => [toHex(row["account_id"] as Uint8Array), row],
      ),
    )
    const deliveries: MessageDetails["deliveries"][number][] = []
    for (const accountId of (await recipientsOf(this, chat, messageId)) ?? (await this.#accountIds(chat))) {
      const id = toHex(accountId)
      if (id === toHex(this.#own.accountId)) continue
      const receipt = receipts.get(id)
      const status = receipt
        ? receiptStatus(Number(receipt["status"]))
        : message.status === "delivered" || message.status === "read"
          ? "sent"
          : message.status
      deliveries.push({ accountId: id, name: await this.name(accountId), status, atMs: receipt ? Number(receipt["at_ms"]) : undefined })
    }
    return { message, deliveries }
  }

  async search(text: string, limit: number): Promise<readonly MessageView[]> {
    const out: MessageView[] = []
    for (const row of await findMessages(this, text, Math.max(1, Math.min(limit, pageMax))))
      out.push(...(await this.#messageViews(await readChat(this, row["chat_id"] as Uint8Array), [row])))
    return out
  }

  async alarms(): Promise<readonly AlarmView[]> {
    return (await this.read("SELECT * FROM alarm ORDER BY at_ms DESC, id LIMIT 200")).map(alarmView)
  }

  async devices(): Promise<readonly DeviceView[]> {
    const account = await this.#trust.latest(this.#own.accountId)
    return (account?.state.devices ?? []).map((device) => ({
      deviceId: toHex(device.deviceId),
      deviceClass: device.deviceClass,
      own: toHex(device.deviceId) === toHex(this.#own.deviceId),
      addedVersion: device.addedVersion,
    }))
  }

  /** What a person is called here: their profile's name, their handle before it arrived. */
  async name(accountId: Uint8Array): Promise<string> {
    if (toHex(accountId) === toHex(this.#own.accountId)) return await this.ownName()
    const contact = await findContact(this, accountId)
    return contact ? await called(this, contact) : ""
  }

  async #ownContact(): Promise<ContactView> {
    const account = await this.#trust.latest(this.#own.accountId)
    return {
      accountId: toHex(this.#own.accountId),
      handle: this.#own.handle,
      mark: account ? markOf(account) : "",
      origin: this.#own.origin,
      name: await this.ownName(),
      verified: true,
      blocked: false,
      deviceCount: account?.state.devices.length ?? 1,
      identityChange: undefined,
    }
  }

  async #contactView(contact: ContactRow): Promise<ContactView> {
    const account = await this.#trust.latest(contact.accountId)
    const ending = await this.#trust.ending(contact.accountId)
    return {
      accountId: toHex(contact.accountId),
      handle: contact.handle,
      mark: contact.mark,
      origin: this.#own.origin,
      name: await called(this, contact),
      verified: isVerified(contact, account),
      blocked: contact.blocked,
      ...(ending && { ended: ending }),
      deviceCount: ending ? 0 : (account?.state.devices.length ?? 0),
      identityChange:
        contact.changeMs === undefined
          ? undefined
          : { atMs: contact.changeMs, kind: contact.changeKind ?? "changed", wasVerified: contact.verifiedMs !== undefined },
    }
  }

  async #chatView(row: Row): Promise<ChatView> {
    const chat = chatFromRow(row)
    const group = await findGroup(this, chat.groupId)
    const peer = chat.peer && (await this.contact(chat.peer))
    const ids = await this.#accountIds(chat)
    const unread = await this.#unread(chat)
    const contact = chat.peer && (await findContact(this, chat.peer))
    const alarm = await this.#chatAlarm(chat, contact)
    return {
      id: toHex(chat.chatId),
      kind: chat.kind,
      title: peer ? peer.name : plainName(group?.policy.name ?? "") || "Group without a name",
      state: contact?.blocked ? "blocked" : chat.state,
      peer,
      memberCount: ids.length,
      ownRole: group ? roleOf(group.policy, this.#own.accountId) : "member",
      rules: group?.policy.rules ?? { add: "admins", rename: "admins", post: "everyone" },
      unreadCount: unread.count,
      firstUnreadId: unread.first,
      muted: row["muted"] === 1,
      pinned: row["pinned"] === 1,
      archived: row["archived"] === 1,
      draft: String(row["draft"] ?? ""),
      last: await this.#last(chat),
      activityMs: Number(row["activity_ms"]),
      activity: Number(row["activity_order"]),
      alarm,
      removal: group && (await this.#removal(group)),
    }
  }

  async #removal(group: GroupRow): Promise<RemovalView | undefined> {
    if (group.status !== "active" && group.status !== "halted") return undefined
    if ((await heldIn(this, group.chatId)).includes("commit")) return undefined
    const removals = await outstandingRemovals(this, group.groupId)
    const [first] = removals
    if (!first) return undefined
    return {
      accounts: [...new Set(removals.flatMap((removal) => (removal.type === "proposals" ? [] : [toHex(removal.account)])))],
      text: await describeRemoval(this, { own: this.#own, trust: this.#trust }, first),
      outOfHands: isOutOfHands(first, group, this.#own.accountId),
    }
  }

  async #chatAlarm(chat: ChatRow, contact: ContactRow | undefined): Promise<AlarmView | undefined> {
    if (chat.state === "halted") {
      const [row] = await this.read("SELECT * FROM alarm WHERE chat_id = ? AND level = 'red' ORDER BY at_ms DESC LIMIT 1", chat.chatId)
      if (row) return alarmView(row)
    }
    const stop = await groupStop(this, chat.groupId)
    if (stop) {
      const [row] = await this.read("SELECT * FROM alarm WHERE id = ?", stop.alarmId)
      if (row) return alarmView(row)
    }
    const [removal] = await this.read(
      "SELECT * FROM alarm WHERE chat_id = ? AND code = ? AND acknowledged_ms IS NULL ORDER BY at_ms DESC LIMIT 1",
      chat.chatId,
      removalAlarmCode,
    )
    if (removal) return alarmView(removal)
    if (contact?.verifiedMs === undefined || contact.changeMs === undefined) return undefined
    const who = isolated(await called(this, contact))
    return {
      id: toHex(contact.accountId),
      level: "red",
      code: "verified_identity_changed",
      chatId: toHex(chat.chatId),
      accountId: toHex(contact.accountId),
      text: `${who}'s identity changed after you verified it. Compare safety numbers again before you write.`,
      atMs: contact.changeMs,
    }
  }

  async #unread(chat: ChatRow): Promise<{ readonly count: number; readonly first: Hex | undefined }> {
    const where = "FROM message WHERE chat_id = ? AND position > ? AND position < ? AND kind IN ('content', 'waiting') AND account_id != ?"
    const values = [chat.chatId, chat.readPosition, queuedPosition, this.#own.accountId] as const
    const [count] = await this.read(`SELECT COUNT(*) AS n ${where}`, ...values)
    const n = Number(count?.["n"] ?? 0)
    if (n === 0) return { count: 0, first: undefined }
    const [first] = await this.read(`SELECT message_id ${where} ORDER BY position LIMIT 1`, ...values)
    return { count: n, first: first && toHex(first["message_id"] as Uint8Array) }
  }

  async #last(chat: ChatRow): Promise<ChatView["last"]> {
    const [row] = await this.read("SELECT * FROM message WHERE chat_id = ? AND kind != 'event' ORDER BY position DESC LIMIT 1", chat.chatId)
    if (!row) return undefined
    const [view] = await this.#messageViews(chat, [row])
    if (!view) return undefined
    const text = view.content.type === "text" ? view.content.markdown : ""
    return { kind: view.content.type, text, senderName: view.sender.name, own: view.sender.own, timeMs: view.timeMs, status: view.status }
  }

  async #pageRows(
    chat: ChatRow,
    page: { readonly before?: number | undefined; readonly after?: number | undefined; readonly around?: Hex | undefined },
    limit: number,
  ): Promise<readonly Row[]> {
    const older = async (position: number, max: number): Promise<Row[]> =>
      (
        await this.read(
          "SELECT * FROM message WHERE chat_id = ? AND position < ? ORDER BY position DESC LIMIT ?",
          chat.chatId,
          position,
          max,
        )
      ).toReversed()
    const newer = async (position: number, max: number): Promise<readonly Row[]> =>
      await this.read("SELECT * FROM message WHERE chat_id = ? AND position > ? ORDER BY position LIMIT ?", chat.chatId, position, max)
    if (page.around !== undefined) {
      const [row] = await this.read("SELECT position FROM message WHERE chat_id = ? AND message_id = ?", chat.chatId, hexId(page.around))
      if (!row) throw new ClientError("not_found", "There is no such message in this chat.")
      const at = Number(row["position"])
      const half = Math.floor(limit / 2)
      return [...(await older(at + 1, half + 1)), ...(await newer(at, limit - half - 1))]
    }
    if (page.after !== undefined) return await newer(page.after, limit)
    return await older(page.before ?? Number.MAX_SAFE_INTEGER, limit)
  }

  /** Accounts of the chat, also of members that are not in the tree yet or no longer. */
  async #accountIds(chat: ChatRow): Promise<readonly Uint8Array[]> {
    if (chat.kind === "dm" && chat.peer) return [this.#own.accountId, chat.peer]
    const rows = await this.read(
      "SELECT account_id, MIN(leaf_index) AS leaf FROM member WHERE group_id = ? GROUP BY account_id ORDER BY leaf",
      chat.groupId,
    )
    return rows.map((row) => row["account_id"] as Uint8Array)
  }

  async #messageViews(chat: ChatRow, rows: readonly Row[]): Promise<readonly MessageView[]> {
    const names = new Map<Hex, string>()
    const nameOf = async (accountId: Uint8Array): Promise<string> => {
      const id = toHex(accountId)
      const name = names.get(id) ?? (await this.name(accountId))
      names.set(id, name)
      return name
    }
    const group = await findGroup(this, chat.groupId)
    const parts = await listParts(
      this,
      rows.map((row) => Number(row["row"])),
    )
    const out: MessageView[] = []
    for (const row of rows)
      out.push(await this.#messageView(chat, row, { nameOf, reached: group !== undefined, parts: parts.get(Number(row["row"])) ?? [] }))
    return out
  }

  async #messageView(
    chat: ChatRow,
    row: Row,
    context: {
      readonly nameOf: (accountId: Uint8Array) => Promise<string>
      readonly reached: boolean
      readonly parts: readonly PartRow[]
    },
  ): Promise<MessageView> {
    const accountId = row["account_id"] as Uint8Array
    const own = toHex(accountId) === toHex(this.#own.accountId)
    const messageId = row["message_id"] as Uint8Array
    const outgoing = own && row["kind"] !== "event" ? (row["outgoing"] as string | null) : null
    const failure =
      row["failure"] === null || row["failure"] === undefined
        ? undefined
        : (JSON.parse(String(row["failure"])) as { code: string; message: string })
    return {
      id: toHex(messageId),
      chatId: toHex(chat.chatId),
      sender: { accountId: toHex(accountId), name: await context.nameOf(accountId), own },
      order: row["ord"] === null ? undefined : Number(row["ord"]),
      position: Number(row["position"]),
      timeMs: Number(row["time_ms"]),
      sentMs: believedSentMs({ claimedMs: (row["sent_ms"] as number | null) ?? undefined, placedMs: Number(row["time_ms"]) }),
      content: shownContent({ kind: String(row["kind"]), parts: context.parts }),
      edited: row["edited_ms"] !== null,
      inReplyTo: await this.#replied(chat, row["in_reply_to"] ?? null, context.nameOf),
      reactions: await this.#reactions(chat, messageId),
      status:
        outgoing === null ? undefined : context.reached ? await deliveryStatus(this, chat, row, this.#own.accountId) : asSent(outgoing),
      failure,
    }
  }

  async #replied(chat: ChatRow, id: SqlValue, nameOf: (accountId: Uint8Array) => Promise<string>): Promise<MessageView["inReplyTo"]> {
    if (!(id instanceof Uint8Array)) return undefined
    const [row] = await this.read("SELECT row, account_id, kind FROM message WHERE chat_id = ? AND message_id = ?", chat.chatId, id)
    if (!row) return { id: toHex(id), senderName: "", kind: "absent", text: "" }
    const parts = (await listParts(this, [Number(row["row"])])).get(Number(row["row"])) ?? []
    const content = shownContent({ kind: String(row["kind"]), parts })
    return {
      id: toHex(id),
      senderName: await nameOf(row["account_id"] as Uint8Array),
      kind: content.type,
      text: content.type === "text" ? content.markdown : "",
    }
  }

  async #reactions(chat: ChatRow, messageId: Uint8Array): Promise<MessageView["reactions"]> {
    const rows = await this.read(
      "SELECT emoji, account_id FROM reaction WHERE chat_id = ? AND target_id = ? ORDER BY emoji, account_id",
      chat.chatId,
      messageId,
    )
    const byEmoji = new Map<string, Hex[]>()
    for (const row of rows)
      byEmoji.set(String(row["emoji"]), [...(byEmoji.get(String(row["emoji"])) ?? []), toHex(row["account_id"] as Uint8Array)])
    const self = toHex(this.#own.accountId)
    return [...byEmoji].map(([emoji, accounts]) => ({ emoji, accounts, own: accounts.includes(self) }))
  }
}

/** A verification holds for the identity that was verified: a reset ends it, a new device does not. */
export function isVerified(contact: ContactRow, account: VerifiedAccountState | undefined): boolean {
  return contact.verifiedMs !== undefined && account !== undefined && contact.verifiedResets === account.state.resetCount
}

/** @throws ClientError `invalid_input` */
export function hexId(id: Hex): Uint8Array {
  try {
    return fromHex(id)
  } catch (error) {
    throw new ClientError("invalid_input", "An id is lower-case hexadecimal.", { cause: error })
  }
}
