// One message: its menu, how far it has come, and what is shown in place of its text.

import { counted, listed, numeral } from "./amounts.ts"

export const message = {
  /** Where there is room for one line. */
  deleted: "Message deleted",
  waiting: "A message that is on its way",
  unsupportedLine: "A message this version can’t show",
  absent: "A message that isn’t on this device",

  edited: "edited",
  notOpened: "Waiting for this message. This device was behind and has asked for it.",
  unsupported: (contentType: string): string => `This version of Nodoor can’t show ${contentType}.`,
  /** What was written before somebody came, told by who let them in. */
  shared: {
    line: "Earlier messages",
    sent: (people: readonly string[], count: number): string => `You sent ${counted(count, "earlier message")} to ${listed(people)}.`,
    title: (by: string, count: number): string => `${counted(count, "earlier message")}, shared by ${by}`,
    note: (by: string): string => `${by} says this was written before you came. Only ${by} vouches for it.`,
    wrote: (author: string, time: string): string => `${author} wrote, ${time}:`,
  },
  inReplyTo: (name: string): string => `in reply to ${name}`,
  /** It reached the server long after it was written, or this device long after it was sent. */
  writtenAndSent: (written: string, sent: string): string => `Written ${written}, sent ${sent}`,
  sentAndArrived: (sent: string, arrived: string): string => `Sent ${sent}, arrived ${arrived}`,

  status: {
    queued: "Waiting to be sent",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    failed: "Not sent",
  },
  failure: {
    words: "Not sent.",
    tryAgain: "Try again",
    notSent: "It still wasn’t sent.",
    remove: "Remove",
    notRemoved: "Couldn’t remove it.",
  },

  reactions: "Reactions",
  reactionNotSaved: "Couldn’t save your reaction.",

  starred: "starred",

  forwarding: {
    mark: "Forwarded",
    title: "Forward to…",
    send: (chats: number): string => (chats > 1 ? `Send to ${numeral(chats)} chats` : "Send"),
    done: (chats: number): string => `Sent to ${counted(chats, "chat")}.`,
    failed: (chat: string): string => `Couldn’t send to ${chat}.`,
  },

  selection: {
    label: "Selected messages",
    count: (n: number): string => `${numeral(n)} selected`,
    end: "Stop selecting",
    choose: (what: string): string => `Select: ${what}`,
    deleteTitle: (n: number): string => `Delete ${counted(n, "message")} for you?`,
    deleteWords: "They go from all your devices. The others keep theirs. You can’t undo this.",
  },

  emoji: {
    title: "Emoji",
    search: "Search emoji",
    none: "No emoji is called that.",
    loading: "Loading…",
    failed: "Couldn’t load the emoji. Close this and try again.",
    recent: "Last used",
    groupsLabel: "Groups of emoji",
    groups: {
      smileys: "Smileys",
      people: "People and gestures",
      nature: "Animals and nature",
      food: "Food and drink",
      places: "Travel and places",
      activities: "Activities",
      objects: "Objects",
      symbols: "Symbols",
      flags: "Flags",
    },
    toneTitle: "Skin tone",
    tone: (tone: string): string => `Skin tone: ${tone}`,
    tones: ["None", "Light", "Medium-light", "Medium", "Medium-dark", "Dark"] as readonly string[],
    more: "More emoji",
    others: (n: number): string => `and ${numeral(n)} more`,
  },

  menu: {
    forward: "Forward…",
    star: "Star",
    unstar: "Take the star away",
    select: "Select",
    label: "Message",
    more: "More",
    react: "React",
    reactWith: (emoji: string): string => `React with ${emoji}`,
    takeBack: (emoji: string): string => `Remove ${emoji}`,
    reply: "Reply",
    copy: "Copy text",
    copied: "Copied.",
    edit: "Edit",
    details: "Details",
    delete: "Delete for everyone…",
    deleteForMe: "Delete for me…",
  },
  deletion: {
    title: "Delete this message?",
    words: "This removes it from everyone’s devices in this chat. Someone may already have read or copied it.",
    confirm: "Delete for everyone",
    wordsForMe: "This removes it from your devices. Everyone else still sees it.",
    confirmForMe: "Delete for me",
    failed: "Couldn’t delete the message.",
  },

  details: {
    title: "Message details",
    notLoaded: "Couldn’t load the details",
    from: "From",
    time: "Time",
    edited: "Edited",
    editedYes: "Yes, after it was sent",
    delivery: "Delivery",
  },
}
