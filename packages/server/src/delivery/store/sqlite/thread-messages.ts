// What the service's thread and the thread that owns the files say to each other. Each message of the service is answered once, in order.

import type { Failure } from "../../../core/failure.ts"
import type { DeliveryOperation } from "../delivery-store.ts"

export type ToStoreThread =
  /** The batch's memory moves to the thread and comes back with the answer. */
  | { readonly type: "write"; readonly memory: ArrayBuffer; readonly size: number }
  | { readonly type: "call"; readonly name: Exclude<DeliveryOperation, "write">; readonly input: unknown }
  | { readonly type: "close" }

export type FromStoreThread =
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "written"; readonly memory: ArrayBuffer; readonly durationMs: number }
  | { readonly type: "value"; readonly value: unknown }
  | {
      readonly type: "refused"
      readonly code: "internal" | "unavailable"
      readonly cause: string
      /** Of a batch. */
      readonly memory: ArrayBuffer | undefined
    }
  | { readonly type: "closed" }
  /** Not an answer: a segment is about to be taken over, and whatever has been acknowledged by then need not be moved. */
  | { readonly type: "segmentFull" }
  | { readonly type: "event"; readonly event: string }

export interface StoreThreadData {
  readonly path: string
  readonly segments: string
  readonly segmentBytes: number | undefined
  /** A segment is taken over when it is so old. */
  readonly segmentMs: number
}
