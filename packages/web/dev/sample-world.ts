// The people and chats that the screens show: made up, each in a state that a screen must be able to draw.

import type {
  AccountView,
  ChatView,
  ContactView,
  FileContent,
  Hex,
  MemberView,
  MessageContent,
  MessageView,
  OperatorNoticeView,
} from "@nodoor/client"

export const minute = 60_000
const hour = 60 * minute
export const day = 24 * hour
export const id = (n: number): Hex => (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0").repeat(4)

export const sampleAccount: AccountView = {
  accountId: id(1),
  deviceId: id(2),
  handle: "mira",
  origin: "chat.example.org",
  serverUrl: "https://chat.example.org",
  name: "Mira Lindqvist",
  server: {
    origin: "chat.example.org",
    version: "0.1.0",
    registration: "invite",
    email: "none",
    ipDays: 7,
    messageDays: 30,
    inactiveDays: 365,
  },
}

const person = (n: number, handle: string, name: string, rest: Partial<ContactView> = {}): ContactView => ({
  accountId: id(n),
  handle,
  mark: id(n).slice(0, 12),
  origin: "chat.example.org",
  name,
  verified: false,
  blocked: false,
  known: true,
  deviceCount: 2,
  identityChange: undefined,
  ...rest,
})
export const people = {
  jonas: person(11, "jonas", "Jonas Weber", { verified: true }),
  amara: person(12, "amara.o", "Amara Okafor"),
  yusuf: person(13, "yusuf", "يوسف الحداد"),
  priya: person(14, "priya", "Priya Raman", { identityChange: { atMs: Date.now() - 3 * hour, kind: "changed", wasVerified: false } }),
  tomas: person(15, "tomas", "Tomás Herrera", {
    verified: true,
    identityChange: { atMs: Date.now() - 2 * hour, kind: "reset", wasVerified: true },
  }),
  stranger: person(16, "lena_k", "Lena Kaufmann", { known: false }),
  blocked: person(17, "spammer", "Totally Real Prizes", { blocked: true }),
  long: person(18, "maximilian.von.und.zu.der.heide", "Maximilian Alexander von und zu der Heide-Hohenstein"),
}

/** What the operator told: something handed over, a refusal after a gag, and one that was read before. */
export function sampleNotices(now: number): readonly OperatorNoticeView[] {
  const about = { origin: "chat.example.org", country: "DE", arrivedAtMs: now - hour, acknowledgedAtMs: undefined }
  return [
    {
      ...about,
      id: id(201),
      caseId: "4b1f09c2de",
      authority: "Amtsgericht Köln",
      instrument: "court_order",
      legalBasis: "§ 100j Abs. 1 StPO",
      reference: "502 Gs 1187/26",
      received: "2026-11-03",
      closed: "2026-11-05",
      outcome: "partial",
      sought: ["holder_name", "email", "ip_addresses", "content"],
      disclosed: ["holder_name", "email", "ip_addresses"],
      impossible: ["content"],
    },
    {
      ...about,
      id: id(202),
      caseId: "c07a55ee10",
      authority: "Office of the Public Prosecutor for the District of Nordhausen-Wiesenthal, Department for Telecommunications",
      instrument: "search_warrant",
      legalBasis: "§§ 102, 105 StPO",
      reference: "7 Js 20114/26",
      received: "2026-08-17",
      closed: "2026-08-19",
      gagUntil: "2026-11-20",
      outcome: "rejected",
      sought: ["content", "capability", "contacts"],
      disclosed: [],
      impossible: ["content", "capability", "contacts"],
    },
    {
      ...about,
      id: id(203),
      caseId: "99d2be7714",
      authority: "Polizeipräsidium Mittelhessen",
      instrument: "emergency_request",
      legalBasis: "§ 34 StGB",
      reference: "ST/0448210/2026",
      received: "2026-05-30",
      closed: "2026-05-30",
      outcome: "challenged",
      sought: ["holder_name", "last_seen_day"],
      disclosed: [],
      impossible: [],
      acknowledgedAtMs: now - 80 * day,
    },
  ]
}

export interface Chat {
  view: ChatView
  members: MemberView[]
  messages: MessageView[]
}

export interface SampleWorld {
  readonly chats: Map<Hex, Chat>
  readonly contacts: Map<Hex, ContactView>
  readonly add: (n: number, kind: ChatView["kind"], title: string, who: readonly ContactView[], rest?: Partial<ChatView>) => Chat
  readonly say: (
    chat: Chat,
    who: ContactView | "me",
    timeMs: number,
    what: string | MessageContent,
    rest?: Partial<MessageView>,
  ) => MessageView
  /** A number that no id has been made of. */
  readonly fresh: () => number
}

export function createSampleWorld(scene: string, now: number): SampleWorld {
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
        history: undefined,
        unreadCount: 0,
        unreadMentions: 0,
        firstUnreadId: undefined,
        muted: false,
        mutedUntilMs: undefined,
        pinned: false,
        archived: false,
        markedUnread: false,
        draft: "",
        folder: "",
        last: undefined,
        activityMs: 0,
        activity: 0,
        alarm: undefined,
        ...rest,
      },
      members: [own, ...who.map((one, i): MemberView => ({ ...one, role: i === 0 && kind === "group" ? "admin" : "member", own: false }))],
      messages: [],
    }
    chats.set(chat.view.id, chat)
    return chat
  }
  const say = (
    chat: Chat,
    who: ContactView | "me",
    timeMs: number,
    what: string | MessageContent,
    rest: Partial<MessageView> = {},
  ): MessageView => {
    const content: MessageContent = typeof what === "string" ? { type: "text", markdown: what } : what
    const message: MessageView = {
      id: id(nextId++),
      chatId: chat.view.id,
      sender:
        who === "me" ? { accountId: id(1), name: "Mira Lindqvist", own: true } : { accountId: who.accountId, name: who.name, own: false },
      order: chat.messages.length + 1,
      position: chat.messages.length + 1,
      timeMs,
      sentMs: timeMs,
      content,
      edited: false,
      starred: false,
      inReplyTo: undefined,
      reactions: [],
      status: who === "me" ? "read" : undefined,
      failure: undefined,
      ...rest,
    }
    chat.messages.push(message)
    if (content.type === "text") {
      chat.view = {
        ...chat.view,
        activityMs: timeMs,
        activity: timeMs,
        last: { kind: "text", text: content.markdown, senderName: message.sender.name, own: who === "me", timeMs, status: message.status },
      }
    }
    return message
  }

  if (scene !== "empty-list") {
    const jonas = add(21, "dm", "Jonas Weber", [people.jonas], { pinned: true })
    const lines = [
      "Did you see the fog this morning?",
      "Could not see the other side of the lake.",
      "I walked down to the pier anyway.",
      "Ha, of course you did.",
    ]
    for (let i = 0; i < 300; i++)
      say(jonas, i % 7 < 4 ? people.jonas : "me", now - 6 * day + i * 20 * minute, lines[i % lines.length] ?? "")
    say(
      jonas,
      people.jonas,
      now - 26 * hour,
      "Can you bring the *blue* folder on Thursday? We need these:\n\n- the lease\n- both keys\n- `floorplan.pdf`, printed",
    )
    say(jonas, "me", now - 25 * hour, "Yes, packing it now.")
    say(jonas, people.jonas, now - 52 * minute, "The landlord answered. He says the door can stay where it is 🎉")
    const reply = say(jonas, people.jonas, now - 51 * minute, "More here: https://example.org/notes/lease-2026", {
      reactions: [
        { emoji: "👍", accounts: [id(1), id(11)], own: true },
        { emoji: "❤️", accounts: [id(11)], own: false },
      ],
    })
    say(
      jonas,
      "me",
      now - 12 * minute,
      "That is the best news of the week. I had already started looking at other places, and none of them had light like this one.",
      {
        inReplyTo: { id: reply.id, senderName: "Jonas Weber", kind: "text", text: "More here: https://example.org/notes/lease-2026" },
      },
    )
    say(jonas, "me", now - 11 * minute, "See you at six?", { edited: true })
    say(jonas, people.jonas, now - 4 * minute, "Six it is.")
    say(jonas, "me", now - 2 * minute, "👍", { status: "delivered" })

    const crew = add(22, "group", "Boat crew", [people.amara, people.jonas, people.yusuf, people.long])
    say(crew, people.amara, now - 2 * day, { type: "event", event: { kind: "created", by: people.amara.accountId } })
    say(crew, people.amara, now - 2 * day, {
      type: "event",
      event: { kind: "added", by: people.amara.accountId, accounts: [id(1), people.yusuf.accountId] },
    })
    if (scene === "earlier") {
      const told = (n: number, by: ContactView, markdown: string) => ({
        id: id(300 + n),
        accountId: by.accountId,
        timeMs: now - 3 * day + n * minute,
        markdown,
      })
      const messages = [
        told(0, people.yusuf, "The new sail is here."),
        told(1, people.amara, "**At last.** I will fetch it on Thursday."),
        told(2, people.long, "Tell me if you need a hand"),
      ]
      say(crew, people.amara, now - 2 * day, { type: "shared_history", to: [id(1)], count: messages.length, messages })
      say(crew, people.amara, now - 2 * day, {
        type: "event",
        event: { kind: "history_shared", by: people.amara.accountId, accounts: [people.yusuf.accountId], count: 41 },
      })
      say(crew, "me", now - 2 * day, { type: "shared_history", to: [people.yusuf.accountId], count: 12, messages: [] })
      crew.view = { ...crew.view, history: { messages: 50 } }
    }
    say(crew, people.amara, now - 5 * hour, "Who takes the morning watch on Saturday?")
    say(crew, people.yusuf, now - 5 * hour + minute, "أنا أستطيع من السادسة حتى التاسعة.")
    say(crew, "me", now - 4 * hour, "Thank you Yusuf! I can do nine to noon.", { status: "read" })
    say(crew, people.long, now - 3 * hour, { type: "deleted" })
    say(crew, people.long, now - 3 * hour + minute, { type: "waiting", reason: "epoch 12 has not arrived" })
    say(crew, people.amara, now - 70 * minute, { type: "event", event: { kind: "renamed", by: people.amara.accountId, name: "Boat crew" } })
    if (scene === "healing") {
      const by = people.amara.accountId
      say(crew, people.amara, now - 66 * minute, { type: "event", event: { kind: "history_sharing", by, history: { messages: 50 } } })
      say(crew, people.amara, now - 64 * minute, {
        type: "event",
        event: { kind: "history_shared", by, accounts: [people.priya.accountId], count: 12 },
      })
      say(crew, people.amara, now - 60 * minute, {
        type: "shared_history",
        to: [id(1)],
        count: 2,
        messages: [
          { id: id(301), accountId: people.yusuf.accountId, timeMs: now - 3 * day, markdown: "The key is under the **blue** pot." },
          { id: id(302), accountId: people.amara.accountId, timeMs: now - 3 * day + minute, markdown: "Thank you!" },
        ],
      })
      const missed = { kind: "missed", account: id(1), fromMs: now - 45 * day, untilMs: now - 31 * day, why: "retention" } as const
      say(crew, people.amara, now - 50 * minute, { type: "event", event: missed })
      say(crew, people.amara, now - 40 * minute, { type: "waiting", reason: "asked" })
      const broken = { kind: "refused_commit", by: people.long.accountId, code: "P4", goesOn: true } as const
      say(crew, people.long, now - 30 * minute, { type: "event", event: broken })
    }
    if (scene === "photos") for (const [by, content, more] of samplePhotos(now)) say(crew, by, now - 30 * minute, content, more)
    const firstUnread = say(crew, people.amara, now - 9 * minute, "Then it is settled. Forecast says **north-west, 4**, gusts 6 later.")
    say(
      crew,
      people.amara,
      now - 8 * minute,
      `[@Mira](mimi://chat.example.org/u/${id(1)}) and [@Y](mimi://chat.example.org/u/${people.yusuf.accountId}), bring something warm.`,
    )
    say(
      crew,
      people.jonas,
      now - 7 * minute - 1,
      { type: "text", markdown: "North-west 4 to 5, veering north. Rain in the evening.", forwarded: true },
      { starred: true },
    )
    say(crew, people.jonas, now - 7 * minute, "> Bring something warm\n\nAlways.", {
      reactions: [{ emoji: "😂", accounts: [people.amara.accountId, id(1), people.yusuf.accountId], own: true }],
    })
    crew.view = { ...crew.view, unreadCount: 3, unreadMentions: 1, firstUnreadId: firstUnread.id }
    if (scene === "removal") {
      const text = `${people.long.name} is still in this chat: the server has not taken them out yet. Nothing is sent here until that is done; what you write waits on this device.`
      const about = { chatId: crew.view.id, accountId: people.long.accountId, atMs: now - minute }
      crew.view = {
        ...crew.view,
        alarm: { ...about, id: id(93), level: "red", code: "removal_outstanding", text },
        removal: { accounts: [people.long.accountId], text, outOfHands: true },
      }
      say(crew, "me", now - minute, "Only for the five of us", { status: "queued" })
    }

    const amara = add(23, "dm", "Amara Okafor", [people.amara], { draft: "About the tickets, I think we should" })
    say(amara, people.amara, now - 5 * hour, "Call me when you are on land")

    if (scene === "gone" && amara.view.peer) {
      say(amara, people.amara, now - hour, { type: "event", event: { kind: "account_deleted", account: people.amara.accountId } })
      amara.view = { ...amara.view, state: "left", draft: "", peer: { ...amara.view.peer, ended: "proven", deviceCount: 0 } }
    }

    const priya = add(24, "dm", "Priya Raman", [people.priya])
    say(priya, "me", now - 8 * hour, "Did the new phone arrive?")
    say(priya, people.priya, now - 3 * hour, { type: "event", event: { kind: "identity_changed", account: people.priya.accountId } })
    say(priya, people.priya, now - 3 * hour, "It did! Setting it up now")

    const tomas = add(25, "dm", "Tomás Herrera", [people.tomas], {
      alarm: {
        id: id(90),
        level: "red",
        code: "verified_identity_changed",
        chatId: id(25),
        accountId: people.tomas.accountId,
        text: "Tomás Herrera’s keys changed after you verified them.",
        atMs: now - 2 * hour,
      },
    })
    say(tomas, people.tomas, now - 30 * hour, "Meet at the usual place")
    say(tomas, "me", now - 29 * hour, "On my way")

    const yusuf = add(26, "dm", "يوسف الحداد", [people.yusuf], { muted: true, unreadCount: 12 })
    say(yusuf, people.yusuf, now - 26 * hour, "هل أنت قادم إلى الاجتماع غداً؟ سنبدأ في العاشرة.")

    const long = add(27, "dm", people.long.name, [people.long])
    say(long, "me", now - 3 * day, "This one could not go out", {
      status: "failed",
      failure: { code: "too_large", message: "The server refused it: too large." },
      order: undefined,
    })

    const news = add(28, "group", "Neighbours, Hafenstraße 12–18 and the allotments behind", [people.amara, people.priya], {
      ownRole: "member",
      rules: { add: "admins", rename: "admins", post: "admins" },
    })
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
    const elif = add(35, "dm", "Elif Demir", [person(35, "elif", "Elif Demir")])
    const at = now - 11 * day
    say(
      elif,
      people.amara,
      at,
      "**Bold**, _italic_, ~~struck~~ and `code`. But 2\\*3\\*4, \\_\\_init\\_\\_.py and C:\\new\\\\\\*folder\\*.",
    )
    say(
      elif,
      "me",
      at + minute,
      "For Saturday:\n- rope, 70 m\n- _warm_ jackets\n\n1. meet at the station\n2. train at 7:12\n\n\nThat is all.",
    )
    say(elif, people.amara, at + 2 * minute, "> train at 7:12\n\nToo early!\n```sh\nnpm ci && npm start\n```\nor `npm test` first")
    say(
      elif,
      "me",
      at + 3 * minute,
      "Write to ann@example.org or call +49 30 1234567, see www.example.org/Go_(game) and http://192.168.1.1/setup.",
    )
    say(
      elif,
      people.amara,
      at + 4 * minute,
      "Sign in at [your bank](https://bank.example.evil.example/login?next=%2F) or https://аpple.example/a",
    )
    const kwame = person(36, "kwame", "Kwame Boateng")
    const fresh = add(36, "dm", "Kwame Boateng", [kwame], { unreadCount: 2 })
    fresh.view = { ...fresh.view, firstUnreadId: say(fresh, kwame, now - 12 * day, "Hello Mira").id }
    say(fresh, kwame, now - 12 * day + minute, "Good to find you here.")
    add(34, "group", "Empty group", [people.amara], { activityMs: now - 10 * day, activity: now - 10 * day })
  }
  if (scene === "folders") {
    const within: Readonly<Record<string, readonly number[]>> = { Family: [23, 24], Work: [22, 29], Neighbourhood: [28] }
    for (const [folder, numbers] of Object.entries(within)) {
      for (const number of numbers) {
        const chat = chats.get(id(number))
        if (chat) chat.view = { ...chat.view, folder }
      }
    }
    const marked = chats.get(id(24))
    if (marked) marked.view = { ...marked.view, markedUnread: true }
  }
  if (scene === "many")
    for (let i = 0; i < 400; i++)
      say(add(2000 + i, "dm", `Person ${i}`, [person(3000 + i, `p${i}`, `Person ${i}`)]), "me", now - 20 * day - i * hour, "Hello there")

  return { chats, contacts, add, say, fresh: () => nextId++ }
}

