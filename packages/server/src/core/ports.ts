// What the server's core is given instead of reaching for it, so that a simulation controls time and randomness.

export interface Clock {
  /** Unix time in milliseconds. May go backwards when the machine's clock is set. */
  nowMs(): number
}

/** Cryptographically secure random bytes, fresh on every call. */
export type Random = (sizeBytes: number) => Uint8Array

/** Runs the function once, after everything the present turn of the event loop still has to do. Several calls run in order. */
export type Turn = (run: () => void) => void

/** Runs the function once, that many milliseconds from now, unless what it answers is called before. */
export type Timer = (afterMs: number, run: () => void) => () => void

/** Sends one message with a code to an address. Rejects with ServerError `mail_failed`. */
export interface Mailer {
  sendCode(message: { readonly to: string; readonly code: string; readonly origin: string }): Promise<void>
}

/** Counts and sizes only; labels come from closed lists and name no person, group or address. */
export interface Meter {
  answered(route: string, code: string, durationMs: number): void
  stored(input: { readonly operations: number; readonly durationMs: number }): void
  streams(open: number): void
  delivered(records: number): void
}

/** Counts of the delivery service; nothing of a group or a seat. */
export interface DeliveryMeter {
  streams(open: { readonly reading: number; readonly posting: number }): void
  placed(bodies: number): void
  delivered(records: number): void
  /** Groups in memory, and bodies on their way to the disk. */
  held(now: { readonly groups: number; readonly waiting: number }): void
}

/** Counts and sizes of the log; nothing of a person. */
export interface LogMeter {
  /** `lag`: account states that wait to be logged. */
  logged(input: { readonly size: number; readonly keyCount: number; readonly waiting: number; readonly mapBytes: number }): void
  published(input: { readonly atMs: number; readonly witnesses: number; readonly buildMs: number; readonly publishMs: number }): void
  /** The time that the published epoch states. */
  epoch(timeMs: number): void
  /** 1 while nothing may be signed. */
  refused(refused: boolean): void
}

/** The facts that a line of the log may hold, besides its level, time and event. A new one must be added to the inventory. */
export const logFacts = ["at", "auditor", "cause", "code", "kind", "operation", "reason", "status", "witness"] as const
export type LogFact = (typeof logFacts)[number]

/** One line of the log: an event from a closed list and facts about it that name no person, group or address. */
export type Log = (
  level: "info" | "warn" | "error",
  event: string,
  facts?: Readonly<Partial<Record<LogFact, string | number | boolean>>>,
) => void
