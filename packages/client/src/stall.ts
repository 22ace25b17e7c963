import type { AccountId } from "@nodoor/keylog"

/** Undecided until these accounts have been asked for. The turn is given up; the record stays as it was. */
export class Stall extends Error {
  readonly accounts: readonly AccountId[]
  constructor(accounts: readonly AccountId[]) {
    super("accounts must be looked up first")
    this.name = "Stall"
    this.accounts = accounts
  }
}
