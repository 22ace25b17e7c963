// What a person sees of the key log and of the checks against it.

import type { Hex } from "../../core/hex.ts"

/** How this device sees the key log of its server. */
export interface LogStatusView {
  /** `unknown`: nothing was verified yet. Names what it is: an operator's own log without witnesses is not independently witnessed. */
  readonly tier: "unknown" | "not_independently_witnessed" | "witnessed"
  /** SHA-256 of the log's first entry, which this device pinned: what people compare. */
  readonly pin: Hex | undefined
  /** Entries under the last head that passed every check, and the time of its last epoch. */
  readonly size: number | undefined
  readonly epochAtMs: number | undefined
  /** When the log last answered with something that passed. */
  readonly checkedAtMs: number | undefined
  /** Names of the witnesses and auditors whose statements counted. */
  readonly witnesses: readonly string[]
  readonly auditors: readonly string[]
  /** Set while nothing is sent from this device, with the alarm that says why. */
  readonly stopped: { readonly code: string; readonly alarmId: Hex } | undefined
}

/** A file to keep and to show to others. */
export interface EvidenceFile {
  readonly name: string
  /**
   * `proof`: `nodoor kt verify-evidence` checks it with nothing else. `commit`: who was in the chat can check it (`checkEvidence`). `record`: what
   * this device saw, for those who investigate.
   */
  readonly kind: "proof" | "commit" | "record"
  readonly text: string
}
