// An archive against what its server has published: the key that signed it, the inventory it was cut from, and the notice of its case. Each
// check says passed, failed, or why it was not made; nothing that was not done is called passed.

import { CliError } from "../cli-error.ts"
import type { OpenNetwork } from "../context.ts"
import { logFiles } from "../kt/log-files.ts"
import { type CheckedLog, checkLog, pinText } from "../kt/log-pin.ts"
import { StaticLog } from "../kt/static-log.ts"
import type { Disclosure } from "./disclosure-check.ts"
import { type PublicRecord, type Slot, type Standing, attempt, checkSlot, fetchPublicRecord } from "./public-record.ts"

export type DisclosureCheck = Standing & {
  readonly check: "signing key" | "log" | "inventory" | "case"
  /** What was found, when it passed. */
  readonly found?: string
}

const checks = ["signing key", "log", "inventory", "case"] as const

/** The same words for every check that could not begin. */
export function uncheckedAll(why: string): readonly DisclosureCheck[] {
  return checks.map((check) => ({ check, status: "not checked", why }))
}

/** Where the archive's server should be: its origin, over TLS unless it is this machine. @throws CliError `usage` if it is no host */
export function serverOf(origin: string): string {
  if (!/^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(?::\d{1,5})?$/.test(origin))
    throw new CliError("usage", "The archive doesn't name a server to ask.", { next: "--server URL, or --offline" })
  const local = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/.test(origin)
  return `${local ? "http" : "https"}://${origin}/`
}

/** @throws CliError `usage` for an address that is none */
export async function checkAgainstServer(
  archive: Disclosure,
  {
    server,
    pin,
    nowMs,
    network,
  }: { readonly server: string; readonly pin: string | undefined; readonly nowMs: number; readonly network: OpenNetwork },
): Promise<readonly DisclosureCheck[]> {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw new CliError("usage", "--server needs an address such as https://chat.example.org.")
  let record: PublicRecord
  try {
    record = await fetchPublicRecord(url, network)
  } catch (error) {
    if (error instanceof CliError && error.code === "log_unreachable") return uncheckedAll(error.message.replace(/\.$/, ""))
    throw error
  }
  const log = new StaticLog(logFiles(url.origin, network))
  const { checked, standing } = await checkedLog(archive, log, { pin, nowMs })
  const isLogged = slotChecker(log, checked, standing, nowMs)
  return [
    { check: "signing key", ...signingKey(archive, record) },
    { check: "log", ...standing },
    { check: "inventory", ...(await inventory(archive, record, isLogged)) },
    { check: "case", ...(await caseNotice(archive, record, isLogged)) },
  ]
}

type Found = Standing & { readonly found?: string }

function signingKey(archive: Disclosure, record: PublicRecord): Found {
  if (record.origin !== archive.origin)
    return { status: "failed", why: `this is the server ${record.origin}, and the archive is of ${archive.origin}` }
  return record.exportKey === archive.key
    ? { status: "passed", found: "the server names this key" }
    : { status: "failed", why: "the server names a different key for its archives" }
}

/** The log's head with every check that a device makes, for the archive's own server. */
async function checkedLog(
  archive: Disclosure,
  log: StaticLog,
  { pin, nowMs }: { readonly pin: string | undefined; readonly nowMs: number },
): Promise<{ readonly checked: CheckedLog | undefined; readonly standing: Found }> {
  let checked: CheckedLog | undefined
  const standing = await attempt(async () => {
    const found = await checkLog(log, { expectedPin: pin, nowMs })
    const { origin } = found.pin
    if (origin.replace(/\/kt\/\d+$/, "") !== archive.origin) return { status: "failed", why: `this is the log of ${origin}` }
    checked = found
    return { status: "passed" }
  })
  if (checked === undefined) return { checked, standing }
  const { head, statement } = checked.head
  const witnessed = statement.tier === "solo" ? "not independently witnessed" : "witnessed"
  return { checked, standing: { ...standing, found: `${head.size} entries, ${witnessed}, pin ${pinText(checked.pin)}` } }
}

