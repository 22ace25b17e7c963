// A chat: its header, its messages and the place to write.

import { counted, listed, numeral } from "./amounts.ts"

export const chat = {
  you: "You",
  someone: "Someone",
  verified: "Verified",
  label: (title: string): string => `Chat with ${title}`,

  header: {
    back: "Back to chats",
    groupInfo: "Group info",
    contactInfo: "Contact info",
    more: "More",
    actions: (title: string): string => `Actions for ${title}`,
    typing: "typing…",
    typingNames: (names: readonly string[]): string => `${listed(names)} ${names.length === 1 ? "is" : "are"} typing…`,
    offline: "Offline",
    members: (count: number, others: readonly string[]): string => {
      const people = counted(count, "person", "people")
      return others.length === 0 ? people : `${people}: you, ${others.join(", ")}`
    },
  },

  start: {
    onlyYou: <N>(name: N): readonly (string | N)[] => ["Only you and ", name, " can read this chat."],
    compared: "You’ve compared safety numbers.",
    makeSure: <N>(name: N): readonly (string | N)[] => ["Make sure it’s really ", name],
    group: "Only the people in this group can read it. New members see what is sent after they join.",
    groupSharing: "Only the people in this group can read it. Whoever adds somebody sends them some of the earlier messages.",
    first: "Send the first message.",
  },

  /** Shown in place of the composer. */
  closed: {
    ownAccount: "Your account was deleted.",
    deleted: (name: string): string => `${name} deleted their account.`,
    unreachable: (name: string): string => `${name} can’t be reached any more.`,
    stillReadable: "You can still read this chat.",
    blocked: <N>(name: N): readonly (string | N)[] => ["You blocked ", name, ". Their messages don’t reach you."],
    unblock: "Unblock",
    notUnblocked: "Couldn’t unblock this person.",
    left: "You’re no longer in this group. You can still read earlier messages.",
    joining: "This device isn’t in this chat yet. You can read earlier messages, and write as soon as it is let in.",
    locked: "You can’t send anything here until you resolve the warning above.",
    adminsOnly: "Only admins can write in this group.",
  },

  search: {
    label: "Search in this chat",
    none: "No results",
    place: (at: number, of: number): string => `${numeral(at)} of ${numeral(of)}`,
    older: "Older result",
    newer: "Newer result",
    day: "Go to a day",
    notShown: "Couldn’t go to that day.",
    end: "Close the search",
  },

  composer: {
    mention: "Who do you mean?",
    placeholder: "Message",
    label: (title: string): string => `Message to ${title}`,
    send: "Send",
    save: "Save",
    replyTo: (name: string): string => `Reply to ${name}`,
    replyToYourself: "Reply to yourself",
    edit: "Edit message",
    cancelReply: "Cancel reply",
    cancelEdit: "Cancel edit",
    draftNotSaved: "Couldn’t save your draft.",
    notSent: "Your message wasn’t sent.",
    notEdited: "Your edit wasn’t saved.",
    /** `isKept`: whether so long a text is kept as a draft. */
    tooLong: (excess: number, isKept: boolean): string =>
      `${counted(excess, "character")} too long. Shorten it, or send it in parts.${isKept ? "" : " It isn’t saved when you leave this chat."}`,
  },

  messages: {
    notLoaded: "Couldn’t load the messages",
    notLoadedSentence: "Couldn’t load the messages.",
    unreadLine: "New messages",
    jump: (unread: number): string => (unread > 0 ? `Go to the newest message, ${numeral(unread)} unread` : "Go to the newest message"),
  },

  request: {
    added: <N>(group: N): readonly (string | N)[] => ["You were added to ", group, ". They won’t know you’ve read this unless you accept."],
    wantsToWrite: <N>(name: N, address: string | undefined): readonly (string | N)[] => [
      name,
      address === undefined ? "" : ` (${address})`,
      " wants to write to you. They won’t know you’ve read this unless you accept.",
    ],
    block: "Block",
    delete: "Delete",
    accept: "Accept",
    notAccepted: "Couldn’t accept the request.",
  },
}
