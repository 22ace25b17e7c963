// What the console's screens show: a made-up server of some months, with people, cases and accounts in every state that a screen must draw.

import type {
  OperatorAccount,
  OperatorCase,
  OperatorInvite,
  OperatorOverview,
  OperatorPerson,
  OperatorSetting,
} from "@nodoor/wire/operator"

export const hour = 3_600_000
export const day: number = 24 * hour
export const hexCode = (seed: number, length: number): string =>
  Array.from({ length: Math.ceil(length / 8) }, (_, at) => (Math.imul(seed * 31 + at + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0"))
    .join("")
    .slice(0, length)
const utcDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)

export function sampleOverview(now: number, trouble: boolean): OperatorOverview {
  const witness = (name: string, signed = true): { name: string; signed: boolean } => ({ name, signed })
  return {
    origin: "chat.example.org",
    version: "0.1.0",
    startedAtMs: now - 17 * day,
    nowMs: now,
    findings: [
      { what: "data directory", level: "ok", text: "/var/lib/nodoor, writable" },
      trouble ? { what: "free disk", level: "warn", text: "0.8 GiB" } : { what: "free disk", level: "ok", text: "61.4 GiB" },
      trouble
        ? { what: "database", level: "bad", text: "damaged; restore it from a backup" }
        : { what: "database", level: "ok", text: "healthy" },
      { what: "registration", level: "ok", text: "with an invite code" },
      { what: "e-mail", level: "note", text: "optional; no SMTP server is set, so codes are written to /var/lib/nodoor/outbox" },
      { what: "web app", level: "ok", text: "built" },
      { what: "clock", level: "ok", text: "2026-11-23 08:40 UTC" },
      { what: "transport", level: "note", text: "TLS is the proxy’s: let it reach this server on a private network only" },
      { what: "retention", level: "note", text: "IP addresses 7 days, undelivered messages 30 days" },
      { what: "key log", level: trouble ? "warn" : "ok", text: trouble ? "waits for its witnesses" : "witnessed by 3 of 3, audited by 1" },
    ],
    accounts: { active: 1284, suspended: 3, erased: 41 },
    devicesConnected: 391,
    queue: { bodies: 2316, bytes: 48_120_334, groups: 207, oldestAtMs: now - 11 * day },
    storage: {
      files: [
        { name: "accounts.db", bytes: 812_334_080 },
        { name: "log.sqlite", bytes: 96_470_016 },
        { name: "kt", bytes: 51_200_934 },
        { name: "desk", bytes: 14_336_122 },
      ],
      freeBytes: trouble ? 858_993_459 : 65_927_999_488,
    },
    keyLog: {
      origin: "chat.example.org/log",
      status: trouble ? "waiting" : "running",
      ...(trouble ? { reason: "Two of three witnesses must sign and one has." } : {}),
      size: 48_122,
      publishedAtMs: trouble ? now - 9 * hour : now - 4000,
      waiting: trouble ? 12 : 0,
      quorum: 2,
      witnesses: [
        witness("witness.example.net/anna"),
        witness("garden.example.com/log-witness", !trouble),
        witness("library.example.edu/kt", !trouble),
      ],
      auditors: [witness("audit.example.net/nightly", !trouble)],
    },
    cases: { open: 3, awaitingApproval: 2, ready: 1 },
    canary: trouble ? { status: "expired", expires: "2026-11-14" } : { status: "fresh", expires: "2026-12-20" },
    backup: trouble ? {} : { atMs: now - 6 * hour, files: 9 },
    databases: [
      { path: "accounts.db", schema: 1 },
      { path: "desk.sqlite", schema: 2 },
      { path: "log.sqlite", schema: 1 },
    ],
  }
}

export function sampleCases(now: number): OperatorCase[] {
  const base = {
    openedAtMs: now - 2 * day,
    legalBasis: "§ 100j StPO in conjunction with § 22 TDDDG",
    issued: utcDay(now - 5 * day),
    received: utcDay(now - 2 * day),
    accountNames: ["@jonas.w"],
    documents: [{ sha256: hexCode(71, 64), name: "Beschluss 12 Gs 34-26.pdf", sizeBytes: 412_880 }],
    approvedBy: [] as string[],
    approvedByMe: false,
    approvalsNeeded: 2,
    noticeOpen: false,
  }
  const one = (seed: number, rest: Partial<OperatorCase>): OperatorCase => {
    const full = {
      ...base,
      granted: [],
      beyond: [],
      impossible: [],
      authority: "",
      country: "DE",
      instrument: "other",
      reference: "",
      ...rest,
    }
    return {
      ...full,
      caseId: hexCode(seed, 10),
      digest: hexCode(seed + 100, 64),
      accounts: full.accountNames.length,
      approvals: full.approvedBy.length,
    }
  }
  return [
    one(1, {
      authority: "Amtsgericht Musterstadt",
      instrument: "court_order",
      reference: "12 Gs 34/26",
      granted: ["holder_name", "email", "ip_addresses"],
      impossible: ["content"],
      approvedBy: ["Tomasz Nowak"],
    }),
    one(2, {
      openedAtMs: now - 6 * day,
      authority: "United States District Court, Northern District of Somewhere",
      country: "US",
      instrument: "search_warrant",
      reference: "3:26-mj-00117",
      legalBasis: "18 U.S.C. § 2703",
      granted: ["holder_name", "ip_addresses", "created", "last_seen_day"],
      impossible: ["content", "capability", "contacts"],
      approvedBy: ["Ines Calloway", "Tomasz Nowak"],
      approvedByMe: true,
      gagUntil: utcDay(now + 84 * day),
      accountNames: ["@nightheron", "@0xf00d", hexCode(9, 32)],
    }),
    one(3, {
      openedAtMs: now - 3 * hour,
      authority: "משטרת ישראל, יחידת הסייבר",
      country: "IL",
      instrument: "other",
      reference: "פ-2026/8841",
      legalBasis: "—",
      beyond: ["holder_name"],
      impossible: ["content", "capability"],
      documents: [],
    }),
    one(4, {
      openedAtMs: now - 31 * day,
      closedAtMs: now - 27 * day,
      authority: "Tribunal judiciaire de Lyon",
      country: "FR",
      instrument: "production_order",
      reference: "PO 2026/10/0045",
      granted: ["holder_name", "email", "ip_addresses"],
      impossible: ["content"],
      approvedBy: ["Ines Calloway", "Tomasz Nowak"],
      approvedByMe: true,
      outcome: "partial",
      exportSha256: hexCode(44, 64),
      archiveUntilMs: now + 3 * day,
      noticeDay: utcDay(now - 26 * day),
      noticeOpen: true,
      told: "told",
    }),
    one(5, {
      openedAtMs: now - 60 * day,
      closedAtMs: now - 58 * day,
      authority: "Ministry of Digital Order",
      country: "GB",
      instrument: "other",
      reference: "TCN-0007",
      impossible: ["capability"],
      outcome: "challenged",
      noticeDay: utcDay(now - 57 * day),
      gagUntil: utcDay(now + 300 * day),
      told: "later",
    }),
    one(6, {
      openedAtMs: now - 95 * day,
      closedAtMs: now - 94 * day,
      authority: "Landespolizeidirektion Wien",
      country: "AT",
      instrument: "emergency_request",
      reference: "E1/3302/26",
      granted: ["ip_addresses", "last_seen_day"],
      approvedBy: ["Ines Calloway", "Amara Okafor"],
      outcome: "full",
      exportSha256: hexCode(46, 64),
      noticeDay: utcDay(now - 93 * day),
      noticeOpen: true,
      told: "told",
    }),
  ]
}

export function sampleAccounts(now: number): OperatorAccount[] {
  const handles =
    "0xf00d amara amina.b bo_the_builder carlotta darius_ elif farid.k greta hana ines_c jonas.w kofi lena lupita mira nightheron olu priya qasim rosa.l sven tomasz uma vera-lynn wei xenia yusuf zadie a_very_long_handle_of_32_letters"
  return handles
    .split(" ")
    .toSorted()
    .map((handle, at) => ({
      accountId: new Uint8Array(16).fill(at + 1),
      handle,
      createdAtMs: now - (200 - at) * day,
      lastSeenDay: utcDay(now - ((at * at) % 40) * day),
      deviceCount: at === 6 ? 0 : (at % 4) + 1,
      state: at === 6 ? "erased" : at === 9 ? "suspended" : "active",
    }))
}

export function sampleInvites(now: number): OperatorInvite[] {
  return [
    { id: hexCode(21, 16), label: "Choir, autumn", usesLeft: 24, expiresAtMs: now + 12 * day },
    { id: hexCode(22, 16), label: "Amara’s sister", usesLeft: 1, expiresAtMs: now + 20 * hour },
    { id: hexCode(23, 16), label: "מכבי תל אביב", usesLeft: 8, expiresAtMs: now + 3 * day },
    {
      id: hexCode(24, 16),
      label: "An invite with a name that somebody wrote in one go without thinking",
      usesLeft: 998,
      expiresAtMs: now + 300 * day,
    },
  ]
}

export function samplePeople(now: number, me: { readonly name: string; readonly role: OperatorPerson["role"] }): OperatorPerson[] {
  const passkey = (seed: number, label: string, usedAtMs?: number): OperatorPerson["credentials"][number] => ({
    id: hexCode(seed, 40),
    kind: "passkey",
    label,
    addedAtMs: now - seed * day,
    ...(usedAtMs === undefined ? {} : { usedAtMs }),
  })
  return [
    {
      ...me,
      addedAtMs: now - 190 * day,
      me: true,
      credentials: [
        passkey(61, "Laptop", now - 300_000),
        passkey(62, "Key on my ring", now - 40 * day),
        { id: hexCode(63, 64), kind: "key", label: "key", addedAtMs: now - 190 * day },
      ],
    },
    {
      name: "Tomasz Nowak",
      role: "operator",
      addedAtMs: now - 188 * day,
      me: false,
      credentials: [passkey(64, "ThinkPad", now - 5 * hour)],
    },
    { name: "נועה לוי", role: "reviewer", addedAtMs: now - 20 * day, me: false, credentials: [passkey(65, "טלפון", now - 2 * day)] },
    { name: "Amara Okafor", role: "owner", addedAtMs: now - 190 * day, removedAtMs: now - 50 * day, me: false, credentials: [] },
  ]
}

export function sampleSettings(): OperatorSetting[] {
  const one = (key: string, value: string, help: string, rest: Partial<OperatorSetting> = {}): OperatorSetting => ({
    key,
    value,
    help,
    source: "default",
    variable: `NODOOR_${key.replace(".", "_").toUpperCase()}`,
    secret: false,
    ...rest,
  })
  return [
    one("server.host", "127.0.0.1", "Address to listen on; the default is reached from this machine only.", { variable: "HOST" }),
    one("server.port", "8080", "Port to listen on; 0 takes a free one.", { variable: "PORT" }),
    one(
      "server.origin",
      "chat.example.org",
      "The name people reach the server under. Accounts are bound to it for good: set it before the first start.",
      {
        variable: "NODOOR_ORIGIN",
        source: "environment",
      },
    ),
    one("registration.mode", "invite", "Who may make an account.", { source: "file" }),
    one("email.mode", "optional", "Whether people are asked for an e-mail address."),
    one("email.domains", "none", "Take addresses of these domains only."),
    one("email.smtp_url", "set", "The mail server that codes are sent through, with its password.", { secret: true, source: "file" }),
    one("retention.ip_days", "7", "How long IP addresses are kept; 0: never written."),
    one("retention.message_days", "30", "How long a message waits for a device that does not fetch it."),
    one("metrics.token", "not set: /metrics answers this machine only", "Whoever asks /metrics for figures shows this as a bearer token.", {
      secret: true,
    }),
    one(
      "log.witnesses",
      "witness.example.net/anna+1a2b3c4d+BAQm3vT0Zb1xkq0mXz https://witness.example.net, garden.example.com/log-witness+99aa17fe+BJ0zq1 https://garden.example.com",
      "Other people’s witnesses, who sign the log.",
      { source: "file" },
    ),
    one("log.quorum", "not set: the fewest that keep two views apart", "How many witnesses must sign."),
  ]
}

/** The same cases with as much in them as the desk takes, and words without a place to break. */
export function stretchedCases(now: number): OperatorCase[] {
  const accountNames = Array.from({ length: 500 }, (_, at) => (at % 2 === 0 ? `@account_number_${at}` : hexCode(at, 32)))
  return sampleCases(now).map((one) => ({
    ...one,
    authority: `Bundes${"verwaltungs".repeat(16)}gericht`,
    reference: "9".repeat(100),
    legalBasis: "§ 100j ".repeat(40).trim(),
    accountNames,
    accounts: 500,
    bulkReason: "One botnet, whose handles follow one pattern. ".repeat(20).trim(),
    documents: Array.from({ length: 20 }, (_, at) => ({
      sha256: hexCode(500 + at, 64),
      name: `${"scan".repeat(40)}-${at}.pdf`,
      sizeBytes: 26_214_400,
    })),
    approvedBy: one.approvedBy.map((name) => name.padEnd(64, "x")),
  }))
}
