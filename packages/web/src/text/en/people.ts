// People and groups: finding them, their sheets, and what a group's rules are.

import { counted, numeral } from "./amounts.ts"

export const people = {
  count: (n: number): string => counted(n, "person", "people"),
  handle: "Handle",
  exampleHandle: "alice",

  find: {
    handleForm: "A handle has 3 to 32 lowercase letters, digits, dots, dashes or underscores, like @alice.",
    invite: "This link is an invite for someone new. You already have an account. Ask for their handle instead.",
    elsewhere: (host: string, ownHost: string): string =>
      `This link is for another server, ${host}. You can’t write to people there from ${ownHost}.`,
    nobody: (handle: string): string => `Nobody on this server has the handle @${handle}.`,
    yourself: "That’s you.",
  },

  contact: {
    title: "Contact",
    member: "Member",
    notLoaded: "Couldn’t load this person",
    onServer: (origin: string): string => ` on ${origin}`,
    message: "Message",
    notOpened: "Couldn’t open the chat.",
    devices: (n: number): string => `${counted(n, "device")}. One of them must sign every new device, and your device checks that.`,
  },

  group: {
    title: "Group",
    addPeople: "Add people",
    add: (n: number): string => (n > 1 ? `Add ${n} people` : "Add"),
    nobodyAdded: "Nobody was added.",
    notIn: "Has not come in yet",
    addAgain: (name: string): string => `Add ${name} again`,
    admin: "Admin",
    makeAdmin: "Make admin",
    removeAdmin: "Remove as admin",
    roleNotChanged: "Couldn’t change the role.",
    remove: "Remove from group…",
    removal: {
      title: (name: string): string => `Remove ${name}?`,
      words: "They keep what they’ve read, but can’t read anything sent from now on. Everyone in the group sees that you removed them.",
      confirm: "Remove",
      failed: (name: string): string => `Couldn’t remove ${name}.`,
    },
    rename: "Rename group",
    renameIt: "Rename",
    notRenamed: "Couldn’t rename the group.",
    name: "Group name",
    nameSeenBy: "Only people in the group see it. The server doesn’t.",
    create: "New group",
    createIt: (n: number): string => (n === 0 ? "Create group" : `Create group with ${counted(n, "person", "people")}`),
    notCreated: "Couldn’t create the group.",
    yourself: "That’s you. You’re in the group anyway.",
    alreadyIn: "They’re already in this group.",
    addHandle: "Add this handle",
  },

  rules: {
    title: "Rules",
    fixed: "set by admins",
    everyone: "Everyone",
    admins: "Admins",
    add: "Who can add people",
    rename: "Who can rename the group",
    post: "Who can write",
    history: "What new members see of earlier messages",
    historyOff: "Nothing",
    historyOf: (history: { readonly messages: number } | { readonly days: number }): string =>
      "messages" in history ? `Last ${numeral(history.messages)}` : `Last ${counted(history.days, "day")}`,
    historyNote: "Whoever adds people sends it to them, under their own name.",
    note: "Every member’s device checks changes against these rules. The server can’t bend them.",
    notChanged: "Couldn’t change the rules.",
  },
}
