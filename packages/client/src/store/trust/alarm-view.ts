// An alarm as it is kept and as a person sees it.

import type { Hex } from "../../core/hex.ts"

/** Levels as in docs/transparency.md: only `red` stops sending. */
export interface AlarmView {
  readonly id: Hex
  readonly level: "info" | "notice" | "warn" | "red"
  readonly code: string
  readonly chatId: Hex | undefined
  readonly accountId: Hex | undefined
  /** Who, what changed, when, what to do: a sentence for a person. */
  readonly text: string
  readonly atMs: number
  /** The device of the own account that it is about. */
  readonly deviceId?: Hex | undefined
  /** Whether `exportEvidence` has something to give. */
  readonly evidence?: boolean
  readonly acknowledgedAtMs?: number | undefined
}