/** Photos and files in each of their states. What their addresses lead to is in `sample-photo.ts`. */
function samplePhotos(now: number): readonly (readonly [ContactView | "me", MessageContent, Partial<MessageView>?])[] {
  const thumbhash = "d507121d0467878f77578748878797875878909508"
  const file = (more: Partial<FileContent>): FileContent => ({
    type: "file",
    name: "photo.jpg",
    mediaType: "image/jpeg",
    sizeBytes: 380_000,
    caption: "",
    preview: { width: 1_600, height: 1_067, thumbhash },
    expiresMs: now + 40 * day,
    ...more,
  })
  return [
    [people.amara, file({ caption: "Sunrise from the bivouac, **6:12**" })],
    [people.jonas, file({ name: "gone.jpg", preview: { width: 800, height: 1_200, thumbhash }, expiresMs: now - day })],
    [people.yusuf, file({ name: "large.jpg", sizeBytes: 28_000_000, preview: { width: 4_000, height: 3_000, thumbhash } })],
    ["me", file({ name: "photo.jpg", caption: "The boat", preview: { width: 900, height: 900, thumbhash } }), { status: "delivered" }],
    [
      "me",
      file({ name: "tide-table-2026.pdf", mediaType: "application/pdf", sizeBytes: 1_240_000, preview: undefined }),
      { status: "read" },
    ],
    [
      people.long,
      file({ name: "a-very-long-name-that-nobody-would-ever-choose-by-themselves-2026-11-30.tar.gz", sizeBytes: 912, preview: undefined }),
    ],
    ["me", file({ name: "film.mp4", mediaType: "video/mp4", sizeBytes: 240_000_000, preview: undefined }), { status: "queued" }],
  ]
}
