// The classes of a request in words for public documents.

import type { SoughtClass } from "./desk-request.ts"

const labels: Readonly<Record<SoughtClass, string>> = {
  holder_name: "name of the account holder",
  email: "e-mail address",
  created: "time of registration",
  last_seen_day: "four weeks of the last use",
  ip_addresses: "IP addresses",
  device_count: "number of devices",
  content: "content of messages",
  capability: "a way to read messages",
  contacts: "contacts, and who talks to whom",
}

/** A name that is none of ours, such as one in an old notice, is shown as it is. */
export function classLabel(name: string): string {
  return Object.hasOwn(labels, name) ? labels[name as SoughtClass] : name.replaceAll("_", " ")
}
