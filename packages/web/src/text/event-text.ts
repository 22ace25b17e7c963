// The lines of a chat's history that nobody typed, as sentences.

import type { ChatEvent, GroupRules, Hex } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"

/** From the point of view of the account `own`: it is told by its id, because a name can say anything. */
export function eventText(event: ChatEvent, { name, own }: { readonly name: (accountId: Hex) => string; readonly own: Hex }): string {
  const who = (account: Hex): string => (account === own ? "You" : isolated(name(account)))
  const mid = (account: Hex): string => (account === own ? "you" : isolated(name(account)))
  switch (event.kind) {
    case "created":
      return `${who(event.by)} started this chat.`
    case "added":
      return `${who(event.by)} added ${list(event.accounts.map(mid))}.`
    case "removed":
      return `${who(event.by)} removed ${list(event.accounts.map(mid))}.`
    case "left":
      return `${who(event.account)} left.`
    case "renamed":
      return event.name === ""
        ? `${who(event.by)} took the group’s name away.`
        : `${who(event.by)} named the group “${isolated(event.name)}”.`
    case "role":
      return event.role === "admin"
        ? `${who(event.by)} made ${mid(event.account)} an admin.`
        : `${who(event.by)} took the admin role from ${mid(event.account)}.`
    case "rules":
      return `${who(event.by)} changed the rules: ${rulesText(event.rules)}.`
    case "identity_changed":
      return `The keys of ${mid(event.account)} changed. Compare safety numbers to be sure that it is still the same person.`
    case "device_added":
      return event.account === own ? "You added a device." : `${who(event.account)} added a device.`
    case "device_removed":
      return event.account === own ? "You removed a device." : `${who(event.account)} removed a device.`
    case "account_deleted":
      if (event.unproven === true)
        return `${who(event.account)} cannot be reached any more: the account has ended. The key log does not show any more who ended it.`
      return event.account === own ? "You deleted your account." : `${who(event.account)} deleted their account.`
    case "refused_commit":
      return `${who(event.by)} tried to change this group in a way its rules forbid. Your device refused it; nobody was let in.`
    case "history_mismatch":
      if (event.by !== undefined) {
        const claimant = event.by === own ? "Another device of yours" : `${who(event.by)}’s device`
        return `${claimant} says that the server showed it another history of this chat than here. Ask what they see.`
      }
      return `The server showed this chat’s history differently to different people. Ask the others what they see.`
  }
}

export function isWarning(event: ChatEvent): boolean {
  return event.kind === "identity_changed" || event.kind === "refused_commit" || event.kind === "history_mismatch"
}

function rulesText(rules: GroupRules): string {
  const may = (who: GroupRules["add"]): string => (who === "admins" ? "admins" : "everyone")
  return `${may(rules.add)} may add people, ${may(rules.rename)} may rename, ${may(rules.post)} may write`
}

export function list(names: readonly string[]): string {
  if (names.length <= 2) return names.join(" and ")
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}
