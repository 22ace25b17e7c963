// A device without keys, server or disk: it holds the sample world and forgets on reload what is done to it.

import type {
  AlarmView,
  ChatView,
  ClientEvent,
  ConnectionStatus,
  ContactView,
  Device,
  FileContent,
  Hex,
  MessageView,
  OperatorNoticeView,
} from "@nodoor/client"
import { HostError } from "../src/host/host.ts"
import { createOwnAccount } from "./sample-own-account.ts"
import { sampleAlarms } from "./sample-alarms.ts"
import { createSampleLists } from "./sample-lists.ts"
import { sampleCanary } from "./sample-canary.ts"
import { type Chat, createSampleWorld, day, id, minute, people, sampleAccount, sampleNotices } from "./sample-world.ts"

/** `putFile`: the message of a photo or a file that somebody sent here. */
export type MemoryDevice = Device & { putFile(chatId: Hex, content: FileContent): MessageView }

export function createMemoryDevice(scene: string): MemoryDevice {
  const now = Date.now()
  const listeners = new Set<(event: ClientEvent) => void>()
  const emit = (event: ClientEvent): void => listeners.forEach((listener) => listener(event))
  const { chats, contacts, add, say, fresh } = createSampleWorld(scene, now)

  let canary = sampleCanary(scene, now)
  const find = (chatId: Hex): Chat => {
    const chat = chats.get(chatId)
    if (chat === undefined) throw new HostError("not_found", "No such chat.")
    return chat
  }
  /** What the device tells of a chat: its view, and these of its messages. */
  const tell = (chatId: Hex, ids: readonly Hex[] = [], incoming: readonly Hex[] = []): void => {
    const chat = chats.get(chatId)
    const messages = (chat?.messages ?? []).filter(({ id: messageId }) => ids.includes(messageId))
    const here = new Set(messages.map((message) => message.id))
    emit({ type: "chat", id: chatId, chat: chat?.view, messages, removed: ids.filter((messageId) => !here.has(messageId)), incoming })
  }
  const tellContact = (accountId: Hex): void => {
    const contact = contacts.get(accountId)
    emit({ type: "contacts", ids: [accountId], contacts: contact === undefined ? [] : [contact] })
  }
  const change = (chatId: Hex, rest: Partial<ChatView>): void => {
    const chat = find(chatId)
    chat.view = { ...chat.view, ...rest }
    tell(chatId)
  }
  const changeMessage = (chatId: Hex, messageId: Hex, rest: Partial<MessageView>): void => {
    const chat = find(chatId)
    chat.messages = chat.messages.map((message) => (message.id === messageId ? { ...message, ...rest } : message))
    tell(chatId, [messageId])
  }
  const changeContact = (accountId: Hex, rest: Partial<ContactView>): void => {
    const next = { ...contacts.get(accountId), ...rest } as ContactView
    contacts.set(accountId, next)
    for (const chat of chats.values()) {
      if (chat.view.peer?.accountId === accountId) change(chat.view.id, { peer: next })
      chat.members = chat.members.map((member) => (member.accountId === accountId ? { ...member, ...rest } : member))
    }
    tellContact(accountId)
  }
  const pause = async (): Promise<void> => {
    if (scene === "slow") await new Promise(() => {})
    if (scene === "broken") throw new HostError("store_failed", "The store on this device could not be read.")
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  const raised = sampleAlarms(now)
  const lists = createSampleLists(scene, { chats, change, emit })

  let alarms: readonly AlarmView[] = raised[scene] ?? []

  let notices: readonly OperatorNoticeView[] = scene === "notices" ? sampleNotices(now) : []

  let deleted = scene === "deleted"
  const over: ConnectionStatus = { status: "refused", code: "account_deleted", message: "This account was deleted." }
  if (deleted) endChats()

  function endChats(): void {
    for (const chat of chats.values()) chat.view = { ...chat.view, state: "left" }
  }

  /** For browser tests: somebody writes in this chat. */
  const arrive = (chatId: Hex, text: string): Hex => {
    const chat = find(chatId)
    const message = say(chat, chat.view.peer ?? people.amara, Date.now(), text)
    change(chatId, { unreadCount: chat.view.unreadCount + 1, firstUnreadId: chat.view.firstUnreadId ?? message.id })
    tell(chatId, [message.id], [message.id])
    return message.id
  }
  Object.assign(globalThis, { arrive })

  const device: Device = {
    ...createOwnAccount(scene, emit),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    reconnect: async () => {},
    connection: async () =>
      deleted
        ? over
        : scene === "offline"
          ? { status: "offline", retryAtMs: now + minute }
          : scene === "connecting"
            ? { status: "connecting" }
            : scene === "catching-up"
              ? { status: "connecting", catchUp: { taken: 2_340, total: 10_000 } }
              : scene === "refused"
                ? { status: "refused", code: "unauthorized", message: "this device was removed from the account." }
                : { status: "online" },
    account: async () => sampleAccount,
    setName: async () => {},
    async chats() {
      await pause()
      return [...chats.values()].map((chat) => chat.view)
    },
    chat: async (chatId) => find(chatId).view,
    members: async (chatId) => find(chatId).members,
    async messages(chatId, page = {}) {
      await pause()
      const all = find(chatId).messages
      const limit = page.limit ?? 50
      let from = all.length - limit
      let to = all.length
      const { before, after } = page
      if (before !== undefined) {
        to = all.filter(({ position }) => position < before).length
        from = to - limit
      } else if (after !== undefined) {
        from = all.filter(({ position }) => position <= after).length
        to = from + limit
      } else if (page.around !== undefined) {
        const at = all.findIndex((message) => message.id === page.around)
        ;[from, to] = [at - limit / 2, at + limit / 2]
      }
      from = Math.max(0, from)
      to = Math.min(all.length, to)
      const messages = all.slice(from, to)
      return {
        messages,
        before: from > 0 ? messages[0]?.position : undefined,
        after: to < all.length ? messages.at(-1)?.position : undefined,
      }
    },
    messagesById: async (chatId, ids) => find(chatId).messages.filter((message) => ids.includes(message.id)),
    async messageDetails(chatId, messageId) {
      const message = find(chatId).messages.find((one) => one.id === messageId)
      if (message === undefined) throw new HostError("not_found", "No such message.")
      const statuses = ["read", "delivered", "sent"] as const
      const deliveries = message.sender.own
        ? find(chatId)
            .members.filter((member) => !member.own)
            .map((member, i) => ({
              accountId: member.accountId,
              name: member.name,
              status: statuses[i % 3] ?? "sent",
              atMs: i % 3 === 2 ? undefined : message.timeMs + minute,
            }))
        : []
      return { message, deliveries }
    },
    messageFrom: async (chatId, ms) => find(chatId).messages.find((message) => message.timeMs >= ms) ?? find(chatId).messages.at(-1),
    search: async (text, limit = 50, chatId) =>
      [...chats.values()]
        .filter((chat) => chatId === undefined || chat.view.id === chatId)
        .flatMap((chat) => chat.messages)
        .filter((message) => message.content.type === "text" && message.content.markdown.toLowerCase().includes(text.toLowerCase()))
        .toReversed()
        .slice(0, limit),
    async findContact(handle) {
      const found = [...contacts.values()].find((one) => one.handle === handle.replace(/^@/, ""))
      if (found === undefined) throw new HostError("not_found", "Nobody has this handle.")
      return found
    },
    async contact(accountId) {
      const found = contacts.get(accountId)
      if (found === undefined) throw new HostError("not_found", "Nobody has this account.")
      return found
    },
    contacts: async () => [...contacts.values()],
    async openChat(accountId) {
      const existing = [...chats.values()].find((chat) => chat.view.peer?.accountId === accountId)
      if (existing !== undefined) return existing.view
      const contact = await device.contact(accountId)
      const chat = add(fresh(), "dm", contact.name, [contact], { activityMs: Date.now(), activity: Date.now() })
      tell(chat.view.id)
      return chat.view
    },
    async createGroup(group) {
      const chat = add(
        fresh(),
        "group",
        group.name,
        group.accountIds.map((one) => contacts.get(one)).filter((one) => one !== undefined),
        { activityMs: Date.now(), activity: Date.now() },
      )
      tell(chat.view.id)
      return chat.view
    },
    async addMembers(chatId, accountIds) {
      const chat = find(chatId)
      for (const accountId of accountIds) chat.members.push({ ...(await device.contact(accountId)), role: "member", own: false })
      change(chatId, { memberCount: chat.members.length })
    },
    async removeMember(chatId, accountId) {
      const chat = find(chatId)
      chat.members = chat.members.filter((member) => member.accountId !== accountId)
      change(chatId, { memberCount: chat.members.length })
    },
    retryRemoval: async () => {},
    withdrawRemoval: async (chatId) => change(chatId, { removal: undefined, alarm: undefined }),
    leave: async (chatId) => change(chatId, { state: "left" }),
    rename: async (chatId, title) => change(chatId, { title }),
    async setRole(chatId, accountId, role) {
      const chat = find(chatId)
      chat.members = chat.members.map((member) => (member.accountId === accountId ? { ...member, role } : member))
      tellContact(accountId)
    },
    setHistorySharing: async (chatId, { messages, days }) =>
      change(chatId, { history: messages !== undefined ? { messages } : days !== undefined ? { days } : undefined }),
    setRules: async (chatId, rules) => change(chatId, { rules }),
    async send(chatId, { text, inReplyTo, forwarded }) {
      const chat = find(chatId)
      const quoted = chat.messages.find((message) => message.id === inReplyTo)
      const message = say(
        chat,
        "me",
        Date.now(),
        { type: "text", markdown: text, ...(forwarded && { forwarded }) },
        {
          status: "queued",
          order: undefined,
          inReplyTo:
            quoted?.content.type === "text"
              ? { id: quoted.id, senderName: quoted.sender.name, kind: "text", text: quoted.content.markdown }
              : undefined,
        },
      )
      tell(chatId, [message.id])
      change(chatId, {})
      if (scene === "offline") return message
      const steps = ["sent", "delivered", "read"] as const
      steps.forEach((status, i) => setTimeout(() => changeMessage(chatId, message.id, { status, order: 1 }), 500 * (i + 1)))
      const peer = chat.view.peer
      if (peer !== undefined) {
        setTimeout(() => emit({ type: "typing", chatId, accountId: peer.accountId, untilMs: Date.now() + 4000 }), 1800)
        setTimeout(() => {
          const answer = say(chat, peer, Date.now(), `You wrote “${text.slice(0, 60)}”.`)
          tell(chatId, [answer.id], [answer.id])
          change(chatId, {})
        }, 4000)
      }
      return message
    },
    edit: async (chatId, messageId, text) => changeMessage(chatId, messageId, { content: { type: "text", markdown: text }, edited: true }),
    deleteForAll: async (chatId, messageId) => changeMessage(chatId, messageId, { content: { type: "deleted" } }),
    async deleteForMe(chatId, messageId) {
      const chat = find(chatId)
      chat.messages = chat.messages.filter((message) => message.id !== messageId)
      tell(chatId, [messageId])
    },
    setStarred: async (chatId, messageId, starred) => changeMessage(chatId, messageId, { starred }),
    starred: async () =>
      [...chats.values()]
        .flatMap((chat) => chat.messages)
        .filter((message) => message.starred)
        .toSorted((a, b) => b.timeMs - a.timeMs),
    async react(chatId, messageId, emoji, on) {
      const message = find(chatId).messages.find((one) => one.id === messageId)
      if (message === undefined) return
      const others = message.reactions.filter((reaction) => reaction.emoji !== emoji)
      const before =
        message.reactions.find((reaction) => reaction.emoji === emoji)?.accounts.filter((account) => account !== sampleAccount.accountId) ??
        []
      const accounts = on ? [...before, sampleAccount.accountId] : before
      changeMessage(chatId, messageId, { reactions: accounts.length === 0 ? others : [...others, { emoji, accounts, own: on }] })
    },
    stopDownload: async () => {},
    askForFile: async () => {},
    retry: async (chatId, messageId) => changeMessage(chatId, messageId, { status: "sent", failure: undefined }),
    async discard(chatId, messageId) {
      const chat = find(chatId)
      chat.messages = chat.messages.filter((message) => message.id !== messageId)
      tell(chatId, [messageId])
    },
    typing: async () => {},
    markRead: async (chatId) => change(chatId, { unreadCount: 0, firstUnreadId: undefined }),
    acceptRequest: async (chatId) => change(chatId, { state: "active" }),
    async deleteChat(chatId) {
      chats.delete(chatId)
      tell(chatId)
    },
    setBlocked: async (accountId, blocked) => changeContact(accountId, { blocked }),
    async setChatOptions(chatId, { muted, unread, ...options }) {
      change(chatId, {
        ...options,
        ...(unread !== undefined && { markedUnread: unread }),
        ...(muted !== undefined && { muted: muted !== false, mutedUntilMs: typeof muted === "number" ? muted : undefined }),
      })
      if (options.folder !== undefined) lists.keep(options.folder)
    },
    ...lists,
    async safety(accountId) {
      const contact = await device.contact(accountId)
      return {
        contact,
        digits: ["30571", "88204", "11963", "40275", "92810", "07734", "65129", "38442", "19907", "53018", "76625", "20481"],
        qr: "nodoor-safety:1:chat.example.org:30571882041196340275928100773465129384421990753018766252048100000000",
        verifiedAtMs: contact.verified ? now - 12 * day : undefined,
        transparency: { status: "not_checked", reason: "This version does not ask the server’s key log yet." },
      }
    },
    setVerified: async (accountId, verified) => changeContact(accountId, { verified, identityChange: undefined }),
    acknowledgeIdentity: async (accountId) => changeContact(accountId, { identityChange: undefined }),
    compareSafety: async () => ({ matches: true }),
    async checkTransparency() {
      await new Promise((resolve) => setTimeout(resolve, 900))
      return scene === "offline"
        ? { status: "unavailable", reason: "The log did not answer.", atMs: Date.now() }
        : { status: "ok", atMs: Date.now(), witnesses: ["witness.example.net", "garden.example.org"] }
    },
    logStatus: async () => ({
      tier: "witnessed",
      pin: id(95).repeat(2),
      size: 4812,
      epochAtMs: now - 9 * minute,
      checkedAtMs: now - 2 * minute,
      witnesses: ["witness.example.net", "garden.example.org"],
      auditors: ["audit.example.net"],
      stopped: undefined,
    }),
    removeOwnDevice: async () => tellContact(id(1)),
    acknowledgeOwnDevice: async () => tellContact(id(1)),
    async deleteAccount() {
      await new Promise((resolve) => setTimeout(resolve, 900))
      deleted = true
      endChats()
      emit({ type: "connection", connection: over })
      for (const chatId of chats.keys()) tell(chatId)
    },
    async acknowledgeAlarm(alarmId) {
      alarms = alarms.map((one) => (one.id === alarmId ? { ...one, acknowledgedAtMs: Date.now() } : one))
      for (const one of alarms) emit({ type: "alarm", alarm: one })
    },
    async checkEvidence(text) {
      if (text.includes("proven"))
        return {
          status: "proven",
          code: "P4",
          chatId: id(22),
          accountId: people.long.accountId,
          deviceId: id(44),
          adderAccountId: people.amara.accountId,
        }
      if (text.includes("nothing")) return { status: "unproven", chatId: id(22) }
      if (text.includes("elsewhere")) return { status: "not_checked" }
      throw new HostError("invalid_input", "This file is no evidence about a member of a chat, or it was cut off or changed.")
    },
    exportEvidence: async () => ({ name: "nodoor-evidence.txt", kind: "commit", text: "a commit" }),
    devices: async () => [
      { deviceId: id(2), deviceClass: "web", own: true, addedVersion: 0, name: "Laptop, Firefox", addedMs: now - 90 * day },
      ...(scene === "alone"
        ? []
        : [
            { deviceId: id(3), deviceClass: "cli" as const, own: false, addedVersion: 1, addedMs: now - 40 * day },
            {
              deviceId: id(5),
              deviceClass: "mobile" as const,
              own: false,
              addedVersion: 3,
              name: "Kitchen tablet",
              addedMs: now - 2 * day,
            },
          ]),
      ...(scene === "ghost" ? [{ deviceId: id(4), deviceClass: "desktop" as const, own: false, addedVersion: 2, unknown: true }] : []),
    ],
    alarms: async () => alarms,
    exportOwnData: async () => ({
      exportedAtMs: now,
      account: sampleAccount,
      recoveryKey: "0f".repeat(32),
      serverRecord: await device.serverRecord(),
      operatorNotices: notices,
      contacts: [...contacts.values()],
      chats: [...chats.values()].map((chat) => ({ chat: chat.view, members: chat.members, messages: chat.messages })),
    }),
    serverRecord: async () => ({
      accountId: new Uint8Array(16),
      handle: "mira",
      name: "Mira Lindqvist",
      createdAtMs: now - 90 * day,
      lastSeenDay: new Date(now).toISOString().slice(0, 10),
      deviceCount: 2,
      addresses: [{ address: "2001:db8::7c1f", firstSeenMs: now - 2 * day, lastSeenMs: now - minute }],
    }),
    async serverArchive() {
      await pause()
      const letter = "<!doctype html><title>What chat.example.org knows about you</title><h1>What chat.example.org knows about you</h1>"
      const name = "what-chat.example.org-knows-about-mira"
      const text = `${JSON.stringify({ format: "nodoor-disclosure/v1", letter })}\n`
      return { name: `${name}.json`, text, letter: { name: `${name}.html`, html: letter } }
    },
    async operatorNotices() {
      await pause()
      return notices
    },
    canary: async () => canary,
    async checkCanary() {
      await new Promise((resolve) => setTimeout(resolve, 700))
      canary = { ...canary, ...(scene === "offline" ? { failedAtMs: Date.now() } : { checkedAtMs: Date.now(), failedAtMs: undefined }) }
      emit({ type: "canary", canary })
      return canary
    },
    async acknowledgeCanary() {
      const { checkedAtMs, failedAtMs } = canary
      if (canary.status === "changed" && canary.latest !== undefined)
        canary = { status: "fresh", untilMs: Date.parse(canary.latest.expires), known: canary.latest, checkedAtMs, failedAtMs }
      else if (canary.status === "changed" && canary.changes.some(({ kind }) => kind === "gone"))
        canary = { status: "none", checkedAtMs, failedAtMs }
      else if (canary.status === "changed" || canary.status === "expired") canary = { ...canary, acknowledgedAtMs: Date.now() }
      emit({ type: "canary", canary })
    },
    async acknowledgeOperatorNotice(noticeId) {
      notices = notices.map((one) => (one.id === noticeId ? { ...one, acknowledgedAtMs: Date.now() } : one))
      emit({ type: "operator_notices", notices })
    },
    settled: async () => true,
    close: async () => {},
  }
  if (scene === "incoming") {
    setInterval(() => {
      const chat = find(id(22))
      const message = say(chat, people.amara, Date.now(), `Ping at ${new Date().toLocaleTimeString()}`)
      tell(chat.view.id, [message.id], [message.id])
      change(chat.view.id, { unreadCount: chat.view.unreadCount + 1 })
    }, 2000)
  }
  return {
    ...device,
    putFile(chatId, content) {
      const message = say(find(chatId), "me", Date.now(), content, { status: "sent" })
      tell(chatId, [message.id])
      return message
    },
  }
}
