// Linking a device, on the new one and on the old one, and the list of devices.

import { counted } from "./amounts.ts"

export const link = {
  classes: {
    cli: "Terminal",
    desktop: "Desktop app",
    mobile: "Phone",
    web: "Web browser",
    "web-verified": "Web browser, verified code",
    bot: "Bot",
  },
  otherClass: "Device",

  newDevice: {
    title: "Open your chats here",
    steps: <B>(settings: B, devices: B, linkIt: B): readonly (readonly (string | B)[])[] => [
      ["On a device you already use, open ", settings, ", then ", devices, "."],
      ["Choose ", linkIt, " and scan this code, or type it."],
      ["Pick the number there that then appears here."],
    ],
    settings: "Settings",
    devices: "Devices and backup",
    linkIt: "Link a device",
    words: "Use my 24 words",
    typeInstead: "The other device shows a code",
    typeTitle: "Enter the code",
    typeWords: "It’s on your other device, in Settings, Devices and backup, Link a device.",
    showInstead: "Show a code here instead",
    starting: "Getting a code…",
  },

  oldDevice: {
    words: "Open Nodoor on the new device, choose “I already have an account”, and scan its code here.",
    scan: "Scan its code",
    type: "Type its code",
    show: "Show a code here",
    showWords: "On the new device, choose “I already have an account”, then “The other device shows a code”, and scan or type this one.",
    never: "Nobody else needs this code. If somebody asks you for one, or sent you one, stop.",
    sentTitle: "This is a linking code",
    sentWords:
      "Whoever made it could read your chats. If somebody sent it to you, don’t use it. To link a device of your own, choose how below and follow the steps.",
  },

  code: {
    label: "Code",
    type: "No camera? Type this instead",
    qr: "Linking code as a QR code",
    copy: "Copy code",
    copied: "Code copied. Paste it on your other device only.",
    expiresIn: (clock: string): string => `Works for ${clock}`,
    expired: "This code has run out",
    another: "Show a new code",
    connect: "Connect",
    hint: "Capital and small letters are the same, and so are O and 0, I and 1.",
    empty: "Enter the code.",
  },

  camera: {
    label: "Camera",
    asking: "Waiting for the camera…",
    look: "Hold the code in the frame.",
    none: "No camera found",
    noneWords: "Connect one, or type the code instead.",
    refused: "The camera is blocked",
    refusedWords: "Allow it in the browser’s settings for this page, or type the code instead.",
    busy: "The camera can’t be used",
    busyWords: "Another program may be using it. Close it and try again, or type the code instead.",
    other: "That is another kind of code. Scan the one on the new device.",
    typeInstead: "Type the code instead",
  },

  connecting: { title: "Connecting…", words: "The two devices are finding each other. Keep both open." },

  number: {
    title: "Pick this number on your other device",
    words: "It shows three. Only this one is right.",
    label: (number: string): string => `The number is ${number}`,
  },

  confirm: {
    title: "Which number does the other device show?",
    asks: "Asks to open your chats",
    now: "Just now",
    ownName: "The name it gives itself",
    none: "None of these, stop",
    choose: (number: string): string => `Choose ${number}`,
  },

  adding: {
    title: "Letting it in…",
    titleNew: "Almost there…",
    words: "Your devices sign it and add it to your chats. You can keep using them.",
    chats: (done: number, total: number): string => `${done} of ${counted(total, "step")}`,
  },

  transfer: {
    title: "Moving your chats",
    words: "Encrypted on the way. Newest chats come first.",
    wordsOld: "The new device can be used already. Keep this page open until it has everything.",
    start: "Start chatting",
    percent: (percent: number): string => `${percent} %`,
    progress: "Progress",
    banner: (percent: number): string => `Your older messages are on their way: ${percent} %.`,
    bannerMore: "Show",
    incomplete: "Not all older messages have arrived. It’s tried again.",
  },

  done: {
    title: "It’s linked",
    words: (name: string): string => `${name} now gets your chats.`,
    wordsAny: "The new device now gets your chats.",
    close: "Done",
  },

  /** By the code of the library, whose sentence says why and what to do. */
  failed: {
    title: "Linking didn’t work",
    titles: {
      link_expired: "The code ran out",
      link_used: "This code was already used",
      link_no_answer: "The other device went quiet",
      link_denied: "The other device said no",
      link_cancelled: "Linking was stopped",
      link_wrong_number: "The numbers didn’t match",
      link_offline: "No connection",
      unreachable: "No connection",
      link_other_server: "This code is from another server",
      link_code_invalid: "This isn’t a linking code",
      link_unfinished: "Not in your account yet",
    } as Readonly<Record<string, string>>,
    again: "Start again",
    newCode: "Show a new code",
    tryAgain: "Try again",
    back: "Back",
  },

  list: {
    title: "Devices",
    here: "This device",
    since: (day: string): string => `Since ${day}`,
    foot: "One of these must sign every new device. The server can’t add one.",
    link: "Link a device",
    onlyOne: "Your account is only in this browser. Link a second device, or write down your 24 words, so that you don’t lose it.",
    addedMore: "Show devices",
  },

  device: {
    name: "Name",
    nameSeenBy: "Only your own devices see it.",
    save: "Save",
    renamed: "Name changed.",
    notRenamed: "Couldn’t rename the device.",
    kind: "Kind",
    added: "Linked",
    key: "Id",
    remove: "Remove device…",
  },
}
