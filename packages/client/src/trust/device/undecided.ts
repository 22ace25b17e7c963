import type { AccountId } from "@nodoor/keylog"
import type { IdentifiedMember } from "../trust.ts"

/** A hold ends by itself, or when its person is verified. */
export const heldRetryMs = 60_000

export interface StallReason {
  /** To be asked for, the first ones first. */
  readonly accounts?: readonly AccountId[]
  /** Devices of which it must be learned since when they speak for their accounts no more. */
  readonly removals?: readonly IdentifiedMember[]
  /** Asking does not help: time does. Tried again after this. */
  readonly waitMs?: number
}

/** Undecided for now. The turn is given up; the record stays as it was. */
export class Stall extends Error {
  readonly accounts: readonly AccountId[]
  readonly removals: readonly IdentifiedMember[]
  readonly waitMs: number | undefined
  constructor({ accounts = [], removals = [], waitMs }: StallReason) {
    super("a record cannot be judged yet")
    this.name = "Stall"
    this.accounts = accounts
    this.removals = removals
    this.waitMs = waitMs
  }
}
