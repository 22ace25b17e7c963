// What a person interface sees of the server's canary. Part of `api.ts`.

import type { CanaryChange } from "@nodoor/keylog"

/** What a canary says. Days are UTC, `YYYY-MM-DD`; keys are base64. */
export interface CanaryFacts {
  readonly issued: string
  /** It speaks until this day begins. */
  readonly expires: string
  readonly statements: readonly string[]
  readonly threshold: number
  readonly keys: readonly string[]
  readonly signedBy: readonly string[]
}

/** How the server's canary differs from the one that this device knows: keylog's differences, and those that only a look can find. */
export type CanaryChangeView =
  | CanaryChange
  /** The server had one and no longer has it. */
  | { readonly kind: "gone" }
  /** The server shows a canary that is not valid: `code` is keylog's, such as `canary_signature`. */
  | { readonly kind: "invalid"; readonly code: string }
  /** Issued on a day that has not come. */
  | { readonly kind: "not_yet"; readonly now: string }

/** When the device last looked and got an answer, and when a later look got none. What was not looked at never counts as good. */
interface CanaryLook {
  readonly checkedAtMs: number | undefined
  readonly failedAtMs: number | undefined
}

/** The server's canary as this device knows it. */
export type CanaryView = CanaryLook &
  (
    | { readonly status: "not_checked" }
    /** The server was asked and has none, and this device never saw one. */
    | { readonly status: "none" }
    | { readonly status: "fresh"; readonly untilMs: number; readonly known: CanaryFacts }
    | {
        readonly status: "expired"
        readonly sinceMs: number
        readonly known: CanaryFacts
        /** Names what there is to read, for `acknowledgeCanary`. */
        readonly readingId: string
        /** When the person read it. */
        readonly acknowledgedAtMs: number | undefined
      }
    | {
        readonly status: "changed"
        readonly changes: readonly CanaryChangeView[]
        readonly known: CanaryFacts | undefined
        /** The one that differs, if it holds for itself. */
        readonly latest: CanaryFacts | undefined
        readonly readingId: string
        /** When the person read it. What can be accepted is accepted then, and no longer a change. */
        readonly acknowledgedAtMs: number | undefined
      }
  )
