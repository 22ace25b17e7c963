// Accounts and the invites that let people make one.

import { counted } from "../../../text/en/amounts.ts"

export const accounts = {
  lead: "Names, e-mail and IP addresses aren’t shown here. They leave this server only in a case that two people approved.",
  reviewer: "Operators and owners suspend and erase accounts. You’re a reviewer: you can see them.",
  prefix: "Handle starts with",
  notLoaded: "Couldn’t load the accounts",
  none: "No accounts yet",
  noneWords: "Create an invite and send its link to the first person.",
  noMatch: (prefix: string): string => `No handle starts with @${prefix}`,
  noMatchWords: "You can search only for the start of a handle. Names aren’t shown here.",
  list: "Accounts",
  limit: (max: number): string => (max === 0 ? "The number of accounts isn’t limited." : `There can be ${counted(max, "account")}.`),
  more: "Show more accounts",

  actions: (handle: string): string => `Actions for @${handle}`,
  copyId: "Copy account ID",
  idCopied: "Account ID copied.",
  suspend: "Suspend…",
  resume: "Lift suspension",
  resumed: (handle: string): string => `@${handle} can sign in again.`,
  erase: "Erase permanently…",
  states: { active: "Active", suspended: "Suspended", erased: "Erased" },
  erasedWords: "its handle stays taken, its signed device lists stay in the public log",
  lastSeen: (day: string): string => `last seen in the four weeks from ${day}`,

  erasing: {
    title: (handle: string): string => `Erase @${handle} permanently?`,
    words:
      "This erases their name, e-mail and IP addresses, and their devices’ entries. From then on nobody can add them to a chat, and they get no more tokens: their apps drop out of the chats that they are in within seven days. This server doesn’t know which chats those are, so the messages waiting there are kept as long as everybody else’s. What is on their own devices stays. The handle stays taken, and their signed device lists stay in the public log.",
    handle: "Type the handle",
    handleHint: (handle: string): string => `It is ${handle}.`,
    confirm: "Erase with a passkey",
    done: (handle: string): string => `@${handle} is erased.`,
  },
  suspending: {
    title: (handle: string): string => `Suspend @${handle}?`,
    words:
      "Until you lift the suspension, their devices can’t sign in, and they say that the operator did this. Nobody can add them to a chat, and they get no more tokens: their apps drop out of the chats that they are in within seven days. Nothing is deleted, and messages wait for them as long as for everybody else.",
    confirm: "Suspend with a passkey",
    done: (handle: string): string => `@${handle} is suspended.`,
  },
}

export const invites = {
  make: "Create invites",
  lead: "Each link lets a set number of people create an account, until it expires.",
  reviewer: "Operators and owners create and revoke invites. You’re a reviewer: you can see them.",
  notLoaded: "Couldn’t load the invites",
  none: "No active invites",
  noneWords: "Anyone who has a link can create an account with it. Without one, Settings say who gets in.",
  list: "Invites",
  unnamed: "No name",
  left: (n: number): string => `${counted(n, "account")} left`,
  expired: "expired",
  expiresIn: (span: string): string => `expires in ${span}`,
  revoke: (label: string, id: string): string => `Revoke ${label}, ${id}`,
  revoking: {
    title: "Revoke this invite?",
    words: <N>(label: N): readonly (string | N)[] => [label, ": its link stops working. Accounts created with it stay."],
    confirm: "Revoke",
    done: "Revoked. The link no longer works.",
  },

  made: {
    title: (n: number): string => (n === 1 ? "Here is the link" : `Here are ${n} links`),
    words: "Shown only once: the server keeps just a hash of each. Send them now, or copy them to a safe place.",
    qr: "The invite as a QR code",
    copy: (n: number): string => `Copy link ${n}`,
    copied: (n: number): string => `Link ${n} copied.`,
    showQr: (n: number): string => `QR code of link ${n}`,
    qrOf: (n: number): string => `Link ${n} as a QR code`,
    copyAll: "Copy all",
    allCopied: (n: number): string => `${n} links copied.`,
    done: "Done",
  },

  form: {
    name: "Name",
    nameMissing: "Enter a name.",
    nameHint: "For the list here: what or who it’s for. People who use the link don’t see it.",
    links: "Links",
    uses: "Accounts per link",
    days: "Days",
    range: (max: number): string => `Enter 1 to ${max}`,
    make: "Create",
  },
}
