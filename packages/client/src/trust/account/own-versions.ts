// Versions of the own account: those that this device holds as its owner's, and those that the log holds and nobody has acknowledged.

import { equal, toHex } from "@nodoor/bytes"
import type { AccountId, Device, Lookup, VerifiedAccountState, VerifiedSearch } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { readerOf } from "../../store/reader.ts"
import { acknowledgeAlarm, listOpenAlarms } from "../../store/trust/alarms.ts"
import { deleteUnknownVersions, listUnknownVersions } from "../../store/trust/own-account.ts"
import { accountTexts } from "../../texts/en.ts"
import { resumeSending } from "../alarm/sending-stop.ts"
import type { KnownAccounts } from "../contact/known-accounts.ts"
import type { Ending } from "./account-end.ts"
import { recoveryUpdateTaken } from "./recovery-key.ts"

/** The alarms of versions that this device did not make. */
const unknownVersionAlarms = ["own_device_unknown", "own_device_removed", "own_account_replaced", "own_account_ended"]

export interface OwnVersionsParts {
  readonly transactions: Transactions
  readonly accounts: KnownAccounts
  readonly ending: Pick<Ending, "take">
  readonly crypto: CryptoProvider
  readonly clock: Clock
  readonly own: Pick<OwnDevice, "accountId">
}

export class OwnVersions {
  readonly #parts: OwnVersionsParts

  constructor(parts: OwnVersionsParts) {
    this.#parts = parts
  }

  /** Versions that the log holds and nobody acknowledged, oldest first. */
  async unknown(): Promise<readonly VerifiedAccountState[]> {
    return await listUnknownVersions(this.#parts.crypto, readerOf(this.#parts.transactions.database))
  }

  /** The owner's latest version. */
  async known(): Promise<VerifiedAccountState | undefined> {
    return await this.#parts.accounts.latest(this.#parts.own.accountId)
  }

  /** What the next version follows: the latest one, acknowledged or not. @throws ClientError `not_found` */
  async latest(unknown: readonly VerifiedAccountState[]): Promise<VerifiedAccountState> {
    const base = unknown.at(-1) ?? (await this.known())
    if (!base) throw new ClientError("not_found", accountTexts.none)
    return base
  }

  async hasEnded(): Promise<boolean> {
    return await this.#parts.accounts.hasEnded(this.#parts.own.accountId)
  }

  /** These versions count as the owner's from now on. What their alarms had stopped goes on. */
  async adopt(tx: Transaction, states: readonly VerifiedAccountState[]): Promise<void> {
    const { accounts, clock, own, ending } = this.#parts
    accounts.addStates(tx, states)
    await recoveryUpdateTaken(tx, states)
    deleteUnknownVersions(tx)
    for (const alarmId of await listOpenAlarms(tx, { accountId: own.accountId, codes: unknownVersionAlarms })) {
      acknowledgeAlarm(tx, alarmId, clock.nowMs())
      await resumeSending(tx, alarmId)
    }
    if (states.at(-1)?.kind === "tombstone") await ending.take(tx)
  }

  /** The log has just shown the account as its owner knows it. */
  noteLogged(tx: Transaction, { head }: Pick<VerifiedSearch, "head">): void {
    this.#parts.accounts.noteChecked(tx, this.#parts.own.accountId, head.size)
  }
}

/** What a search shows of the own account. */
export function shownAccount(
  { lookups }: VerifiedSearch,
  accountId: AccountId,
): Extract<Lookup, { readonly status: "account" }> | undefined {
  for (const found of lookups) if (found.status === "account" && equal(found.account.state.accountId, accountId)) return found
  return undefined
}

/** Every device that any of the versions lists, once. */
export function devicesOf(states: readonly VerifiedAccountState[]): readonly Device[] {
  return [...new Map(states.flatMap((state) => state.state.devices).map((device) => [toHex(device.deviceId), device])).values()]
}
