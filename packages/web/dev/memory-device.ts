// A device without keys, server or disk: what it holds is made up below and forgotten on reload.

import type { AccountView, AlarmView, ChatView, ClientEvent, ContactView, Device, Hex, MemberView, MessageContent, MessageView } from "@nodoor/client"
import { HostError } from "../src/host/host.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const id = (n: number): Hex => (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0").repeat(4)

export const sampleAccount: AccountView = {
  accountId: id(1),
  deviceId: id(2),
  handle: "mira",
  origin: "chat.example.org",
  serverUrl: "https://chat.example.org",
  name: "Mira Lindqvist",
  server: { origin: "chat.example.org", version: "0.1.0", registration: "invite", email: "none", ipDays: 7, mailboxDays: 30 },
}

const person = (n: number, handle: string, name: string, rest: Partial<ContactView> = {}): ContactView => ({
  accountId: id(n),
  handle,
  origin: "chat.example.org",
  name,
  verified: false,
  blocked: false,
  deviceCount: 2,
  identityChange: undefined,
  ...rest,
})
const people = {
  jonas: person(11, "jonas", "Jonas Weber", { verified: true }),
  amara: person(12, "amara.o", "Amara Okafor"),
  yusuf: person(13, "yusuf", "يوسف الحداد"),
  priya: person(14, "priya", "Priya Raman", { identityChange: { atMs: Date.now() - 3 * hour, kind: "changed" } }),
  tomas: person(15, "tomas", "Tomás Herrera", { verified: true, identityChange: { atMs: Date.now() - 2 * hour, kind: "reset" } }),
  stranger: person(16, "lena_k", "Lena Kaufmann"),
  blocked: person(17, "spammer", "Totally Real Prizes", { blocked: true }),
  long: person(18, "maximilian.von.und.zu.der.heide", "Maximilian Alexander von und zu der Heide-Hohenstein"),
}

interface Chat {
  view: ChatView
  members: MemberView[]
  messages: MessageView[]
}

