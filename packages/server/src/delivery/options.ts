import type { Rates } from "./rate-limit.ts"

/** What the operator decides about a server's delivery. */
export interface DeliveryOptions {
  /** `host` or `host:port`; every signature of this server's accounts is bound to it. */
  readonly origin: string
  readonly version: string
  readonly registration: "open" | "invite" | "closed"
  /** `domains`: lower case; empty takes any. */
  readonly email: { readonly mode: "none" | "optional" | "required"; readonly domains: readonly string[] }
  /** 0–90 days; 0 stores none. */
  readonly ipDays: number
  readonly mailboxDays: number
  readonly rates: Rates
}
