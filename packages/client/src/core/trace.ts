// Trace lines for debugging: what the parts of a device do, in numbers and in words of this file. They are written only on request, and
// cannot hold content, keys, or ids of people, chats or devices: a field of any other type does not compile.

import { type ErrorCode, WireError } from "@nodoor/wire"
import { ClientError, type ClientErrorCode, NetworkError } from "./client-error.ts"
import type { GroupRecord } from "./group-record.ts"
import { StoreError, type StoreErrorCode } from "./store-error.ts"

declare const literal: unique symbol
/** A word that stands in the source text. `wordOf` makes it. */
export type Word = string & { readonly [literal]: true }

/** Every line there is: area, event, fields. A new line begins here. */
interface Lines {
  readonly reading: {
    readonly status: { readonly status: "connecting" | "online" | "offline" | "refused" }
    readonly record: { readonly kind: GroupRecord["kind"]; readonly waits: boolean }
    /** A frame was taken in. */
    readonly frame: { readonly records: number; readonly tookMs: number }
    /** Another member asks to be let in again. */
    readonly rejoin: { readonly taken: boolean }
  }
  readonly outbox: {
    readonly prepare: { readonly kind: OutgoingWord; readonly attempts: number }
    readonly post: { readonly kind: OutgoingWord; readonly attempts: number }
    readonly failed: { readonly kind: OutgoingWord; readonly attempts: number; readonly why: Why }
  }
  readonly intake: {
    /** The own body came back. */
    readonly own: { readonly kind: GroupRecord["kind"] }
    /** The group cannot go on here: this device asks to be let in again. */
    readonly heals: { readonly reason: "commit" | "message" | "gap" | "copy" | "restored" }
    /** What was said of missed messages: how many were taken, or why not. */
    readonly missed: { readonly taken: number; readonly refused: MissedRefusal | "none" }
    readonly processed: { readonly kind: "application" | "proposal" | "commit"; readonly record: GroupRecord["kind"] }
  }
  readonly trust: {
    readonly look: { readonly ok: boolean; readonly failures: number; readonly nextMs: number }
  }
  readonly jobs: {
    readonly due: { readonly kind: Word; readonly tries: number; readonly lateMs: number }
    readonly ended: { readonly kind: Word; readonly end: "done" | "failed" | "again"; readonly tries: number }
  }
  readonly server: {
    readonly asked: { readonly caller: "nobody" | "device" | "member" | "operator"; readonly why: Why; readonly tookMs: number }
  }
  readonly store: {
    readonly commit: { readonly statements: number; readonly reads: number; readonly readsAfterWrites: number }
    readonly failed: { readonly statements: number; readonly reads: number; readonly readsAfterWrites: number; readonly why: Why }
  }
}

/** Why what somebody said of missed messages is not taken. */
export type MissedRefusal =
  | "malformed"
  | "not_asked"
  | "not_sealed"
  | "wrong_author"
  | "wrong_time"
  | "id_taken"
  | "order_taken"
  | "content"
  | "not_member"
  | "too_often"

type OutgoingWord = "create" | "commit" | "proposal" | "content" | "other"
/** `ok`: nothing failed. `other`: an error that has no code of these. */
type Why = "ok" | "network" | "other" | ErrorCode | ClientErrorCode | StoreErrorCode

/** A number, a yes or no, or one of some words; `never` for a text that may be anything. */
type Harmless<Field> = Field extends number | boolean | Word ? Field : string extends Field ? never : Field extends string ? Field : never
type AllHarmless<Table> = {
  [Area in keyof Table]: { [Event in keyof Table[Area]]: { [Name in keyof Table[Area][Event]]: Harmless<Table[Area][Event][Name]> } }
}
/** Does not compile as soon as a field of `Lines` could hold more than a number or a known word. */
type Checked<Table extends AllHarmless<Table>> = Table

export type TraceLines = Checked<Lines>
export type TraceArea = keyof TraceLines
export type TraceFields = Readonly<Record<string, number | boolean | string>>

export interface Trace {
  line<Area extends TraceArea, Event extends keyof TraceLines[Area]>(area: Area, event: Event, fields: TraceLines[Area][Event]): void
  /** A bug, or something that nobody foresaw, with its stack and its causes. */
  fault(error: unknown): void
}

export const noTrace: Trace = { line: () => undefined, fault: () => undefined }

export const traceAreas: readonly TraceArea[] = ["reading", "outbox", "intake", "trust", "jobs", "server", "store"]

/**
 * Writes the lines of these areas, and of `faults`. `areas`: their names with commas between; `all` for every one.
 * @throws RangeError for a name that is none
 */
export function traceOf(areas: string, write: (line: string) => void): Trace {
  const names = areas.split(",").filter((name) => name !== "")
  const known: readonly string[] = [...traceAreas, "faults", "all"]
  for (const name of names) if (!known.includes(name)) throw new RangeError(`No such area to trace. There are: ${known.join(", ")}.`)
  const wants = (area: string): boolean => names.includes(area) || names.includes("all")
  return {
    line: (area, event, fields) => {
      if (wants(area)) write(formatLine(area, String(event), fields as TraceFields))
    },
    fault: (error) => {
      if (wants("faults")) write(describe(error))
    },
  }
}

function formatLine(area: string, event: string, fields: TraceFields): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${harmless(value)}`)
  return [area, event, ...parts].join(" ")
}

/** What the types promise, once more: a cast lets nothing through. */
function harmless(value: unknown): string {
  if (typeof value === "boolean" || (typeof value === "number" && Math.abs(value) < 1e15)) return String(value)
  return typeof value === "string" && /^[a-z][a-z_-]{0,39}$/.test(value) ? value : "?"
}

function describe(error: unknown): string {
  const lines: string[] = []
  for (let cause = error, depth = 0; cause !== undefined && depth < 5; depth++) {
    const text = cause instanceof Error ? (cause.stack ?? `${cause.name}: ${cause.message}`) : `not an Error: ${typeof cause}`
    lines.push(depth === 0 ? text : `caused by ${text}`)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return lines.join("\n")
}

/** Accepts only a text that stands in the source. */
export function wordOf<const Text extends string>(text: string extends Text ? never : Text): Word {
  return text as string as Word
}

/** Why something failed, in a word. */
export function whyOf(error: unknown): Why {
  if (error instanceof NetworkError) return "network"
  return error instanceof WireError || error instanceof ClientError || error instanceof StoreError ? error.code : "other"
}
