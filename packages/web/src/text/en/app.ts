// The frame of the app: shortcuts, links that people open, and what is shown when no chat is open.

export const app = {
  windowTitle: (unread: number): string => (unread > 0 ? `(${unread}) Nodoor` : "Nodoor"),
  details: "Details",
  newMessages: "New messages",
  chatMissing: "This chat isn’t on this device",
  idle: {
    first: "Who do you want to talk to?",
    next: "Choose a chat",
    words: "Only the people in a chat can read it. The server can’t.",
  },

  shortcuts: {
    title: "Keyboard shortcuts",
    keys: [
      ["Ctrl K", "Find a chat or an action"],
      ["Ctrl N", "New chat"],
      ["Ctrl F", "Search"],
      ["Ctrl Shift F", "Search in this chat"],
      ["Alt ↑ ↓", "Previous or next chat"],
      ["Enter", "Send"],
      ["Shift Enter", "New line"],
      ["↑", "Edit your last message, if the field is empty"],
      ["Ctrl ↑", "Reply to the previous message"],
      ["Shift F10", "Open a message’s menu"],
      ["Esc", "Back"],
      ["Ctrl /", "Show this list"],
    ] as readonly (readonly [key: string, what: string])[],
  },

  arrival: {
    hasAccount: "You already have an account here.",
    ownLink: "This is your own link. Share it so that others can write to you.",
    notOpened: (handle: string): string => `Couldn’t open the chat with @${handle}.`,
  },

  /** What a screen reader says about messages that arrive. */
  announced: {
    many: (count: number): string => `${count} new messages.`,
    one: (name: string, words: string): string => `${name}: ${words}.`,
    newMessage: "new message",
  },
}
