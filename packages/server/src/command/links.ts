// Links that commands print.

import { isLoopbackOrigin } from "../core/address.ts"

/** A server on one's own machine speaks plain HTTP; every other one stands behind TLS. */
export function baseOf(origin: string): string {
  return `${isLoopbackOrigin(origin) ? "http" : "https"}://${origin}`
}

export function inviteLink(base: string, code: string): string {
  return `${base}/i/${code}`
}
