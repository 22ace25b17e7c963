// The lines of a chat's history that nobody typed. An undefined name is the reader.

import { counted, listed } from "./amounts.ts"

type Person = string | undefined

const subject = (person: Person): string => person ?? "You"
const object = (person: Person): string => person ?? "you"
const may = (who: "everyone" | "admins"): string => (who === "admins" ? "only admins" : "everyone")

/** What new members of a group see of what was written before. */
function earlier(history: { readonly messages: number } | { readonly days: number }): string {
  return "messages" in history ? `the last ${counted(history.messages, "message")}` : `messages of the last ${counted(history.days, "day")}`
}

const missedBecause = {
  retention: "This device was away for longer than the server keeps messages.",
  copy: "This device’s data was put back from an older copy.",
  keys: "This device couldn’t read this chat for a while.",
} as const

export const events = {
  created: (by: Person): string => `${subject(by)} started this chat.`,
  added: (by: Person, people: readonly Person[]): string => `${subject(by)} added ${listed(people.map(object))}.`,
  removed: (by: Person, people: readonly Person[]): string => `${subject(by)} removed ${listed(people.map(object))}.`,
  left: (who: Person): string => `${subject(who)} left.`,
  named: (by: Person, name: string): string => `${subject(by)} named the group “${name}”.`,
  unnamed: (by: Person): string => `${subject(by)} removed the group’s name.`,
  madeAdmin: (by: Person, who: Person): string => `${subject(by)} made ${object(who)} an admin.`,
  removedAdmin: (by: Person, who: Person): string => `${subject(by)} removed ${object(who)} as an admin.`,
  rules: (
    by: Person,
    rules: { readonly add: "everyone" | "admins"; readonly rename: "everyone" | "admins"; readonly post: "everyone" | "admins" },
  ): string =>
    `${subject(by)} changed the rules: ${may(rules.add)} can add people, ${may(rules.rename)} can rename the group, ${may(rules.post)} can write.`,

  historySharing: (by: Person, history: { readonly messages: number } | { readonly days: number } | null): string =>
    history === null
      ? `${subject(by)} turned off earlier messages for new members.`
      : `${subject(by)} chose what new members see: ${earlier(history)}. Whoever adds them sends it.`,
  historyShared: (by: Person, people: readonly Person[], count: number): string =>
    `${subject(by)} sent ${counted(count, "earlier message")} to ${listed(people.map(object))}.`,

  keysChanged: (who: Person): string =>
    `${who === undefined ? "Your" : `${who}’s`} keys changed. Compare safety numbers to make sure it’s still the same person.`,
  deviceAdded: (who: Person): string => `${subject(who)} added a device.`,
  deviceRemoved: (who: Person): string => `${subject(who)} removed a device.`,
  accountDeleted: (who: Person): string => `${subject(who)} deleted ${who === undefined ? "your" : "their"} account.`,
  accountEnded: (who: Person): string =>
    `${subject(who)} can’t be reached any more: the account has ended. The key log no longer shows who ended it.`,
  changeRefused: (by: Person): string =>
    `${subject(by)} tried to change this group against its rules. Your device refused the change. Nobody was let in.`,
  goesOn: (by: Person): string =>
    `${by === undefined ? "One of your devices" : `${by}’s device`} broke the rules of this chat with a change. Everybody refused it. The chat goes on without that device.`,
  missed: (from: string, until: string, why: "retention" | "copy" | "keys"): string =>
    `${missedBecause[why]} It has asked for what was written here between ${from} and ${until}, and some of it may still be missing.`,
  placeLost:
    "This device has no place in this chat any more: it was taken out, or the chat has ended, while it was away. Somebody in it can add you again.",
  historyClaimed: (by: Person): string =>
    `${by === undefined ? "Another of your devices" : `${by}’s device`} says the server showed it a different history of this chat. Ask what they see.`,
  historyDiffers: "The server showed people in this chat different histories. Ask the others what they see.",
}
