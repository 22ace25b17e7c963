// Whether it is really them: safety numbers, the key log, warnings in a chat and alarms.

import { listed } from "./amounts.ts"

export const trust = {
  notSaved: "Couldn’t save this.",
  notWithdrawn: "Couldn’t withdraw the verification.",
  withdraw: "Withdraw verification",
  verifyAgain: "Verify again",
  dismiss: "Dismiss",

  banner: {
    stopped: "This chat is locked",
    keysChanged: (name: string): string => `${name}’s keys changed`,
    /** `isReset`: the account was reset, so no earlier key vouches for the new ones. */
    wasVerified: <N>(person: {
      readonly name: N
      readonly address: string
      readonly when: string
      readonly isReset: boolean
    }): readonly (string | N)[] => [
      "You verified ",
      person.name,
      ` (${person.address}). On ${person.when} their safety number changed${person.isReset ? " because the account was reset" : ""}. They may have lost all their devices, or someone else may have taken their place. Call `,
      person.name,
      " and compare before you write.",
    ],
    wasUnverified: <N>(name: N, compare: N): readonly (string | N)[] => [
      name,
      " has new keys, most likely a new or reset device. ",
      compare,
      " to be sure.",
    ],
    compare: "Compare safety numbers",
  },

  removal: {
    title: "Sending is paused in this chat",
    notAdmin: "You’re no longer an admin here. Only an admin can remove them.",
    tryAgain: "Try again",
    notTried: "Couldn’t try again.",
    newGroup: "New group without them",
    groupNotMade: "Couldn’t create the group.",
    leave: "Leave group…",
    letThemStay: "Let them stay",
  },

  alarm: {
    ownDevice: "A device you didn’t add is on your account",
    ownAccount: "Someone changed what this server says about you",
    contactReset: "The account of someone you verified was reset",
    posing: "Someone may be posing as another person",
    wrongKeys: "These keys can’t be right",
    server: "This server isn’t showing everyone the same thing",
    deviceStops: (when: string): string => `Noticed ${when}. This device sends nothing until you resolve this.`,
    contactStops: (when: string): string => `Noticed ${when}. Nothing is sent to this person until you resolve this.`,
    code: (code: string): string => `Code for a report: ${code}`,
    removeDevice: "Remove it",
    deviceNotRemoved: "Couldn’t remove the device.",
    itWasMe: "It was me",
    compare: "Compare in person",
    notCompared: "Couldn’t open the safety number.",
    evidence: "Export evidence",
    noEvidence: "Couldn’t export the evidence.",
    haveRead: "I’ve read this",
    checkAgain: "Check the log again",
    stillFailing: "Still failing: the log was checked again and did not verify.",
    readOnly: "Only read old messages",
  },

  /** The list of what this device warned about. */
  warnings: {
    raised: "What this device warned about",
    none: "Nothing so far.",
    save: "Save the evidence",
    saved: {
      proof: "Saved. Anybody can check this file: it proves what it says.",
      commit: "Saved. Others who were in the chat can check this file.",
      record: "Saved. This file says what your device saw. It isn’t a proof by itself.",
    },
    openChat: "Open chat",
    see: "See the evidence",
  },

  evidence: {
    title: "Check somebody’s evidence",
    words:
      "If a member’s device breaks a chat, the others’ devices keep a file that proves it. Choose such a file, and your device finds out by itself whether that is so.",
    choose: "Choose a file",
    tooLarge: "The file is too large to be evidence about a chat.",
    proven: "The file proves it",
    provenWords: <N>(person: N, chat: N): readonly (string | N)[] => [
      "A device of ",
      person,
      " broke the chat ",
      chat,
      ". Your device found the same in the file.",
    ],
    orAdder: <N>(adder: N): readonly (string | N)[] => [adder, " added that device and could have done it as well."],
    device: (id: string): string => `Device ${id}.`,
    unproven: "It proves nothing",
    unprovenWords: "Your device was in this chat, and finds nothing in the file that anybody did wrong.",
    notChecked: "Not checked",
    notCheckedWords:
      "Your device wasn’t in this chat then, or no longer has the keys of that time. Somebody else who was there can check the file.",
    refused: "This file can’t be checked",
  },

  safety: {
    label: "Safety number",
    verified: (name: string): string => `Verified: it’s ${name}`,
    notVerified: "Not verified yet",
    compared: "You compared safety numbers.",
    comparedOn: (when: string): string => `You compared safety numbers on ${when}.`,
    why: (name: string): string => `Compare this number with ${name} to make sure nobody is in between.`,
    show: "Show safety number",
    compare: "Compare safety number",
    notLoaded: "Couldn’t load the safety number",
    qr: "Safety number as a QR code",
    how: <N>(name: N): readonly (string | N)[] => [
      "Read it out on a call, or hold your screens side by side. If all 60 digits match, it’s ",
      name,
      " and nobody is in between. Don’t send the number in this chat: anyone who could read it could change it.",
    ],
    match: "The numbers match",
    notSaved: "Couldn’t save the verification.",
    copy: "Copy",
    copied: "Safety number copied.",
  },

  /** Not checked, couldn't check, and checked and wrong must never look alike. */
  keyLog: {
    checkNow: "Check now",
    notAsked: "Couldn’t check the key log.",
    notChecked: "Key log: not checked",
    running: "Key log: checking…",
    runningWords: "Looking for these keys in the server’s public log.",
    ok: (when: string): string => `Key log: checked ${when}`,
    okAlone: "These keys are in the log. No independent witness has confirmed the log yet.",
    okWitnessed: (witnesses: readonly string[]): string => `These keys are in the log. It is witnessed by ${listed(witnesses)}.`,
    unavailable: "Key log: couldn’t check yet",
    unavailableWords: (reason: string, when: string): string => `${reason} Nodoor keeps trying. Last try: ${when}.`,
    failed: "Key log: the keys don’t match",
    failedWords: (when: string): string => `The log does not show these keys (checked ${when}). Compare safety numbers in person.`,
  },
}
