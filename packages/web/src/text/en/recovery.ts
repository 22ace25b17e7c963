// The recovery key: 24 words that bring an account back.

import { counted, listed } from "./amounts.ts"

const ordinal = (n: number): string => {
  const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10
  return `${n}${["th", "st", "nd", "rd"][last] ?? "th"}`
}

export const recovery = {
  title: "Recovery key",
  state: {
    unconfirmed: "Not written down yet",
    unconfirmedWords: "If you lose all your devices, nobody can bring your account back without these words.",
    confirmed: "You wrote down your 24 words",
    confirmedWords: "They bring back your account and open your backups.",
    write: "Write them down",
    check: "Check what you wrote down",
    checkHint: "Type the words from your paper",
    again: "Show the words again",
    againHint: "Only where nobody looks over your shoulder",
    notLoaded: "Couldn’t load the state of your recovery key",
  },

  words: {
    title: "Your way back in",
    lead: "Write these 24 words on paper, in order. If you lose your devices, they bring back your account and your chats.",
    leadAgain: "These are your 24 words, in order.",
    before: "Your way back in",
    beforeWords: "You’ll see 24 words. Take paper and a pen, and make sure that nobody else sees this screen. It takes about two minutes.",
    show: "Show my words",
    print: "Print",
    secret: "Whoever has these words can be you. The server never sees them. Don’t photograph them.",
    written: "I wrote them down",
    close: "Done",
    list: "Your 24 words",
    notShown: "Couldn’t show your words",
    printed: {
      title: (handle: string, origin: string): string => `Recovery key of @${handle} on ${origin}`,
      use: (address: string): string =>
        `To get your account back: open ${address}, choose “I already have an account”, then “Use my 24 words”.`,
      keep: "Keep this page where you keep your passport. Whoever has these words can be you.",
      day: (day: string): string => `Printed on ${day}`,
    },
  },

  ask: {
    title: "Check your paper",
    words: (places: readonly number[]): string => `Type the ${listed(places.map(ordinal))} word.`,
    field: (place: number): string => `Word ${place}`,
    wrong: "That isn’t the word at this place. Look at your paper again.",
    confirm: "Confirm",
    back: "Show the words again",
    doneTitle: "You have a way back in",
    doneWords: "Keep the paper where you keep your passport.",
    done: "Done",
  },

  check: {
    title: "Check your words",
    lead: "Type the 24 words from your paper. Nothing leaves this device.",
    check: "Check them",
    right: "All 24 words are right.",
  },

  form: {
    legend: "Your 24 words",
    word: (place: number): string => `Word ${place}`,
    paste: "You can paste all 24 words into the first field.",
    unknown: (count: number): string =>
      count === 1 ? "One of these isn’t a word of the list." : `${count} of these aren’t words of the list.`,
    unknownOne: "Not a word of the list",
    nearest: "Did you mean",
    take: (word: string, place: number): string => `Use ${word} as word ${place}`,
    missing: (count: number): string => `${counted(count, "word")} missing.`,
    checksum: "All are words of the list, but they don’t belong together. One of them is another word, or two have changed places.",
    otherAccount: "These words are right, but they belong to another account.",
  },

  passkey: {
    title: "Passkey",
    offer: "Also open it with a passkey",
    offerHint: "Your fingerprint, face or security key. Not every browser and passkey can do this.",
    on: "A passkey opens your recovery key too",
    onHint: "On your devices only. Keep your paper as well.",
    add: "Add passkey",
    remove: "Remove",
    removing: {
      title: "Remove the passkey?",
      words: "Your 24 words keep working. The passkey no longer opens the key. Delete it in your browser’s settings, too.",
      confirm: "Remove passkey",
      failed: "Couldn’t remove the passkey.",
    },
    again: "Now use it once more, so that it’s sure to work.",
    useIt: "Use passkey",
    added: "The passkey works. It opens your recovery key from now on.",
    unsupported: "This browser or this passkey can’t open a key (it lacks PRF). Your 24 words work everywhere.",
    cancelled: "The passkey wasn’t used. You can try again.",
    failed: "The passkey couldn’t be added.",
    account: (handle: string): string => `${handle} (recovery key)`,
  },

  remind: {
    title: "Keep a way back in",
    words: "Your account is only on your devices. 24 words on paper bring it back if you lose them.",
    duration: "24 words, two minutes",
    start: "Write them down",
    later: "Not now",
    banner: "You have no way back in yet if you lose this device.",
    bannerMore: "Write down 24 words",
  },

  /** On the first screen: the account comes back from the words. */
  use: {
    title: "Use your 24 words",
    lead: "They bring back your account on this device, and your chats if there is a backup.",
    handle: "Handle",
    handleHint: "The name of your account on this server, or its link.",
    handleWrong: "Enter your handle, for example alice, or your link.",
    elsewhere: (host: string): string => `This account is on another server. Open ${host} and use your words there.`,
    submit: "Bring back my account",
    others: "Your other devices will be signed out of this account. You can link them again.",
    lost: "I lost my words, too",
    running: "Bringing back your account…",
    runningWords: "Your words sign a new start of the account. Then this device takes its place in your chats.",
    steps: { account: "Account", backup: "Backup", chats: "Chats" },
    notDone: "Couldn’t bring back the account",
  },

  reset: {
    title: "Without words and without a device",
    lead: "Then nobody can prove that the account is yours: not you, and not the people who run this server. That is also why nobody else can take it.",
    facts: {
      chats: "Your old chats stay locked. Only your devices and your backups could open them.",
      handle: "The handle stays taken, so that nobody can pose as you.",
      contacts: "Tell your contacts your new handle, and compare safety numbers with them again.",
    },
    look: "Look for my words again",
    fresh: "Create a new account",
  },
}
