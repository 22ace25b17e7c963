// What the operator told about a request, in plain words. The operator's own texts come to the page as parts, never inside our sentences'
// grammar, so that they can be set apart from ours.

import type { OperatorNoticeView } from "@nodoor/client"

export type NoticeClass = OperatorNoticeView["sought"][number]

const classWords: Readonly<Record<NoticeClass, string>> = {
  holder_name: "your name",
  email: "your e-mail address",
  ip_addresses: "your IP addresses",
  created: "when your account was made",
  last_seen_day: "the day you were last here",
  device_count: "how many devices you have",
  content: "your messages",
  capability: "a way to read your messages",
  contacts: "your contacts and groups",
}

const instrumentWords: Readonly<Record<OperatorNoticeView["instrument"], string>> = {
  court_order: "a court order",
  search_warrant: "a search warrant",
  production_order: "a production order",
  subpoena: "a subpoena",
  mutual_assistance: "a request for legal assistance from abroad",
  emergency_request: "an emergency request",
  preservation_request: "a request to keep data",
  other: "another kind of request",
}

const outcomeWords: Readonly<Record<OperatorNoticeView["outcome"], string>> = {
  rejected: "Rejected",
  challenged: "Challenged in court",
  partial: "Partly complied with",
  full: "Complied with",
}

export interface NoticeWords {
  readonly by: string
  readonly soughtFor: string
  readonly handedOver: string
  /** Asked for and refused because nobody can hand it over. */
  readonly impossible: string | undefined
  /** Asked for and not handed over, though it exists. */
  readonly kept: string | undefined
  readonly outcome: string
  readonly country: string
}

const countries = new Intl.DisplayNames("en", { type: "region", fallback: "code" })

export function noticeWords({ instrument, sought, disclosed, impossible, outcome, country }: OperatorNoticeView): NoticeWords {
  const answered: readonly NoticeClass[] = [...disclosed, ...impossible]
  const kept = sought.filter((name) => !answered.includes(name))
  return {
    by: instrumentWords[instrument],
    soughtFor: listed(sought),
    handedOver: listed(disclosed),
    impossible: impossible.length === 0 ? undefined : listed(impossible),
    kept: kept.length === 0 ? undefined : listed(kept),
    outcome: outcomeWords[outcome],
    country: countries.of(country) ?? country,
  }
}

const list = new Intl.ListFormat("en-GB", { type: "conjunction" })

function listed(names: readonly NoticeClass[]): string {
  return names.length === 0 ? "nothing" : list.format(names.map((name) => classWords[name]))
}
