// The closed lists of the protocol in plain words.

import type { ImpossibleClass, Instrument, OperatorRole, Outcome, SoughtClass } from "@nodoor/wire/operator"

export const roleWords: Readonly<Record<OperatorRole, { readonly name: string; readonly does: string }>> = {
  owner: { name: "Owner", does: "may do everything here, and decides who else may act." },
  operator: { name: "Operator", does: "handles cases, accounts and invites." },
  reviewer: { name: "Reviewer", does: "looks at everything here, and approves cases." },
}

export const instrumentWords: Readonly<Record<Instrument, string>> = {
  court_order: "Court order",
  search_warrant: "Search warrant",
  production_order: "Production order",
  subpoena: "Subpoena",
  mutual_assistance: "Mutual legal assistance",
  emergency_request: "Emergency request: a life is at stake",
  preservation_request: "Preservation request: keep, do not hand over yet",
  other: "Something else: a letter, a phone call, a request without a legal instrument",
}

export const classWords: Readonly<Record<SoughtClass, string>> = {
  holder_name: "Name of the account holder",
  email: "E-mail address",
  ip_addresses: "IP addresses used, each with its first and last time",
  created: "When the account was made",
  last_seen_day: "The day it was last seen",
  device_count: "Number of devices",
  content: "Content of messages, files or calls",
  capability: "A way to read along: a key, a hidden device, a changed app",
  contacts: "Contacts, groups, who talks to whom",
}

/** Why a class cannot be handed over; the archive says it with the account's own facts. */
export const impossibleWords: Readonly<Record<ImpossibleClass, string>> = {
  content: "It exists on people’s devices only. What passes here is encrypted for them and erased once fetched.",
  capability: "No key lies here, and no device can be added unseen: a new one needs a signature by one of the person’s own devices.",
  contacts: "There is no address book here and no list of whom an account talks to.",
}

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  rejected: "Refused",
  challenged: "Challenged",
  partial: "Handed over in part",
  full: "Handed over",
  withdrawn: "Withdrawn",
}

export function instrumentName(instrument: string): string {
  return (known(instrumentWords, instrument) ?? plain(instrument)).split(":")[0] ?? ""
}

export function className(name: string): string {
  return known(classWords, name) ?? plain(name)
}

export function outcomeName(outcome: string): string {
  return known(outcomeWords, outcome) ?? plain(outcome)
}

export function impossibleReason(name: string): string | undefined {
  return known(impossibleWords, name)
}

function known(words: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined
}

function plain(name: string): string {
  return sentence(name.replaceAll("_", " "))
}

/** The same words, beginning with a capital letter. */
export function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
