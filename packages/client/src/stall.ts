import type { AccountId } from "@nodoor/keylog"

/** Undecided until these accounts have been asked for. The turn is given up; the record stays as it was. */
export class Stall extends Error {
  readonly accounts: readonly AccountId[]
  /** Asking does not help: devices are held for a while after a reset. */
  readonly held: boolean
  constructor(accounts: readonly AccountId[], { held = false }: { readonly held?: boolean } = {}) {
    super("accounts must be looked up first")
    this.name = "Stall"
    this.accounts = accounts
    this.held = held
  }
}
