// Whom this device believes: accounts as the key log proves them, and the judgement of every leaf against them (docs/transparency.md, "What
// a client checks"). What each question takes stands in the folders; this is what the rest of the device asks.

import type { AccountId, VerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock, Timers } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Transactions } from "../core/transaction.ts"
import { readerOf } from "../store/reader.ts"
import type { AccountCheck } from "../store/trust/account-checks.ts"
import { AccountHolds } from "./contact/account-holds.ts"
import { AccountIntake } from "./contact/account-intake.ts"
import { AccountLookup, type Wanted } from "./contact/account-lookup.ts"
import { ContactChanges } from "./contact/contact-changes.ts"
import type { AccountEnding } from "./contact/ended-account.ts"
import { KnownAccounts } from "./contact/known-accounts.ts"
import type { IdentifiedMember } from "./device/identified-member.ts"
import { type Judgement, type JudgementFacts, type LeavesToJudge, type Lookups, judgeLeaves } from "./device/leaf-judgement.ts"
import { RemovedDevices, type Standing } from "./device/removed-devices.ts"
import type { KeyLog } from "./log/key-log.ts"

export { type IdentifiedMember, identify } from "./device/identified-member.ts"
export type { DistrustCode, Judgement, LeavesToJudge, Lookups } from "./device/leaf-judgement.ts"
export type { Standing } from "./device/removed-devices.ts"

export interface TrustParts {
  readonly transactions: Transactions
  readonly session: Session
  readonly keyLog: KeyLog
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly timers: Timers
  readonly own: OwnDevice
}

export class Trust {
  readonly accounts: KnownAccounts
  readonly #holds: AccountHolds
  readonly #lookup: AccountLookup
  readonly #removed: RemovedDevices
  readonly #facts: JudgementFacts

  constructor(parts: TrustParts) {
    const reader = readerOf(parts.transactions.database)
    this.accounts = new KnownAccounts({ ...parts, reader })
    this.#holds = new AccountHolds({ ...parts, accounts: this.accounts })
    const intake = new AccountIntake({ ...parts, accounts: this.accounts, changes: new ContactChanges(parts) })
    this.#lookup = new AccountLookup({ ...parts, reader, intake, holds: this.#holds })
    this.#removed = new RemovedDevices({ ...parts, reader, accounts: this.accounts })
    this.#facts = { ...parts, reader, accounts: this.accounts, holds: this.#holds }
  }

  latest(accountId: Uint8Array): Promise<VerifiedAccountState | undefined> {
    return this.accounts.latest(accountId)
  }

  ending(accountId: Uint8Array): Promise<AccountEnding | undefined> {
    return this.accounts.ending(accountId)
  }

  hasEnded(accountId: Uint8Array): Promise<boolean> {
    return this.accounts.hasEnded(accountId)
  }

  check(accountId: Uint8Array): Promise<AccountCheck | undefined> {
    return this.accounts.check(accountId)
  }

  isRecent(accountId: Uint8Array, withinMs?: number): Promise<boolean> {
    return this.accounts.isRecent(accountId, withinMs)
  }

  refresh(who: Wanted): Promise<AccountId> {
    return this.#lookup.refresh(who)
  }

  askAll(accountIds: readonly AccountId[], options?: { readonly claims?: boolean }): Promise<void> {
    return this.#lookup.askAll(accountIds, options)
  }

  judge(leaves: LeavesToJudge, looks: Lookups): Promise<Judgement> {
    return judgeLeaves(this.#facts, leaves, looks)
  }

  heldUntilMs(accountId: Uint8Array, options?: { readonly verifiedCounts?: boolean }): Promise<number | undefined> {
    return this.#holds.heldUntilMs(accountId, options)
  }

  mayGoAsHeld(member: IdentifiedMember, atMs: number): Promise<boolean> {
    return this.#holds.mayGoAsHeld(member, atMs)
  }

  isStale(member: IdentifiedMember): Promise<boolean> {
    return this.#removed.isStale(member)
  }

  isRevoked(member: IdentifiedMember): Promise<boolean> {
    return this.#removed.isRevoked(member)
  }

  standing(member: IdentifiedMember, looks: Lookups): Promise<Standing> {
    return this.#removed.standing(member, looks)
  }

  learnRemoval(member: IdentifiedMember): Promise<void> {
    return this.#removed.learnRemoval(member)
  }

  shownInLog(accountId: AccountId): Promise<VerifiedAccountState | undefined> {
    return this.#removed.shownInLog(accountId)
  }
}
