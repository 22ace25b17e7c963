// Why a record cannot be judged yet: something has to be looked up first, or time has to pass.

import type { AccountId } from "@nodoor/keylog"
import type { IdentifiedMember } from "./identified-member.ts"

/** A hold ends by itself, or when its person is verified. */
export const heldRetryMs = 60_000

export interface UndecidedReason {
  /** To be asked for, the first ones first. */
  readonly accounts?: readonly AccountId[]
  /** Devices to ask about: since when they no longer speak for their accounts. */
  readonly removals?: readonly IdentifiedMember[]
  /** Looking up does not help: time does. Tried again after this. */
  readonly waitMs?: number
}

/** Undecided for now. The transaction is rolled back; the record stays as it was. */
export class Undecided extends Error {
  readonly accounts: readonly AccountId[]
  readonly removals: readonly IdentifiedMember[]
  readonly waitMs: number | undefined
  constructor({ accounts = [], removals = [], waitMs }: UndecidedReason) {
    super("a record cannot be judged yet")
    this.name = "Undecided"
    this.accounts = accounts
    this.removals = removals
    this.waitMs = waitMs
  }
}
