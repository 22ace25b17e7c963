// What a server publishes of lawful requests at /transparency.json, read with suspicion, and whether a day's slot stands in its public log.

import { KeylogError, alarmLevel, leafHash, parseLogEntry, verifyInclusion } from "@nodoor/keylog"
import { CliError } from "../cli-error.ts"
import type { OpenNetwork } from "../context.ts"
import { crypto, sameBytes } from "../kt/crypto.ts"
import { reach, readBounded } from "../kt/log-files.ts"
import type { CheckedLog } from "../kt/log-pin.ts"
import type { StaticLog } from "../kt/static-log.ts"

/** Three years of days, each with twenty notices, which is more than there can be. */
const reportMaxBytes: number = 32 * 1024 * 1024
const slotsMax = 2_000

export interface Slot {
  readonly day: string
  readonly slot: Uint8Array
  /** Where it should stand among the log's leaves; undefined while it waits. */
  readonly entry: number | undefined
  /** What it holds, once opened. */
  readonly opened: OpenedSlot | undefined
}

export interface OpenedSlot {
  readonly key: Uint8Array
  readonly body: Uint8Array
  /** What the body states; undefined if it is no body of ours. */
  readonly said: SlotBody | undefined
}

export interface SlotBody {
  readonly day: string
  readonly inventory: string
  /** Case and digest of the archive, of each notice. */
  readonly notices: readonly { readonly id: string; readonly export: string | null }[]
}

export interface PublicRecord {
  readonly origin: string
  readonly exportKey: string
  readonly inventorySha256: string
  readonly slots: readonly Slot[]
}

/** @throws CliError `log_unreachable` when there is none to be had, or something else in its place: then nothing was checked */
export async function fetchPublicRecord(server: URL, network: OpenNetwork): Promise<PublicRecord> {
  const url = new URL("/transparency.json", server)
  const response = await reach(url, network)
  if (response.status !== 200) throw new CliError("log_unreachable", `${url.href} was answered with ${response.status}.`)
  const bytes = await readBounded(response, reportMaxBytes)
  try {
    return readRecord(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown)
  } catch (error) {
    throw new CliError("log_unreachable", `${url.href} is not a transparency report.`, { next: "check the address", cause: error })
  }
}

/** `standing` says whether the slot is one of the log's; `why` in words when it is not, or when that could not be checked. */
export type Standing =
  | { readonly status: "passed" }
  | { readonly status: "failed"; readonly why: string }
  | { readonly status: "not checked"; readonly why: string }

/** Whether a slot opens to its body and is that day's entry under the log's checked head. */
export async function checkSlot(slot: Slot, log: StaticLog, { head }: CheckedLog, nowMs: number): Promise<Standing> {
  const { day, entry: index, opened } = slot
  if (opened === undefined) return { status: "not checked", why: `the slot of ${day} is not opened` }
  if (opened.said === undefined || opened.said.day !== day)
    return { status: "failed", why: `the slot of ${day} doesn't open to a statement of that day` }
  if (!sameBytes(crypto.hmacSha256(opened.key, opened.body), slot.slot))
    return { status: "failed", why: `the slot of ${day} was forged: its key and text don't match its 32 bytes` }
  const { size, root } = head.head
  if (index === undefined || index >= size) {
    // A day's entry is published within moments of being written; opened slots are a day old at least.
    const waiting = Date.parse(day) > nowMs - 2 * 86_400_000
    const why = `the log ends before the slot of ${day} (${size} entries)`
    return waiting ? { status: "not checked", why } : { status: "failed", why: `${why}: it was cut off, or never had it` }
  }
  return attempt(async () => {
    const bytes = await log.entry(index, size)
    const proof = await log.ask(size, (tree) => tree.inclusionProof(index))
    verifyInclusion(crypto, { index, leaf: leafHash(crypto, bytes), head: { size, root }, proof })
    const entry = parseLogEntry(bytes)
    const same = entry.kind === "notice" && entry.day === day && sameBytes(entry.slot, slot.slot)
    return same ? { status: "passed" } : { status: "failed", why: `entry ${index} of the log is not the slot of ${day}` }
  })
}

/** What could not be fetched was not checked; what was fetched and breaks a rule is wrong. */
export async function attempt(check: () => Promise<Standing>): Promise<Standing> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof KeylogError && alarmLevel(error.code) !== "unchecked")
      return { status: "failed", why: `the log failed a check (${error.code})` }
    if (error instanceof KeylogError) return { status: "not checked", why: `the log returned something else (${error.code})` }
    if (error instanceof CliError && (error.code === "log_unreachable" || error.code === "log_incomplete"))
      return { status: "not checked", why: error.message.replace(/\.$/, "") }
    if (error instanceof CliError && error.code !== "usage") return { status: "failed", why: error.message.replace(/\.$/, "") }
    throw error
  }
}

function readRecord(value: unknown): PublicRecord {
  const { format, origin, exportKey, inventorySha256, slots } = fields(value)
  need(format === "nodoor-transparency/v1" && Array.isArray(slots) && slots.length <= slotsMax)
  return {
    origin: text(origin),
    exportKey: text(exportKey),
    inventorySha256: text(inventorySha256),
    slots: (slots as readonly unknown[]).map(readSlot),
  }
}

function readSlot(value: unknown): Slot {
  const { day, slot, entry, key, body } = fields(value)
  need(entry === null || (Number.isSafeInteger(entry) && (entry as number) >= 0))
  const opened = key === null || body === null ? undefined : { key: base64(key), body: base64(body) }
  return {
    day: text(day),
    slot: base64(slot),
    entry: entry === null ? undefined : (entry as number),
    opened: opened && { ...opened, said: readBody(opened.body) },
  }
}

function readBody(bytes: Uint8Array): SlotBody | undefined {
  try {
    const { format, day, about, notices } = fields(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)))
    need(format === "nodoor-slot/v1" && Array.isArray(notices))
    const read = (notices as readonly unknown[]).map(fields).map(({ id, export: digest }) => {
      return { id: text(id), export: digest === null ? null : text(digest) }
    })
    return { day: text(day), inventory: text(fields(about)["inventory"]), notices: read }
  } catch {
    return undefined
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  need(typeof value === "object" && value !== null && !Array.isArray(value))
  return value as Record<string, unknown>
}

function text(value: unknown): string {
  need(typeof value === "string")
  return value as string
}

function base64(value: unknown): Uint8Array {
  const written = text(value)
  const bytes = new Uint8Array(Buffer.from(written, "base64"))
  need(Buffer.from(bytes).toString("base64") === written)
  return bytes
}

/** Thrown inside this file only, where it becomes a refusal. */
function need(holds: boolean): void {
  if (!holds) throw new CliError("log_unreachable", "This is not a transparency report.")
}
