// What the process of a device and the world say to each other.

import type { ClientErrorCode, ClientEvent, Device, LinkView } from "@nodoor/client"

export interface Call {
  readonly id: number
  readonly method: Exclude<keyof Device, "subscribe">
  readonly given: readonly unknown[]
}

interface Refusal {
  readonly code: ClientErrorCode
  readonly message: string
}

export type Told =
  | { readonly kind: "ready" }
  | ({ readonly kind: "refused" } & Refusal)
  | { readonly kind: "hears"; readonly view: LinkView }
  | { readonly kind: "event"; readonly event: ClientEvent }
  | { readonly kind: "answer"; readonly id: number; readonly value?: unknown; readonly refusal?: Refusal }