export function createMemoryDevice(scene: string): Device {
  const now = Date.now()
  const listeners = new Set<(event: ClientEvent) => void>()
  const emit = (event: ClientEvent): void => listeners.forEach((listener) => listener(event))
  const chats = new Map<Hex, Chat>()
  const contacts = new Map<Hex, ContactView>(Object.values(people).map((one) => [one.accountId, one]))
  let nextId = 1000

  const add = (n: number, kind: ChatView["kind"], title: string, who: readonly ContactView[], rest: Partial<ChatView> = {}): Chat => {
    const own: MemberView = { ...person(1, "mira", "Mira Lindqvist"), role: "admin", own: true }
    const chat: Chat = {
      view: {
        id: id(n),
        kind,
        title,
        state: "active",
        peer: kind === "dm" ? who[0] : undefined,
        memberCount: who.length + 1,
        ownRole: "admin",
        rules: { add: "admins", rename: "admins", post: "everyone" },
        unreadCount: 0,
        firstUnreadId: undefined,
        muted: false,
        pinned: false,
        archived: false,
        draft: "",
        last: undefined,
        activityMs: 0,
        alarm: undefined,
        ...rest,
      },
      members: [own, ...who.map((one, i): MemberView => ({ ...one, role: i === 0 && kind === "group" ? "admin" : "member", own: false }))],
      messages: [],
    }
    chats.set(chat.view.id, chat)
    return chat
  }
  const say = (chat: Chat, who: ContactView | "me", timeMs: number, what: string | MessageContent, rest: Partial<MessageView> = {}): MessageView => {
    const content: MessageContent = typeof what === "string" ? { type: "text", markdown: what } : what
    const message: MessageView = {
      id: id(nextId++),
      chatId: chat.view.id,
      sender: who === "me" ? { accountId: id(1), name: "Mira Lindqvist", own: true } : { accountId: who.accountId, name: who.name, own: false },
      order: chat.messages.length + 1,
      timeMs,
      content,
      edited: false,
      inReplyTo: undefined,
      reactions: [],
      status: who === "me" ? "read" : undefined,
      failure: undefined,
      ...rest,
    }
    chat.messages.push(message)
    if (content.type === "text") {
      chat.view = { ...chat.view, activityMs: timeMs, last: { text: content.markdown, senderName: message.sender.name, own: who === "me", timeMs, status: message.status } }
    }
    return message
  }

  if (scene !== "empty-list") {
    const jonas = add(21, "dm", "Jonas Weber", [people.jonas], { pinned: true })
    const lines = ["Did you see the fog this morning?", "Could not see the other side of the lake.", "I walked down to the pier anyway.", "Ha, of course you did."]
    for (let i = 0; i < 300; i++) say(jonas, i % 7 < 4 ? people.jonas : "me", now - 6 * day + i * 20 * minute, lines[i % lines.length] ?? "")
    say(jonas, people.jonas, now - 26 * hour, "Can you bring the *blue* folder on Thursday? We need these:\n\n- the lease\n- both keys\n- `floorplan.pdf`, printed")
    say(jonas, "me", now - 25 * hour, "Yes, packing it now.")
    say(jonas, people.jonas, now - 52 * minute, "The landlord answered. He says the door can stay where it is 🎉")
    const reply = say(jonas, people.jonas, now - 51 * minute, "More here: https://example.org/notes/lease-2026", { reactions: [{ emoji: "👍", accounts: [id(1), id(11)], own: true }, { emoji: "❤️", accounts: [id(11)], own: false }] })
    say(jonas, "me", now - 12 * minute, "That is the best news of the week. I had already started looking at other places, and none of them had light like this one.", {
      inReplyTo: { id: reply.id, senderName: "Jonas Weber", text: "More here: https://example.org/notes/lease-2026" },
    })
    say(jonas, "me", now - 11 * minute, "See you at six?", { edited: true })
    say(jonas, people.jonas, now - 4 * minute, "Six it is.")
    say(jonas, "me", now - 2 * minute, "👍", { status: "delivered" })

    const crew = add(22, "group", "Boat crew", [people.amara, people.jonas, people.yusuf, people.long])
    say(crew, people.amara, now - 2 * day, { type: "event", event: { kind: "created", by: people.amara.accountId } })
    say(crew, people.amara, now - 2 * day, { type: "event", event: { kind: "added", by: people.amara.accountId, accounts: [id(1), people.yusuf.accountId] } })
    say(crew, people.amara, now - 5 * hour, "Who takes the morning watch on Saturday?")
    say(crew, people.yusuf, now - 5 * hour + minute, "أنا أستطيع من السادسة حتى التاسعة.")
    say(crew, "me", now - 4 * hour, "Thank you Yusuf! I can do nine to noon.", { status: "read" })
    say(crew, people.long, now - 3 * hour, { type: "deleted" })
    say(crew, people.long, now - 3 * hour + minute, { type: "waiting", reason: "epoch 12 has not arrived" })
    say(crew, people.amara, now - 70 * minute, { type: "event", event: { kind: "renamed", by: people.amara.accountId, name: "Boat crew" } })
    const firstUnread = say(crew, people.amara, now - 9 * minute, "Then it is settled. Forecast says **north-west, 4**, gusts 6 later.")
    say(crew, people.amara, now - 8 * minute, "Bring something warm.")
    say(crew, people.jonas, now - 7 * minute, "> Bring something warm\n\nAlways.", { reactions: [{ emoji: "😂", accounts: [people.amara.accountId, id(1), people.yusuf.accountId], own: true }] })
    crew.view = { ...crew.view, unreadCount: 3, firstUnreadId: firstUnread.id }

    const amara = add(23, "dm", "Amara Okafor", [people.amara], { draft: "About the tickets, I think we should" })
    say(amara, people.amara, now - 5 * hour, "Call me when you are on land")

    const priya = add(24, "dm", "Priya Raman", [people.priya])
    say(priya, "me", now - 8 * hour, "Did the new phone arrive?")
    say(priya, people.priya, now - 3 * hour, { type: "event", event: { kind: "identity_changed", account: people.priya.accountId } })
    say(priya, people.priya, now - 3 * hour, "It did! Setting it up now")

    const tomas = add(25, "dm", "Tomás Herrera", [people.tomas], {
      alarm: { id: id(90), level: "red", code: "verified_identity_changed", chatId: id(25), accountId: people.tomas.accountId, text: "Tomás Herrera’s keys changed after you verified them.", atMs: now - 2 * hour },
    })
    say(tomas, people.tomas, now - 30 * hour, "Meet at the usual place")
    say(tomas, "me", now - 29 * hour, "On my way")

    const yusuf = add(26, "dm", "يوسف الحداد", [people.yusuf], { muted: true, unreadCount: 12 })
    say(yusuf, people.yusuf, now - 26 * hour, "هل أنت قادم إلى الاجتماع غداً؟ سنبدأ في العاشرة.")

    const long = add(27, "dm", people.long.name, [people.long])
    say(long, "me", now - 3 * day, "This one could not go out", { status: "failed", failure: { code: "too_large", message: "The server refused it: too large." }, order: undefined })

    const news = add(28, "group", "Neighbours, Hafenstraße 12–18 and the allotments behind", [people.amara, people.priya], { ownRole: "member", rules: { add: "admins", rename: "admins", post: "admins" } })
    say(news, people.amara, now - 4 * day, "Water is off on Tuesday from 9 to 11.")

    const queued = add(29, "dm", "Jonas (work)", [person(30, "jonas.w", "Jonas (work)")])
    say(queued, "me", now - 5 * day, "Sending this from the train", { status: "queued", order: undefined })

    const stranger = add(31, "dm", "Lena Kaufmann", [people.stranger], { state: "request", unreadCount: 2 })
    say(stranger, people.stranger, now - hour, "Hello Mira, Jonas gave me your link.")
    say(stranger, people.stranger, now - hour + 20_000, "It is about the workshop in May. Do you have ten minutes this week?")

    const old = add(32, "group", "Trip 2025", [people.jonas], { archived: true, state: "left" })
    say(old, people.jonas, now - 200 * day, "What a week.")
    const blocked = add(33, "dm", people.blocked.name, [people.blocked], { state: "blocked" })
    say(blocked, people.blocked, now - 9 * day, "You have won")
    add(34, "group", "Empty group", [people.amara], { activityMs: now - 10 * day })
  }
  if (scene === "many") for (let i = 0; i < 400; i++) say(add(2000 + i, "dm", `Person ${i}`, [person(3000 + i, `p${i}`, `Person ${i}`)]), "me", now - 20 * day - i * hour, "Hello there")

  const find = (chatId: Hex): Chat => {
    const chat = chats.get(chatId)
    if (chat === undefined) throw new HostError("not_found", "No such chat.")
    return chat
  }
  const change = (chatId: Hex, rest: Partial<ChatView>): void => {
    const chat = find(chatId)
    chat.view = { ...chat.view, ...rest }
    emit({ type: "chats", ids: [chatId] })
  }
  const changeMessage = (chatId: Hex, messageId: Hex, rest: Partial<MessageView>): void => {
    const chat = find(chatId)
    chat.messages = chat.messages.map((message) => (message.id === messageId ? { ...message, ...rest } : message))
    emit({ type: "messages", chatId, ids: [messageId], incoming: [] })
  }
  const changeContact = (accountId: Hex, rest: Partial<ContactView>): void => {
    const next = { ...contacts.get(accountId), ...rest } as ContactView
    contacts.set(accountId, next)
    for (const chat of chats.values()) {
      if (chat.view.peer?.accountId === accountId) change(chat.view.id, { peer: next })
      chat.members = chat.members.map((member) => (member.accountId === accountId ? { ...member, ...rest } : member))
    }
    emit({ type: "contacts", ids: [accountId] })
  }
  const pause = async (): Promise<void> => {
    if (scene === "slow") await new Promise(() => {})
    if (scene === "broken") throw new HostError("store_failed", "The store on this device could not be read.")
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  const alarm: AlarmView = {
    id: id(91),
    level: "red",
    code: "log_fork",
    chatId: undefined,
    accountId: people.jonas.accountId,
    text: "The server showed you and Jonas Weber two different versions of its key log at size 4,812. One of them was made up. That cannot happen by accident.",
    atMs: now - 5 * minute,
  }

  const device: Device = {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    connection: async () => (scene === "offline" ? { status: "offline", retryAtMs: now + minute } : scene === "connecting" ? { status: "connecting" } : scene === "refused" ? { status: "refused", code: "unauthorized", message: "this device was removed from the account." } : { status: "online" }),
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
      if (page.before !== undefined) [from, to] = [page.before - limit, page.before]
      else if (page.after !== undefined) [from, to] = [page.after + 1, page.after + 1 + limit]
      else if (page.around !== undefined) {
        const at = all.findIndex((message) => message.id === page.around)
        ;[from, to] = [at - limit / 2, at + limit / 2]
      }
      from = Math.max(0, from)
      to = Math.min(all.length, to)
      return { messages: all.slice(from, to), before: from > 0 ? from : undefined, after: to < all.length ? to - 1 : undefined }
    },
    messagesById: async (chatId, ids) => find(chatId).messages.filter((message) => ids.includes(message.id)),
    async messageDetails(chatId, messageId) {
      const message = find(chatId).messages.find((one) => one.id === messageId)
      if (message === undefined) throw new HostError("not_found", "No such message.")
      const statuses = ["read", "delivered", "sent"] as const
      const deliveries = message.sender.own
        ? find(chatId)
            .members.filter((member) => !member.own)
            .map((member, i) => ({ accountId: member.accountId, name: member.name, status: statuses[i % 3] ?? "sent", atMs: i % 3 === 2 ? undefined : message.timeMs + minute }))
        : []
      return { message, deliveries }
    },
    search: async (text, limit = 50) =>
      [...chats.values()]
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
      const chat = add(nextId++, "dm", contact.name, [contact], { activityMs: Date.now() })
      emit({ type: "chats", ids: [chat.view.id] })
      return chat.view
    },
    async createGroup(group) {
      const chat = add(nextId++, "group", group.name, group.accountIds.map((one) => contacts.get(one)).filter((one) => one !== undefined), { activityMs: Date.now() })
      emit({ type: "chats", ids: [chat.view.id] })
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
    leave: async (chatId) => change(chatId, { state: "left" }),
    rename: async (chatId, title) => change(chatId, { title }),
    async setRole(chatId, accountId, role) {
      const chat = find(chatId)
      chat.members = chat.members.map((member) => (member.accountId === accountId ? { ...member, role } : member))
      emit({ type: "contacts", ids: [accountId] })
    },
    setRules: async (chatId, rules) => change(chatId, { rules }),
    async send(chatId, { text, inReplyTo }) {
      const chat = find(chatId)
      const quoted = chat.messages.find((message) => message.id === inReplyTo)
      const message = say(chat, "me", Date.now(), text, {
        status: "queued",
        order: undefined,
        inReplyTo: quoted?.content.type === "text" ? { id: quoted.id, senderName: quoted.sender.name, text: quoted.content.markdown } : undefined,
      })
      emit({ type: "messages", chatId, ids: [message.id], incoming: [] })
      change(chatId, {})
      if (scene === "offline") return message
      const steps = ["sent", "delivered", "read"] as const
      steps.forEach((status, i) => setTimeout(() => changeMessage(chatId, message.id, { status, order: 1 }), 500 * (i + 1)))
      const peer = chat.view.peer
      if (peer !== undefined) {
        setTimeout(() => emit({ type: "typing", chatId, accountId: peer.accountId, untilMs: Date.now() + 4000 }), 1800)
        setTimeout(() => {
          const answer = say(chat, peer, Date.now(), `You wrote “${text.slice(0, 60)}”.`)
          emit({ type: "messages", chatId, ids: [answer.id], incoming: [answer.id] })
          change(chatId, {})
        }, 4000)
      }
      return message
    },
    edit: async (chatId, messageId, text) => changeMessage(chatId, messageId, { content: { type: "text", markdown: text }, edited: true }),
    deleteForAll: async (chatId, messageId) => changeMessage(chatId, messageId, { content: { type: "deleted" } }),
    async react(chatId, messageId, emoji, on) {
      const message = find(chatId).messages.find((one) => one.id === messageId)
      if (message === undefined) return
      const others = message.reactions.filter((reaction) => reaction.emoji !== emoji)
      const before = message.reactions.find((reaction) => reaction.emoji === emoji)?.accounts.filter((account) => account !== sampleAccount.accountId) ?? []
      const accounts = on ? [...before, sampleAccount.accountId] : before
      changeMessage(chatId, messageId, { reactions: accounts.length === 0 ? others : [...others, { emoji, accounts, own: on }] })
    },
    retry: async (chatId, messageId) => changeMessage(chatId, messageId, { status: "sent", failure: undefined }),
    async discard(chatId, messageId) {
      const chat = find(chatId)
      chat.messages = chat.messages.filter((message) => message.id !== messageId)
      emit({ type: "messages", chatId, ids: [messageId], incoming: [] })
    },
    typing: async () => {},
    markRead: async (chatId) => change(chatId, { unreadCount: 0, firstUnreadId: undefined }),
    acceptRequest: async (chatId) => change(chatId, { state: "active" }),
    async deleteChat(chatId) {
      chats.delete(chatId)
      emit({ type: "chats", ids: [chatId] })
    },
    setBlocked: async (accountId, blocked) => changeContact(accountId, { blocked }),
    setChatOptions: async (chatId, options) => change(chatId, options),
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
    devices: async () => [
      { deviceId: id(2), deviceClass: "web", own: true, addedVersion: 0 },
      { deviceId: id(3), deviceClass: "cli", own: false, addedVersion: 1 },
    ],
    alarms: async () => (scene === "alarm" ? [alarm] : []),
    exportOwnData: async () => ({ exportedAtMs: now, account: sampleAccount, serverRecord: await device.serverRecord(), contacts: [...contacts.values()], chats: [...chats.values()].map((chat) => ({ chat: chat.view, members: chat.members, messages: chat.messages })) }),
    serverRecord: async () => ({
      accountId: new Uint8Array(16),
      handle: "mira",
      name: "Mira Lindqvist",
      createdAtMs: now - 90 * day,
      lastSeenDay: new Date(now).toISOString().slice(0, 10),
      deviceCount: 2,
      addresses: [{ address: "2001:db8::7c1f", firstSeenMs: now - 2 * day, lastSeenMs: now - minute }],
    }),
    settled: async () => true,
    close: async () => {},
  }
  if (scene === "incoming") {
    setInterval(() => {
      const chat = find(id(22))
      const message = say(chat, people.amara, Date.now(), `Ping at ${new Date().toLocaleTimeString()}`)
      emit({ type: "messages", chatId: chat.view.id, ids: [message.id], incoming: [message.id] })
      change(chat.view.id, { unreadCount: chat.view.unreadCount + 1 })
    }, 2000)
  }
  return device
}
