// Backups, and what is in one before anything is brought back.

import { counted, numeral } from "./amounts.ts"

const sizes = ["B", "kB", "MB", "GB", "TB"] as const

/** 1.4 GB */
function size(bytes: number): string {
  let step = 0
  let amount = bytes
  while (amount >= 1000 && step < sizes.length - 1) {
    amount /= 1000
    step++
  }
  const shown = amount < 10 && step > 0 ? Math.round(amount * 10) / 10 : Math.round(amount)
  return `${numeral(shown)} ${sizes[step] ?? "B"}`
}

export const backup = {
  title: "Backup",
  size: (bytes: number): string => size(bytes),
  numeral: (n: number): string => numeral(n),
  /** "today at 3:12", "on 3 June at 3:12". */
  when: (day: string, clock: string): string =>
    day === "Today" || day === "Yesterday" ? `${day.toLowerCase()} at ${clock}` : `on ${day} at ${clock}`,
  state: {
    never: "No backup yet",
    neverWords: "If you lose all your devices, your messages are gone.",
    running: "Backing up…",
    runningWords: (percent: number): string => `${percent} %. You can keep chatting.`,
    runningPlain: "You can keep chatting.",
    fresh: (when: string): string => `Saved ${when}`,
    freshWords: (bytes: string): string => `${bytes}, locked with your recovery key`,
    freshPlain: "Locked with your recovery key",
    stale: (when: string): string => `Last saved ${when}`,
    staleWords: "That’s a while ago. Newer messages aren’t in it.",
    failed: "The last backup didn’t work",
    failedSince: (when: string): string => `The one made ${when} is still there.`,
    noneSince: "There is no earlier one.",
    notLoaded: "Couldn’t load the state of your backups",
    progress: "Progress of the backup",
  },
  now: "Back up now",
  again: "Try again",
  notBegun: "Couldn’t begin the backup.",
  turnOn: "Turn on",

  where: {
    title: "Where",
    choose: "Where backups go",
    server: "This server",
    serverHint: "Every day. It sees an encrypted file of a certain size, and not whose it is.",
    s3: "My own storage",
    s3Hint: "A bucket of yours (S3), with the command-line app only: this page may talk to its own server and to nothing else.",
    file: "A file, when I ask for one",
    fileHint: "You keep it where you like",
    none: "Nowhere",
    noneHint: "No backups",
    save: "Save",
    notSaved: "Couldn’t save this.",
    saved: "Saved.",
  },

  file: {
    save: "Save a backup file",
    saveHint: "Everything on this device, locked with your recovery key",
    notSaved: "Couldn’t save the file.",
    saved: "Saved. Your 24 words open it.",
    making: "Making the file…",
  },

  restore: {
    row: "Bring back from a backup",
    rowHint: "From this server or from a file",
    title: "Bring back from a backup",
    welcome: (name: string): string => `Welcome back, @${name}`,
    looking: "Looking for your backup…",
    openedHere: (when: string): string => `A backup made ${when}. Nothing changes until you choose.`,
    none: "No backup on this server",
    noneWords: "If you have one as a file, open it now. Otherwise start with what your contacts and groups send from now on.",
    open: "Open a file",
    another: "Open a file instead",
    messages: (count: number): string => (count === 1 ? "message" : "messages"),
    chats: (count: number): string => (count === 1 ? "chat" : "chats"),
    span: (from: string, to: string): string => `${from} to ${to}`,
    what: "What is in it",
    countOf: (count: number): string => counted(count, "message"),
    more: (count: number): string => `${counted(count, "more chat")}`,
    bring: (count: number): string => `Bring back ${counted(count, "chat")}`,
    bringAll: "Bring it back",
    startEmpty: "Start empty",
    locked: "Opened on this device. The server only has an encrypted file.",
    chooseAll: "Choose all",
    chooseNone: "Choose none",
    staysInBackup: "Chats that you leave out stay in the backup. You can bring them back later.",
    merges: "Messages that are here already stay as they are.",
    running: "Bringing back your chats",
    runningWords: "Newest first. You can chat already.",
    done: "Your chats are back",
    doneWords: (count: number): string => `${counted(count, "message")} came back.`,
    notOpened: "Couldn’t open this backup",
    notRestored: "Couldn’t bring everything back",
    goOn: "Try again",
    close: "Done",
  },
}
