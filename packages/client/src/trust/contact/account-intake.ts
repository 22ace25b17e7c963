// Taking in what a search of the log proved about others' accounts. It is part of the transaction that stores the log's head.

import { bytes, equal, toHex } from "@nodoor/bytes"
import { type AccountId, KeylogError, type Lookup, type VerifiedAccountState, type VerifiedSearch } from "@nodoor/keylog"
import type { Hex } from "../../core/hex.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { AccountCheck } from "../../store/trust/account-checks.ts"
import { type AskedHandle, takeHandles } from "../name/handle-proof.ts"
import type { ContactChanges } from "./contact-changes.ts"
import type { KnownAccounts } from "./known-accounts.ts"
import { firstHold } from "./reset-hold.ts"

const accountLabelByte = 0x01

export interface AccountIntakeParts {
  readonly accounts: KnownAccounts
  readonly changes: ContactChanges
  readonly keyLog: { pin(): { readonly resetDelayMs: number } | undefined }
  readonly clock: Clock
  readonly own: Pick<OwnDevice, "accountId">
}

interface Known {
  readonly latest: VerifiedAccountState | undefined
  readonly check: AccountCheck | undefined
  readonly hasEnded: boolean
}

export class AccountIntake {
  readonly #parts: AccountIntakeParts

  constructor(parts: AccountIntakeParts) {
    this.#parts = parts
  }

  /** Returns the accounts that the log holds. @throws KeylogError when something contradicts what is known here */
  async take(tx: Transaction, verified: VerifiedSearch, handles: readonly AskedHandle[]): Promise<readonly AccountId[]> {
    const { own } = this.#parts
    const out: AccountId[] = []
    // First of all: what is known is read outside the transaction, and each such read undoes what the transaction has run so far.
    const known = await this.#known(verified)
    await takeHandles(tx, verified, handles)
    for (const found of verified.lookups) {
      if (found.status === "ended" && found.label[0] === accountLabelByte) {
        const accountId = bytes<"AccountId">(found.label.slice(1))
        const shown = { version: found.version, size: verified.head.size }
        if (!equal(accountId, own.accountId)) await this.#takeEnded(tx, accountId, shown, known.get(toHex(accountId)))
        out.push(accountId)
      }
      if (found.status !== "account") continue
      const { accountId } = found.account.state
      out.push(accountId)
      if (!equal(accountId, own.accountId)) await this.#takeAccount(tx, found, verified, known.get(toHex(accountId)))
    }
    return out
  }

  /** What was known of the accounts before. */
  async #known({ lookups }: Pick<VerifiedSearch, "lookups">): Promise<ReadonlyMap<Hex, Known>> {
    const { accounts } = this.#parts
    const out = new Map<Hex, Known>()
    for (const found of lookups) {
      const isEnded = found.status === "ended" && found.label[0] === accountLabelByte
      if (!isEnded && found.status !== "account") continue
      const accountId = found.status === "account" ? found.account.state.accountId : found.label.slice(1)
      out.set(toHex(accountId), {
        latest: await accounts.latest(accountId),
        check: await accounts.check(accountId),
        hasEnded: isEnded && (await accounts.hasEnded(accountId)),
      })
    }
    return out
  }

  async #takeAccount(
    tx: Transaction,
    found: Extract<Lookup, { readonly status: "account" }>,
    { head }: Pick<VerifiedSearch, "head">,
    known: Known | undefined,
  ): Promise<void> {
    const { accounts, changes, keyLog, clock } = this.#parts
    const { accountId } = found.account.state
    const before = known?.latest
    accounts.addStates(tx, before ? statesAfter(before, found) : found.chain)
    const check = firstHold(found.account, known?.check, {
      nowMs: clock.nowMs(),
      size: head.size,
      epochTimeMs: head.epochTimeMs,
      resetDelayMs: keyLog.pin()?.resetDelayMs,
    })
    accounts.saveCheck(tx, accountId, check)
    await changes.take(tx, { before, latest: found.account, heldUntilMs: check.heldUntilMs })
  }

  /** The log shows the account as ended, without showing how: no key is accepted, and the known ones are no longer trusted. */
  async #takeEnded(
    tx: Transaction,
    accountId: AccountId,
    shown: { readonly version: number; readonly size: number },
    known: Known | undefined,
  ): Promise<void> {
    const { accounts, changes } = this.#parts
    if (known?.hasEnded !== true) await changes.takeEnded(tx, accountId)
    accounts.noteEnded(tx, accountId, shown)
  }
}

/** The states after the known one, which must be part of the log's chain. @throws KeylogError `value_changed`, `version_lower` */
function statesAfter(
  before: VerifiedAccountState,
  found: Extract<Lookup, { readonly status: "account" }>,
): readonly VerifiedAccountState[] {
  const { version } = before.state
  const same = [...found.chain, found.account].find((state) => state.state.version === version)
  if (same && !equal(same.stateHash, before.stateHash)) throw new KeylogError("value_changed", "another history of a known account")
  if (found.account.state.version < version) throw new KeylogError("version_lower", "an older version of a known account")
  return found.chain.filter((state) => state.state.version > version)
}
