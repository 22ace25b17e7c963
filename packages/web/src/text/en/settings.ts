// Settings, except the page about what the server knows.

export const settings = {
  title: "Settings",
  notSaved: "Couldn’t save this.",
  onServer: (handle: string, origin: string): string => `@${handle} on ${origin}`,
  sections: {
    profile: { title: "Profile", hint: "Your name and your link" },
    appearance: { title: "Appearance", hint: "Light, dark, text size" },
    devices: { title: "Devices and backup", hint: "Link, remove, bring back" },
    server: { title: "What the server knows", hint: "All of it, and what it can’t see" },
    warnings: { title: "Warnings", hint: "What was noticed, and the evidence" },
    data: { title: "Your data", hint: "Export it or erase it" },
    about: { title: "How it works", hint: "What protects you, and what doesn’t" },
  },

  /** Pages below "Devices and backup". */
  pages: { link: "Link a device", words: "Recovery key", check: "Check your words", where: "Where backups go" },

  profile: {
    name: "Name",
    nameSeenBy: "Only people you write to see it, encrypted. The account holder’s name on the server doesn’t change.",
    save: "Save",
    saved: "Name changed. People see it with your next message to them.",
    notSaved: "Couldn’t change your name.",
    link: "Your link",
    linkWords: (handle: string): string => `Anyone who opens it can write to you as @${handle}. You decide whether to answer.`,
    copyLink: "Copy link",
    linkCopied: "Link copied.",
    qr: "Your link as a QR code",
  },

  appearance: {
    theme: "Theme",
    themes: { system: "System", light: "Light", dark: "Dark" },
    textSize: "Text size",
    textSizes: { small: "Small", normal: "Normal", large: "Large", largest: "Largest" },
    compact: "Compact list",
    compactHint: "Fits more chats on the screen.",
    kept: "Saved in this browser only.",
  },

  devices: {
    notLoaded: "Couldn’t load your devices",
    unknown: "None of your devices added this one.",
    itWasMe: "It was me",
    removeUnknown: "Remove it",
    removal: {
      title: (name: string): string => `Remove ${name}?`,
      words: [
        "It gets nothing more from your chats, and your other devices change their keys so that it can’t read on.",
        "It keeps what it has received. If it’s in other hands, tell the people you write to.",
      ] as readonly string[],
      confirm: "Remove device",
      failed: "Couldn’t remove the device.",
    },
  },

  storage: {
    removed: {
      title: "This device isn’t in your account any more",
      words: "Another of your devices removed it, or the account was started over. It gets nothing more. What is here can still be read.",
    },
    linkAgain: "Link it again…",
    readOn: "Only read",
    eraseFirst: {
      title: "Erase and link again?",
      words: "What is in this browser is erased first. Your other devices hand over their chats when they let it in again.",
      confirm: "Erase and link",
    },
    gone: {
      title: "This browser deleted your data",
      words: "It’s only in the memory of this page. Keep the page open: link a second device now, or save a copy.",
    },
    writtenAgain: {
      title: "This browser deleted your data once",
      words: "Nodoor restored it, and nothing is lost. It can happen again when the disk is full. A second device or a backup helps then.",
    },
    privateWindow: {
      title: "This looks like a private window",
      words: "This device is gone when you close it. Link one that stays, or write down your 24 words.",
    },
    saveCopy: "Save a copy",
  },

  data: {
    export: "Export your data",
    exportWords:
      "One JSON file with your profile, contacts, chats and messages on this device, and what the server has about you. It isn’t encrypted. It includes your recovery key: whoever has the key can reset your account, and without it nobody can.",
    exportIt: "Save file",
    exported: "Saved. Keep it safe: anyone with this file can read it and reset your account.",
    notExported: "Couldn’t export your data.",

    archive: "Everything this server knows about you",
    archiveWords: <N>(origin: string, command: N): readonly (string | N)[] => [
      `This is the most that ${origin} could give an authority about you, in the same format and signed with the same key. The server makes it now. Check it with `,
      command,
      ". The letter says the same in plain words.",
    ],
    saveArchive: "Save archive",
    saveLetter: "Save letter",
    archived: "Saved. Keep it safe: anyone with this file can read it.",
    notArchived: "The server didn’t hand it out.",

    handle: "Your handle",
    erase: "Erase Nodoor from this browser",
    eraseWords:
      "Erases the keys and messages on this device, and tells nobody. Your account stays, and so does what the server has about you. If this is your only device, nobody can restore the account: not you, and not the operator.",
    eraseDeletedWords: "Erases your messages on this device. Nobody can restore them.",
    eraseAsk: "Erase…",
    eraseTitle: "Erase everything here?",
    eraseConfirm: "Type your handle to confirm. You can’t undo this.",
    eraseIt: "Erase from this browser",
    notErased: "Couldn’t erase it.",
  },

  deletion: {
    title: "Delete account",
    words: "Ends your account on all your devices. The server erases what it has about you. Your contacts see that you’re gone.",
    over: (handle: string): string => `@${handle} was deleted. You can read what is in this browser until you erase it below.`,
    ask: "Delete account…",
    confirmTitle: "Delete your account?",
    goes: "What is deleted",
    goesWords: (origin: string): string =>
      `Your name, e-mail address and IP addresses on ${origin}, your devices with their keys, and messages still waiting for them. You leave every chat.`,
    stays: "What stays",
    staysWords: (handle: string): string =>
      `The handle @${handle} stays taken, so nobody can pose as you. The public log keeps rows that look random and name nobody. Others keep their copies of your messages.`,
    confirm: "Type your handle to confirm. Nobody can undo this: not you, and not the operator.",
    delete: "Delete my account",
    failed: "Your account isn’t deleted yet.",
    doneTitle: "Your account was deleted",
    doneWords:
      "The server’s log shows it. Nothing is sent or received any more. Your messages are still in this browser. Keep them to read, or erase them too.",
    keep: "Keep them here",
  },

  about: {
    lead: "The people who run this server can’t read your messages. They can’t let anyone in without your devices noticing.",
    encrypted:
      "Your device encrypts each message for the devices of the people in the chat (MLS, RFC 9420, with post-quantum key exchange).",
    members: "Each member’s device checks every change to a group against its rules.",
    stored: "Everything stored in this browser is encrypted. The browser keeps the key in a form that can’t be copied out of it.",
    limits: "What it doesn’t protect against",
    page: "The server sends this web page each time you open it. It could send a changed one, and Nodoor can’t detect that yet. If you’re at high risk, use the command-line app.",
    computer: "Anyone who can use this computer as you can read what you can read.",
    metadata: "The server sees when your device connects and from which IP address, which devices a message goes to, and how large it is.",
    audit: "Nobody outside the project has audited Nodoor.",
    server: "Server",
    version: "Server version",
  },
}
