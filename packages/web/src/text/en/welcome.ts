// The first minute, the form of a new account, and the screens shown when the app can't open.

import { counted } from "./amounts.ts"

export const welcome = {
  headline: "Conversations with no door for anyone else",
  words:
    "Only you and the people you write to can read your messages. The people who run this server can’t, and they can’t secretly let anyone in.",
  points: { noNumber: "No phone number", noAddressBook: "No address book upload", keys: "Keys stay on your device" },
  noAnswer: "The server didn’t answer",
  closed: "This server takes no new accounts",
  closedWords: (origin: string): string => `Ask the people who run ${origin}.`,
  short: "Only you and the people you write to can read them. Not even this server.",
  start: "Get started",
  haveAccount: "I already have an account",
  privateWindowLinked:
    "This looks like a private window. This device goes with it when you close it; your account stays on your other devices.",
  title: "Create your account",
  titleWriteTo: (handle: string): string => `Write to @${handle}`,
  onServer: (origin: string): string => `On ${origin}. It takes half a minute.`,
  invited: (origin: string): string => `You’re invited to ${origin}.`,
  thenChat: (origin: string): string => `Create an account on ${origin}. The chat opens right after.`,
  inviteRefused: "This invite doesn’t work. It was used up or withdrawn, or the link is incomplete. Ask for a new one.",
  privateWindow:
    "This looks like a private window. You’ll lose the account when you close it, and nobody gets its handle back. To keep the account, open this page in a normal window.",

  form: {
    name: "Your name",
    nameSeenBy: <N>(another: N): readonly (string | N)[] => [
      "People you write to see it. The server keeps it as the account holder’s name: ",
      another,
      ".",
    ],
    nameSeenByContacts: "Only people you write to see it, encrypted. The server doesn’t.",
    anotherName: "give it a different one",
    holderName: "Account holder’s name",
    holderNameSeenBy: "The operator of this server sees it, and anyone who gets it by a lawful request. Your contacts don’t.",
    handle: "Handle",
    exampleHandle: "alice",
    handleSeenBy: "Anyone on this server who knows it can write to you.",
    email: "E-mail address",
    emailSeenBy: "The operator of this server sees it. Your contacts never do.",
    emailCode: "Code from the e-mail",
    emailCodeHint: (email: string): string => `Eight digits, sent to ${email}. Valid for 15 minutes.`,
    invite: "Invite code",
    inviteHint: "Ask someone who runs or uses this server for one.",
    sendCode: "Send code",
    create: "Create account",
    serverSees: (ipDays: number): string =>
      `The server also sees your IP address ${ipDays === 0 ? "and doesn’t keep it" : `and keeps it for ${counted(ipDays, "day")}`}. It sees which devices messages go to, never what they say. Your keys are made on this device and stay here.`,
  },
  wrong: {
    name: "Enter a name.",
    holderName: "This name can’t be seen. Enter another, or leave it empty.",
    handle: "Use 3 to 32 lowercase letters, digits, dots, dashes or underscores.",
    handleTaken: (handle: string): string => `@${handle} is taken. Try another.`,
    invite: "Enter an invite code. This server needs one.",
    inviteRefused: "This invite code doesn’t work, or no longer works. Ask for a new one.",
    inviteElsewhere: (host: string): string => `This invite is for another server, ${host}. Open its link there.`,
    email: "Enter an e-mail address. This server needs one.",
    emailDomain: "This server only takes e-mail addresses of certain domains. Try another address.",
    emailCode: "Enter the eight digits of the code.",
    emailCodeRefused: "This code is wrong or too old.",
    codeNotSent: "Couldn’t send the code.",
    changedTabs: "Another tab took over. Look there, or try again.",
  },

  opening: "Opening your messages…",
  openingLong: "Still opening. Another tab may be using your messages.",
  unsupported: {
    title: "This browser can’t keep your messages safe",
    words: "Nodoor encrypts and stores your messages on your device. This browser lacks:",
    toDo: "Use a current version of Chrome, Edge, Firefox or Safari. A private window may not work.",
  },
  lost: {
    title: "This browser deleted your messages",
    words:
      "There was an account here, but its storage is gone or incomplete. Browsers do this when site data is cleared, when the disk is full, or in some private modes.",
    profile: "Did you open another browser profile or a private window? Then it’s still where you were before.",
    back: "Get it back",
    link: "Link this browser again",
    linkHint: "With another device of yours",
    recover: "Use my 24 words",
    recoverHint: "Brings back the account, and your chats from a backup",
    lookAgain: "Try again",
    lookAgainHint: "If the disk was full or another program held the files",
    startOver: "Start over…",
    confirmTitle: "Start over in this browser?",
    confirmWords: "This removes what is left of the old account from this browser. You can then create a new one with another handle.",
    confirm: "Remove what is left",
  },
  wasHere: {
    link: "I was signed in here before",
    title: "There is no account in this browser",
    lead: "Nodoor keeps an account in the browser, not on a server. If you were signed in here before, one of these has happened:",
    profile: {
      title: "Another profile or browser.",
      words: "Each profile and each browser has its own storage. Open the one you used before: everything is still there.",
    },
    privateWindow: {
      title: "A private window.",
      words: "It can’t see what a normal window has. What was made in one is gone when it closes.",
    },
    cleared: {
      title: "The browser’s data was cleared.",
      words: "By hand, by a cleaning program, or by the browser itself, because the disk was full or the page wasn’t opened for weeks.",
    },
  },
  failed: "Couldn’t open your messages",
}
