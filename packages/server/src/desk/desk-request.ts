// A request as an operator writes it down: closed lists wherever there is a choice, bounds on everything else.

import * as v from "valibot"
import { ServerError } from "../server-error.ts"

export const instruments = [
  "court_order",
  "search_warrant",
  "production_order",
  "subpoena",
  "mutual_assistance",
  "emergency_request",
  "preservation_request",
  "other",
] as const
export type Instrument = (typeof instruments)[number]

/** What there is about an account (docs/disclosure.md). */
export const heldClasses = ["holder_name", "email", "ip_addresses", "created", "last_seen_day", "device_count"] as const
export type HeldClass = (typeof heldClasses)[number]

/** What is asked for and does not exist here, or exists as nothing that the desk hands over. */
export const impossibleClasses = ["content", "capability", "contacts"] as const
export type ImpossibleClass = (typeof impossibleClasses)[number]
export type SoughtClass = HeldClass | ImpossibleClass

export const outcomes = ["rejected", "challenged", "partial", "full", "withdrawn"] as const
export type Outcome = (typeof outcomes)[number]

/**
 * Classes that an instrument can reach at most: the desk's own rule, which may be stricter than the law of the place. Where somebody's
 * life is at stake, who and where must be enough; a preservation request asks to keep, not to hand over.
 */
export const allowedBy: Readonly<Record<Instrument, readonly HeldClass[]>> = {
  court_order: heldClasses,
  search_warrant: heldClasses,
  production_order: heldClasses,
  mutual_assistance: heldClasses,
  subpoena: ["holder_name", "email", "created", "last_seen_day", "device_count"],
  emergency_request: ["holder_name", "email", "ip_addresses", "last_seen_day"],
  preservation_request: [],
  other: [],
}

/** Accounts in one request; more need a reason, and no reason is enough for more than the second number. */
export const accountsWithoutReasonMax = 10
export const accountsMax = 500

const line = (maxCharacters: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(maxCharacters),
    v.regex(/^[^\p{Cc}\p{Cf}]*$/u, "a line without control characters"),
  )
const day = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD"),
  v.check((text) => new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text, "a day of the calendar"),
)
const countryNames = new Intl.DisplayNames("en", { type: "region", fallback: "none" })
const country = v.pipe(
  v.string(),
  v.regex(/^[A-Z]{2}$/, "two capital letters (ISO 3166-1)"),
  v.check((code) => countryNames.of(code) !== undefined, "a country of ISO 3166-1"),
)
/** A handle with its @, or 32 hexadecimal digits of an account id. */
const accountName = v.pipe(
  v.string(),
  v.regex(/^(?:@[a-z0-9._-]{3,32}|[0-9a-f]{32})$/, "@handle or 32 hexadecimal digits of an account id; no patterns"),
)

export interface DeskRequest {
  readonly authority: string
  /** ISO 3166-1, two letters. */
  readonly country: string
  readonly instrument: Instrument
  readonly legalBasis: string
  /** The authority's file number. */
  readonly reference: string
  /** UTC days. */
  readonly issued: string
  readonly received: string
  readonly classes: readonly SoughtClass[]
  readonly accounts: readonly string[]
  readonly bulkReason?: string
  /** The last day on which the user must not be told. */
  readonly gagUntil?: string
}

const schema: v.GenericSchema<unknown, DeskRequest> = v.strictObject({
  authority: line(200),
  country,
  instrument: v.picklist(instruments),
  legalBasis: line(300),
  reference: line(100),
  issued: day,
  received: day,
  classes: v.pipe(
    v.array(v.picklist([...heldClasses, ...impossibleClasses])),
    v.minLength(1),
    v.check((list) => new Set(list).size === list.length, "each class once"),
  ),
  accounts: v.pipe(
    v.array(accountName),
    v.minLength(1),
    v.maxLength(accountsMax, `at most ${accountsMax} accounts; a larger request is no request about named accounts`),
    v.check((list) => new Set(list).size === list.length, "each account once"),
  ),
  bulkReason: v.exactOptional(line(1000)),
  gagUntil: v.exactOptional(day),
})

/** Largest request file, in bytes: 500 accounts and texts with room. */
export const requestFileMaxBytes: number = 64 * 1024

/** @throws ServerError `desk_refused` naming the field and what it takes */
export function parseDeskRequest(text: string): DeskRequest {
  if (text.length > requestFileMaxBytes) throw refusedRequest(`the file is larger than ${requestFileMaxBytes} bytes`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refusedRequest("the file is not JSON")
  }
  const result = v.safeParse(schema, value)
  if (!result.success) {
    const [issue] = result.issues
    throw refusedRequest(`${v.getDotPath(issue) ?? "request"}: ${issue.message}`)
  }
  const request = result.output
  if (request.accounts.length > accountsWithoutReasonMax && request.bulkReason === undefined)
    throw refusedRequest(`bulkReason: more than ${accountsWithoutReasonMax} accounts need a written reason`)
  if (request.received < request.issued) throw refusedRequest("received: before it was issued")
  if (request.gagUntil !== undefined && request.gagUntil < request.received) throw refusedRequest("gagUntil: before the request came")
  return request
}

/** What of a request may be handed over, what the instrument does not reach, and what cannot be. */
export function scopeOf(request: Pick<DeskRequest, "instrument" | "classes">): {
  readonly granted: readonly HeldClass[]
  readonly beyond: readonly HeldClass[]
  readonly impossible: readonly ImpossibleClass[]
} {
  const isHeld = (name: SoughtClass): name is HeldClass => (heldClasses as readonly string[]).includes(name)
  const held = request.classes.filter(isHeld)
  const allowed = allowedBy[request.instrument]
  return {
    granted: held.filter((name) => allowed.includes(name)),
    beyond: held.filter((name) => !allowed.includes(name)),
    impossible: request.classes.filter((name): name is ImpossibleClass => !isHeld(name)),
  }
}

function refusedRequest(what: string): ServerError {
  return new ServerError("desk_refused", `The request cannot be taken: ${what}.`)
}
