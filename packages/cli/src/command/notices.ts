// What the operator told about requests of authorities that named this account.

import type { Device, OperatorNoticeView } from "@nodoor/client"
import { type Command, buildCommand } from "@stricli/core"
import { type CliContext, withSyncedDevice } from "../context.ts"
import { harmlessLine, jsonLine } from "../terminal.ts"
import { json } from "./flags.ts"

export const notices: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: {
    brief: "Show requests from authorities that named this account",
    fullDescription:
      "These are the operator's own statements, fetched daily and kept on this device. Nobody else vouches for them. Printing them marks them as read. " +
      "You are told when a case ends, or after a gag order. You can look up each case by its number at the server's /transparency.",
  },
  parameters: { flags: { json } },
  func(flags) {
    return withSyncedDevice(this, async (device) => {
      const { serverUrl } = await device.account()
      const told = await device.operatorNotices()
      for (const notice of told) {
        await this.terminal.print(flags.json ? jsonLine(notice) : inWords(notice))
        if (notice.acknowledgedAtMs === undefined) await device.acknowledgeOperatorNotice(notice.id)
      }
      if (told.length === 0) this.terminal.talk("No requests have named this account, as far as the operator has said.")
      else this.terminal.talk(`Public record: ${new URL("/transparency", serverUrl).href}`)
    })
  },
})

/** A line that says that there is something to read. */
export async function sayUnreadNotices({ terminal }: CliContext, device: Device): Promise<void> {
  const unread = (await device.operatorNotices()).filter(({ acknowledgedAtMs }) => acknowledgedAtMs === undefined)
  const [first] = unread
  if (first === undefined) return
  const requests = unread.length === 1 ? "a request" : `${unread.length} requests`
  terminal.talk(
    `The operator of ${harmlessLine(first.origin)} says: ${requests} from authorities named your account.\n  next: nodoor notices`,
  )
}

function inWords(notice: OperatorNoticeView): string {
  const { caseId, origin, authority, country, instrument, legalBasis, reference, received, closed, gagUntil, outcome } = notice
  const { sought, disclosed, impossible } = notice
  const kept = sought.filter((name) => ![...disclosed, ...impossible].some((other) => other === name))
  const lines = [
    `case ${caseId}${notice.acknowledgedAtMs === undefined ? "  (new)" : ""}  The operator of ${harmlessLine(origin)} says:`,
    `${received}: ${harmlessLine(authority)} (${country}) asked by ${instrument.replaceAll("_", " ")} for ${listed(sought)}.`,
    `Handed over: ${listed(disclosed)}.`,
    ...(impossible.length === 0 ? [] : [`Not handed over, because it is impossible: ${listed(impossible)}.`]),
    ...(kept.length === 0 ? [] : [`Not handed over: ${listed(kept)}.`]),
    `Legal basis: ${harmlessLine(legalBasis)}. Reference: ${harmlessLine(reference)}.`,
    `Closed on ${closed}: ${outcome}.${gagUntil === undefined ? "" : ` A gag order kept the operator from telling you until ${gagUntil}.`}`,
  ]
  return lines.join("\n    ")
}

const classWords: Readonly<Record<OperatorNoticeView["sought"][number], string>> = {
  holder_name: "the name of the account holder",
  email: "the e-mail address",
  ip_addresses: "IP addresses",
  created: "when the account was created",
  last_seen_day: "the four weeks in which it was last used",
  device_count: "how many devices it has",
  content: "messages",
  capability: "a way to read messages",
  contacts: "contacts, and who talks to whom",
}

function listed(names: readonly (keyof typeof classWords)[]): string {
  return names.length === 0 ? "nothing" : names.map((name) => classWords[name]).join(", ")
}
