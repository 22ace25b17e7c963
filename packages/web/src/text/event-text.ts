// The lines of a chat's history that nobody typed, as sentences.

import type { ChatEvent, Hex } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { t } from "./catalogue.ts"

/** From the point of view of the account `own`. It is recognised by its id, because a name can say anything. */
export function eventText(
  event: ChatEvent,
  {
    name,
    own,
    when = String,
  }: { readonly name: (accountId: Hex) => string; readonly own: Hex; readonly when?: (timeMs: number) => string },
): string {
  const person = (account: Hex): string | undefined => (account === own ? undefined : isolated(name(account)))
  switch (event.kind) {
    case "created":
      return t.events.created(person(event.by))
    case "added":
      return t.events.added(person(event.by), event.accounts.map(person))
    case "removed":
      return t.events.removed(person(event.by), event.accounts.map(person))
    case "left":
      return t.events.left(person(event.account))
    case "renamed":
      return event.name === "" ? t.events.unnamed(person(event.by)) : t.events.named(person(event.by), isolated(event.name))
    case "role":
      return event.role === "admin"
        ? t.events.madeAdmin(person(event.by), person(event.account))
        : t.events.removedAdmin(person(event.by), person(event.account))
    case "rules":
      return t.events.rules(person(event.by), event.rules)
    case "history_sharing":
      return t.events.historySharing(person(event.by), event.history)
    case "history_shared":
      return t.events.historyShared(person(event.by), event.accounts.map(person), event.count)
    case "identity_changed":
      return t.events.keysChanged(person(event.account))
    case "device_added":
      return t.events.deviceAdded(person(event.account))
    case "device_removed":
      return t.events.deviceRemoved(person(event.account))
    case "account_deleted":
      return event.unproven === true ? t.events.accountEnded(person(event.account)) : t.events.accountDeleted(person(event.account))
    case "refused_commit":
      return event.goesOn === true ? t.events.goesOn(person(event.by)) : t.events.changeRefused(person(event.by))
    case "missed":
      return t.events.missed(when(event.fromMs), when(event.untilMs), event.why)
    case "place_lost":
      return t.events.placeLost
    case "history_mismatch":
      return event.by === undefined ? t.events.historyDiffers : t.events.historyClaimed(person(event.by))
  }
}

export function isWarning(event: ChatEvent): boolean {
  return event.kind === "identity_changed" || event.kind === "refused_commit" || event.kind === "history_mismatch"
}
