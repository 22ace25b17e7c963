import type { Rates } from "../route/rate-limit.ts"

/** What the operator decides about accounts, and what the server says of itself. */
export interface AccountServiceOptions {
  /** `host` or `host:port`; every signature of this server's accounts is bound to it. */
  readonly origin: string
  readonly version: string
  readonly registration: "open" | "invite" | "closed"
  /** `domains`: lower case; empty takes any. */
  readonly email: { readonly mode: "none" | "optional" | "required"; readonly domains: readonly string[] }
  /** 0–90 days; 0 stores none. */
  readonly ipDays: number
  /** How long a message waits for a device that does not fetch it: said to devices, and kept by the delivery service. */
  readonly messageDays: number
  /** After how many days without use an account is erased; 0 or absent: never. */
  readonly inactiveDays?: number
  /** Names of their own for the streams of the delivery service, `host` or `host:port`. */
  readonly readHost?: string | undefined
  readonly postHost?: string | undefined
  /** How many accounts there may be; 0 or absent: any number. */
  readonly accountsMax?: number
  readonly rates: Rates
}
