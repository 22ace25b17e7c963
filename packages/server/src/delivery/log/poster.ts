// Who is told what became of an item.

import type { DeliveryCode } from "@nodoor/wire/delivery"

/** `ref` is the sender's own number. */
export interface Poster {
  placed(ref: number, order: number, hour: number): void
  committed(ref: number, place: { readonly order: number; readonly hour: number; readonly fanout: Uint8Array }): void
  done(ref: number): void
  refused(ref: number, code: DeliveryCode, detail?: { readonly epoch?: number; readonly retryAfterMs?: number }): void
}

/** When to come back after `unavailable`. */
export const busyMs = 1_000
