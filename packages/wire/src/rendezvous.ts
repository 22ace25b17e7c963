// The meeting place of two devices that are being linked: sealed messages in numbered slots, in the server's memory for some minutes. Whoever
// knows the id of 16 random bytes may write and take; nobody is named.

import * as v from "valibot"
import { hashBytes, idBytes, limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { type Schema, boundedBytes, count, fixedBytes } from "./schema.ts"

const slot: Schema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(limits.rendezvousSlots - 1))

/** Each slot is written once. The same again is no error. @throws WireError `rendezvous_used` for other bytes */
export const putRendezvous: Route<
  { readonly id: Uint8Array; readonly slot: number; readonly sealed: Uint8Array },
  Record<string, never>
> = {
  path: "/v1/rendezvous/put",
  caller: "nobody",
  request: v.strictObject({ id: fixedBytes(idBytes), slot, sealed: boundedBytes(limits.rendezvousBytes) }),
  answer: v.strictObject({}) as Schema<Record<string, never>>,
  maxRequestBytes: limits.rendezvousBytes + 128,
  maxAnswerBytes: 16,
}

/**
 * Waits up to `waitMs` for what is written to the slot; without `sealed` nothing was. Each slot is taken once: `taker` is random, and the same
 * taker may ask again when an answer was lost. @throws WireError `rendezvous_used` for another taker
 */
export const takeRendezvous: Route<
  { readonly id: Uint8Array; readonly slot: number; readonly taker: Uint8Array; readonly waitMs: number },
  { readonly sealed?: Uint8Array | undefined }
> = {
  path: "/v1/rendezvous/take",
  caller: "nobody",
  request: v.strictObject({ id: fixedBytes(idBytes), slot, taker: fixedBytes(hashBytes), waitMs: count }),
  answer: v.strictObject({ sealed: v.exactOptional(boundedBytes(limits.rendezvousBytes)) }),
  maxRequestBytes: 256,
  maxAnswerBytes: limits.rendezvousBytes + 128,
}
