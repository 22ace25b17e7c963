// Until when an account's devices are held: nothing is encrypted to devices that came by a hard reset before the owner's other devices had
// the time to raise their alarm (docs/transparency.md, "Hard reset").

import type { AccountId } from "@nodoor/keylog"
import type { Clock } from "../../core/ports.ts"
import type { Transactions } from "../../core/transaction.ts"
import { readerOf } from "../../store/reader.ts"
import { findContact } from "../../store/trust/contacts.ts"
import type { KnownAccounts } from "./known-accounts.ts"
import { holdLeewayMs } from "./reset-hold.ts"

export interface HoldParts {
  readonly accounts: KnownAccounts
  readonly keyLog: {
    pin(): { readonly resetDelayMs: number } | undefined
    loggedSinceMs(accountId: AccountId, version: number): Promise<number>
  }
  readonly transactions: Transactions
  readonly clock: Clock
}

export class AccountHolds {
  readonly #parts: HoldParts

  constructor(parts: HoldParts) {
    this.#parts = parts
  }

  /**
   * Until when nothing is encrypted to an account's devices. Undefined: they are not held, or were verified in person. `Infinity`: until
   * the person confirms, because the account that they had verified was started over without a key that vouches for it. Without
   * `verifiedCounts`: as it is for everybody, whomever this person verified.
   */
  async heldUntilMs(
    accountId: Uint8Array,
    { verifiedCounts = true }: { readonly verifiedCounts?: boolean } = {},
  ): Promise<number | undefined> {
    const { accounts, clock, transactions } = this.#parts
    const account = await accounts.latest(accountId)
    if (account?.lastReset?.hard !== true) return undefined
    const checkedMs = (await accounts.check(accountId))?.heldUntilMs
    const untilMs = checkedMs === undefined || checkedMs <= clock.nowMs() ? undefined : checkedMs
    if (!verifiedCounts) return untilMs
    const contact = await findContact(readerOf(transactions.database), accountId)
    const isVerified = contact?.verifiedMs !== undefined
    if (isVerified && contact.verifiedResets === account.state.resetCount) return undefined
    if (isVerified && (contact.verifiedResets ?? 0) < (await this.#resetsAt(accountId, account.lastReset.version)))
      return Number.POSITIVE_INFINITY
    return untilMs
  }

  /**
   * Whether everybody may take the leaf out of a group at that time of the server's, because its device is held. Whom this person verified
   * does not count here, and the hold is a little longer, so that all members come to the same verdict.
   */
  async mayGoAsHeld({ accountId }: { readonly accountId: Uint8Array }, atMs: number): Promise<boolean> {
    const { accounts } = this.#parts
    const account = await accounts.latest(accountId)
    const untilMs = (await accounts.check(accountId))?.heldUntilMs
    return account?.lastReset?.hard === true && untilMs !== undefined && atMs <= untilMs + holdLeewayMs
  }

  /** A hold counts from the epoch that showed the reset. Until the log has proven which one, it counts from when it was first seen here. */
  async sharpen(accountId: AccountId): Promise<void> {
    const { accounts, keyLog, transactions } = this.#parts
    const check = await accounts.check(accountId)
    const delayMs = keyLog.pin()?.resetDelayMs
    if (check?.resetVersion === undefined || check.heldExact || delayMs === undefined) return
    let sinceMs: number
    try {
      sinceMs = await keyLog.loggedSinceMs(accountId, check.resetVersion)
    } catch {
      return // the longer hold stands
    }
    await transactions.run(async (tx) => accounts.saveCheck(tx, accountId, { ...check, heldUntilMs: sinceMs + delayMs, heldExact: true }))
  }

  /** How often the account had been started over at a version; more often than any if that version is not here. */
  async #resetsAt(accountId: Uint8Array, version: number): Promise<number> {
    return (await this.#parts.accounts.at(accountId, version))?.state.resetCount ?? Number.POSITIVE_INFINITY
  }
}
