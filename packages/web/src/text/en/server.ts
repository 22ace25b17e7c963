// What the server knows, its key log, its canary, and its operator's notices about requests from authorities.

import { counted, listed, numeral } from "./amounts.ts"

export const server = {
  record: {
    title: (origin: string): string => `Everything ${origin} has about you`,
    notLoaded: "Couldn’t get this from the server",
    none: "None",
    name: "Name you gave",
    handle: "Handle",
    email: "E-mail address",
    created: "Account created",
    lastSeenDay: "Last seen in the four weeks from",
    devices: "Devices",
    addresses: (days: number): string => (days === 0 ? "IP addresses (not kept)" : `IP addresses (kept for ${counted(days, "day")})`),
    addressSeen: (when: string): string => `noted ${when}`,
    words: (messageDays: number): string =>
      `A lawful request could obtain the same data. Messages wait on the server, encrypted, until your devices fetch them, for at most ${counted(messageDays, "day")}.`,
    inactive: (days: number): string => `If you don’t use your account for ${counted(days, "day")}, the server erases it.`,
  },
  cannot: {
    title: "What it can’t know",
    points: [
      "What you write, and which member of a chat wrote it",
      "Who you talk to, and which chats you are in: it keeps nothing that leads from your account to a chat",
      "Your groups’ names, your drafts and reactions, and what you’ve read",
      "The profile name your contacts see, and who you’ve verified",
      "Your keys: they never leave this device",
    ] as readonly string[],
  },

  keyLog: {
    title: "Key log",
    words:
      "The server writes every change of anyone’s keys into a public log. It can add to the log, but can’t rewrite it unnoticed. Your device checks that everyone sees the same log.",
    notLoaded: "Couldn’t load the key log",
    confirmedBy: "Confirmed by",
    tiers: {
      unknown: "Not checked yet",
      not_independently_witnessed: "Only the operator. No independent witness has signed it",
      witnessed: "Independent witnesses",
    },
    witnesses: "Witnesses",
    auditors: "Auditors",
    checked: "Last checked",
    size: "Entries",
    entries: (n: number): string => numeral(n),
    names: (names: readonly string[]): string => names.join(", "),
    firstEntry: "First entry",
    stopped: "Stopped",
    stoppedWords: "Nothing is sent from this device, because the key log did not verify.",
  },

  canary: {
    title: "Canary",
    words:
      "Once a month, people sign by hand that nothing on a short list has happened to this server. Nobody else can sign for them, and each canary expires. Your device compares each one with the one before.",
    check: "Check now",
    notChecked: "Couldn’t check the canary.",
    never: "Not checked yet.",
    checkedOn: (when: string): string => `Last checked on ${when}.`,
    failedOn: (when: string): string => `Couldn’t check on ${when}: the server didn’t answer.`,
    state: {
      notChecked: "Not checked.",
      notCheckedWords: "This device hasn’t been able to ask the server for it yet. That says nothing either way.",
      none: "This server has no canary.",
      noneWords: "Nobody signs one for it.",
      fresh: "Fresh",
      freshUntil: (day: string): string => `until ${day}`,
      expired: (day: string): string => `Expired on ${day}`,
      expiredWords: (issued: string): string =>
        `Nobody has signed a new one. The statements below were signed on ${issued} and say nothing about today.`,
      changed: "The canary changed",
      known: "The one you know",
    },
    before: "Before",
    now: "Now",
    meaning: "What this can mean",
    meaningWords:
      "It may be harmless: someone forgot, or the people who sign were replaced. It may also mean that they can no longer truthfully say what they said before, and aren’t allowed to say why. Your messages stay end-to-end encrypted either way.",
    toDo: "What to do",
    toDoWords: (origin: string): string =>
      `Ask the people who run ${origin}, in person or in a way that doesn’t go through this server. Until you know, compare safety numbers with the people who matter to you, and be careful with new versions of this app from there.`,
    haveRead: "I’ve read this",
    readOn: (when: string): string => `You read this on ${when}.`,
    later: "Later canaries are then compared with the one shown there now.",
    facts: (facts: {
      readonly issued: string
      readonly signed: number
      readonly keys: number
      readonly threshold: number
      readonly expires: string
    }): string =>
      `Signed on ${facts.issued} with ${facts.signed} of ${counted(facts.keys, "key")}. At least ${facts.threshold} must sign. Expires on ${facts.expires}.`,

    change: {
      keys: "Different keys sign it",
      keyGone: (key: string): string => `${key} (removed)`,
      keyNew: (key: string): string => `${key} (new)`,
      fewer: "Fewer people must sign it",
      more: "More people must sign it",
      signatures: (n: number): string => counted(n, "signature"),
      gone: "Statement removed",
      nothing: "Nothing in its place",
      reworded: "Statement reworded",
      added: "New statement",
      older: "An older canary is shown",
      issued: (day: string): string => `Issued on ${day}`,
      notFollowing: "A canary in between is missing",
      issuedAfter: (day: string): string => `Issued on ${day}, after another one that the server doesn’t show`,
      origin: "It belongs to another server",
      allGone: "The canary is gone",
      allGoneWords: "The server doesn’t show one any more",
      invalid: "The canary isn’t valid",
      future: "The canary is dated in the future",
    },
    /** By the code of what is wrong with it. */
    invalid: {
      canary_malformed: "It isn’t a canary, or it was altered on the way",
      canary_lifetime: "It claims to speak for longer than 35 days",
      canary_keys: "Its keys could never sign it",
      canary_signature: "One of its signatures isn’t genuine",
      canary_unsigned: "Too few people have signed it",
    },
  },

  notices: {
    title: "What authorities asked about you",
    none: (origin: string): string => `The operator of ${origin} hasn’t told you of any request from an authority about your account.`,
    some: (origin: string): string =>
      `The operator of ${origin} says that authorities asked about your account. Nobody else confirms what it says here.`,
    gag: "If an order forbids the operator to tell you, you’re told when it ends.",
    record: "Public record of all requests",
    new: "New",
    asked: <N>(request: {
      readonly day: string
      readonly authority: N
      readonly country: string
      readonly by: string
      readonly soughtFor: string
    }): readonly (string | N)[] => [
      `On ${request.day}, `,
      request.authority,
      ` (${request.country}) used ${request.by} to ask for ${request.soughtFor}.`,
    ],
    handedOver: "Handed over:",
    impossible: "Not handed over, because nobody can:",
    kept: "Not handed over:",
    sentence: (what: string): string => `${what}.`,
    legalBasis: "Legal basis",
    reference: "Reference",
    closed: "Closed",
    closedWords: (day: string, outcome: string): string => `${day}. ${outcome}.`,
    gagUntil: "Not allowed to tell you until",
    case: "Case",
    haveRead: "I’ve read this",
    notMarked: "Couldn’t mark it as read.",
    nothing: "nothing",
    listed: (names: readonly string[]): string => listed(names),
    classes: {
      holder_name: "your name",
      email: "your e-mail address",
      ip_addresses: "your IP addresses",
      created: "when your account was created",
      last_seen_day: "the four weeks in which you were last here",
      device_count: "how many devices you have",
      content: "your messages",
      capability: "a way to read your messages",
      contacts: "your contacts, and who you talk to",
    },
    instruments: {
      court_order: "a court order",
      search_warrant: "a search warrant",
      production_order: "a production order",
      subpoena: "a subpoena",
      mutual_assistance: "a request for legal assistance from abroad",
      emergency_request: "an emergency request",
      preservation_request: "a request to keep data",
      other: "another kind of request",
    },
    outcomes: {
      rejected: "Rejected",
      challenged: "Challenged in court",
      partial: "Partly complied with",
      full: "Complied with",
    },
  },

  /** On the page around a letter that the operator's server wrote. */
  letter: {
    writtenBy: (origin: string): string => `Written by the operator of ${origin}`,
    words: (writtenBy: string): string => `${writtenBy}. The signed archive that belongs to it can be checked. This page can’t.`,
  },
}
