// A lawful request as an operator writes it down: closed lists wherever there is a choice, and what an instrument can reach. The desk
// checks it, the console's form shows it while it is filled in, both by these lists.

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

/** Longest texts of a request, in characters. */
export const requestTextMax = { authority: 200, legalBasis: 300, reference: 100, bulkReason: 1000 } as const

/**
 * Longest gag from the day a request came, or from the day on which it is extended, in days. So that nobody sets one for ever by a slip of the
 * pen or on purpose: whoever ordered it has to say once a year that it still holds, and every time is a line of the desk's log.
 */
export const gagDaysMax = 366

/** The last UTC day that a gag may reach from this one; both as YYYY-MM-DD. */
export function gagLastDay(from: string): string {
  return new Date(Date.parse(`${from}T00:00:00Z`) + gagDaysMax * 86_400_000).toISOString().slice(0, 10)
}

/** How a request names an account: a handle with its @, or 32 hexadecimal digits of an account id. */
export const accountNamePattern: RegExp = /^(?:@[a-z0-9._-]{3,32}|[0-9a-f]{32})$/

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
  /** The last day on which the user must not be told; at most `gagLastDay` of `received`. */
  readonly gagUntil?: string
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