/** Remembers what it found of a slot, as one slot answers two questions. */
function slotChecker(
  log: StaticLog,
  checked: CheckedLog | undefined,
  logCheck: Standing,
  nowMs: number,
): (slot: Slot) => Promise<Standing> {
  const known = new Map<Slot, Promise<Standing>>()
  const check = async (slot: Slot): Promise<Standing> => {
    if (checked !== undefined) return checkSlot(slot, log, checked, nowMs)
    const why = logCheck.status === "failed" ? "the log failed its check" : "the log could not be checked"
    return { status: "not checked", why }
  }
  return (slot) => {
    const standing = known.get(slot) ?? check(slot)
    known.set(slot, standing)
    return standing
  }
}

/** Some slot of the log states exactly this inventory, be it the present one or that of another version. */
async function inventory(archive: Disclosure, record: PublicRecord, isLogged: (slot: Slot) => Promise<Standing>): Promise<Found> {
  const stated = (hash: string): readonly Slot[] => record.slots.filter(({ opened }) => opened?.said?.inventory === hash)
  const found = await best(stated(archive.inventorySha256), isLogged)
  if (found !== undefined)
    return found.standing.status === "passed" ? { status: "passed", found: `stated in the log on ${found.slot.day}` } : found.standing
  if (record.inventorySha256 === archive.inventorySha256)
    return { status: "not checked", why: "the server says that it has this inventory, but no opened slot of the log states it yet" }
  // While the present inventory is not stated either, the server was upgraded within the last days, and slots are still to be opened.
  if (stated(record.inventorySha256).length === 0)
    return {
      status: "not checked",
      why: "no opened slot states this inventory or the current one; the slots of the last days are still closed",
    }
  return { status: "failed", why: "no opened slot of the log states this inventory, and the server has a different one" }
}

/** The notice with the archive's case number names exactly this file. */
async function caseNotice(archive: Disclosure, record: PublicRecord, isLogged: (slot: Slot) => Promise<Standing>): Promise<Found> {
  const { caseId } = archive
  if (caseId === undefined) return { status: "not checked", why: "a person's own record has no case" }
  const noticesOf = ({ opened }: Slot): readonly { readonly export: string | null }[] =>
    (opened?.said?.notices ?? []).filter(({ id }) => id === caseId)
  const holding = record.slots.filter((slot) => noticesOf(slot).length > 0).slice(0, slotsTried)
  const found = await best(holding, isLogged)
  if (found === undefined) {
    const why = `no opened slot holds a notice of case ${caseId}: it has not been opened yet, is under a gag, or was never written`
    return { status: "not checked", why }
  }
  if (found.standing.status !== "passed") return found.standing
  // A case has one notice. Two that say different things are not made good by one of them.
  for (const slot of holding) {
    if ((await isLogged(slot)).status !== "passed") continue
    const digest = noticesOf(slot).find((notice) => notice.export !== archive.sha256)?.export
    if (digest === null) return { status: "failed", why: `the notice of case ${caseId} says that nothing was handed over` }
    if (digest !== undefined) return { status: "failed", why: `the notice of case ${caseId} names a different archive` }
  }
  return { status: "passed", found: `case ${caseId}, in the log on ${found.slot.day}` }
}

/** The first of the slots that stands in the log; else one that failed, else one that was not checked; undefined if there are none. */
async function best(
  slots: readonly Slot[],
  isLogged: (slot: Slot) => Promise<Standing>,
): Promise<{ readonly slot: Slot; readonly standing: Standing } | undefined> {
  let worst: { readonly slot: Slot; readonly standing: Standing } | undefined
  for (const slot of slots.slice(0, slotsTried)) {
    const standing = await isLogged(slot)
    if (standing.status === "passed") return { slot, standing }
    if (worst === undefined || (standing.status === "failed" && worst.standing.status !== "failed")) worst = { slot, standing }
  }
  return worst
}

/** A statement stands in few slots; a server that shows many of them is not followed without end. */
const slotsTried = 20
