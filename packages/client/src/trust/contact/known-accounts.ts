// What this device knows of accounts: their verified states, how the log last showed them, and whether they have ended. Versions and reset
// counts never go down, because a state is only ever followed by its successor.

import { toHex } from "@nodoor/bytes"
import type { AccountId, VerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../../store/reader.ts"
import { type AccountCheck, findAccountCheck, saveAccountCheck } from "../../store/trust/account-checks.ts"
import { findLatestState, findState, insertState } from "../../store/trust/account-states.ts"
import { findEndedVersion, insertEnded } from "../../store/trust/ended-accounts.ts"
import type { AccountEnding } from "./ended-account.ts"

/** What the log showed within this time is recent enough to accept a leaf; later the log is asked again. */
const freshForMs = 3_600_000

export class KnownAccounts {
  readonly #reader: Reader
  readonly #crypto: CryptoProvider
  readonly #clock: Clock
  readonly #latest = new Map<string, VerifiedAccountState>()
  readonly #checks = new Map<string, AccountCheck>()
  /** Accounts that had not ended when they were last looked at here. */
  readonly #living = new Set<string>()

  constructor(parts: { readonly reader: Reader; readonly crypto: CryptoProvider; readonly clock: Clock }) {
    this.#reader = parts.reader
    this.#crypto = parts.crypto
    this.#clock = parts.clock
  }

  /** The latest verified state this device holds of an account. */
  async latest(accountId: Uint8Array): Promise<VerifiedAccountState | undefined> {
    const known = this.#latest.get(toHex(accountId))
    if (known) return known
    const state = await findLatestState(this.#crypto, this.#reader, accountId)
    if (state) this.#latest.set(toHex(accountId), state)
    return state
  }

  async at(accountId: Uint8Array, version: number): Promise<VerifiedAccountState | undefined> {
    return await findState(this.#crypto, this.#reader, { accountId, version })
  }

  /** How the account ended; undefined while it lives. An ended account cannot be reached, whatever its last known state lists. */
  async ending(accountId: Uint8Array): Promise<AccountEnding | undefined> {
    const id = toHex(accountId)
    if (this.#living.has(id)) return undefined
    if ((await this.latest(accountId))?.kind === "tombstone") return "proven"
    if ((await findEndedVersion(this.#reader, accountId)) !== undefined) return "unproven"
    this.#living.add(id)
    return undefined
  }

  async hasEnded(accountId: Uint8Array): Promise<boolean> {
    return (await this.ending(accountId)) !== undefined
  }

  /** How the log last showed an account; undefined if it never did. */
  async check(accountId: Uint8Array): Promise<AccountCheck | undefined> {
    const known = this.#checks.get(toHex(accountId))
    if (known) return known
    const check = await findAccountCheck(this.#reader, accountId)
    if (check) this.#checks.set(toHex(accountId), check)
    return check
  }

  /** Whether the log was asked about an account lately. */
  async isRecent(accountId: Uint8Array, withinMs: number = freshForMs): Promise<boolean> {
    const check = await this.check(accountId)
    return check !== undefined && Math.abs(this.#clock.nowMs() - check.checkedMs) <= withinMs
  }

  /** Stores states of one account, oldest first. */
  addStates(tx: Transaction, states: readonly VerifiedAccountState[]): void {
    const latest = states.at(-1)
    if (!latest) return
    const id = toHex(latest.state.accountId)
    for (const state of states) insertState(tx, state)
    tx.after(() => {
      this.#latest.set(id, latest)
      this.#living.delete(id)
    })
  }

  saveCheck(tx: Transaction, accountId: AccountId, check: AccountCheck): void {
    saveAccountCheck(tx, accountId, check)
    tx.after(() => this.#checks.set(toHex(accountId), check))
  }

  /** The log has just shown the account with nothing that is held. */
  noteChecked(tx: Transaction, accountId: AccountId, size: number): void {
    const check = { checkedMs: this.#clock.nowMs(), size, resetVersion: undefined, heldUntilMs: undefined, heldExact: true }
    this.saveCheck(tx, accountId, check)
  }

  /** The log shows the account as ended, and nothing that proves it. */
  noteEnded(tx: Transaction, accountId: AccountId, shown: { readonly version: number; readonly size: number }): void {
    insertEnded(tx, accountId, shown.version)
    tx.after(() => this.#living.delete(toHex(accountId)))
    this.noteChecked(tx, accountId, shown.size)
  }
}
