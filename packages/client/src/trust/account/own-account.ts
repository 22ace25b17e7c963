// The own account: what the log shows of it, what a person acknowledges, and what a person does to it.

import { equal, toHex } from "@nodoor/bytes"
import { type VerifiedAccountState, findDevice } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Transactions } from "../../core/transaction.ts"
import { readerOf } from "../../store/reader.ts"
import { listLoggedVersions, saveLoggedVersion } from "../../store/trust/own-account.ts"
import { accountTexts } from "../../texts/en.ts"
import type { KnownAccounts } from "../contact/known-accounts.ts"
import type { KeyLog } from "../log/key-log.ts"
import type { Ending } from "./account-end.ts"
import { OwnAccountChanges } from "./own-account-changes.ts"
import { OwnAccountCheck, type OwnAccountStatus } from "./own-account-check.ts"
import { OwnVersions, devicesOf } from "./own-versions.ts"

export interface OwnAccountParts {
  readonly transactions: Transactions
  readonly session: Session
  readonly keyLog: KeyLog
  readonly trust: { readonly accounts: KnownAccounts }
  readonly ending: Ending
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: OwnDevice
  /** Another own device came or went. */
  changed(): void
}

export class OwnAccount {
  readonly #transactions: Transactions
  readonly #keyLog: Pick<KeyLog, "loggedSinceMs">
  readonly #ending: Ending
  readonly #versions: OwnVersions
  readonly #check: OwnAccountCheck
  readonly #changes: OwnAccountChanges

  constructor(parts: OwnAccountParts) {
    this.#transactions = parts.transactions
    this.#keyLog = parts.keyLog
    this.#ending = parts.ending
    this.#versions = new OwnVersions({ ...parts, accounts: parts.trust.accounts })
    this.#check = new OwnAccountCheck({ ...parts, versions: this.#versions })
    this.#changes = new OwnAccountChanges({ ...parts, versions: this.#versions, check: this.#check })
  }

  /** @throws as `OwnAccountCheck.look` */
  look(): Promise<OwnAccountStatus> {
    return this.#check.look()
  }

  lookFromOutside(): Promise<OwnAccountStatus> {
    return this.#check.lookFromOutside()
  }

  /** The owner's latest version. */
  known(): Promise<VerifiedAccountState | undefined> {
    return this.#versions.known()
  }

  unknown(): Promise<readonly VerifiedAccountState[]> {
    return this.#versions.unknown()
  }

  /**
   * Asks the log since when it has had the versions that brought the devices of an account with several or changed ones, once for each.
   * @throws as `KeyLog.loggedSinceMs`
   */
  async learnTimes(): Promise<void> {
    const account = await this.known()
    if (!account || account.state.version === 0) return
    const learned = await listLoggedVersions(readerOf(this.#transactions.database))
    for (const version of new Set(account.state.devices.map(({ addedVersion }) => addedVersion))) {
      if (learned.has(version)) continue
      const atMs = await this.#keyLog.loggedSinceMs(account.state.accountId, version)
      await this.#transactions.run(async (tx) => saveLoggedVersion(tx, { version, atMs }))
    }
  }

  remove(deviceId: Uint8Array): Promise<void> {
    return this.#changes.remove(deviceId)
  }

  prepareAddition(...asked: Parameters<OwnAccountChanges["prepareAddition"]>): ReturnType<OwnAccountChanges["prepareAddition"]> {
    return this.#changes.prepareAddition(...asked)
  }

  add(next: Uint8Array): Promise<void> {
    return this.#changes.add(next)
  }

  end(): Promise<void> {
    return this.#changes.end()
  }

  endAgain(): Promise<void> {
    return this.#changes.endAgain()
  }

  giveRecoveryKey(): Promise<void> {
    return this.#changes.giveRecoveryKey()
  }

  /** "It was me", of versions that brought no device. False when they brought one, which is removed or acknowledged by itself. */
  async acknowledgeChange(): Promise<boolean> {
    const states = await this.unknown()
    const mine = await this.#versions.known()
    if (states.length === 0 || devicesOf(states).some(({ deviceId }) => !mine || !findDevice(mine.state, deviceId))) return false
    await this.#transactions.run((tx) => this.#versions.adopt(tx, states))
    return true
  }

  /** "It was me." @throws ClientError `not_found` for a device that nothing unknown brought */
  async acknowledge(deviceId: Uint8Array): Promise<void> {
    const states = await this.unknown()
    const last = states.at(-1)
    if (!last || !(await this.#isUnknown(deviceId, states))) throw new ClientError("not_found", accountTexts.noUnknownDevice)
    await this.#transactions.run((tx) => this.#versions.adopt(tx, states))
  }

  /** "I have read it": an account that somebody else ended is over all the same. */
  async acknowledgeEnd(): Promise<void> {
    const states = await this.unknown()
    await this.#transactions.run(async (tx) => {
      await this.#versions.adopt(tx, states)
      await this.#ending.take(tx)
    })
  }

  async #isUnknown(deviceId: Uint8Array, states: readonly VerifiedAccountState[]): Promise<boolean> {
    const mine = await this.#versions.known()
    const known = new Set((mine?.state.devices ?? []).map((device) => toHex(device.deviceId)))
    return devicesOf(states).some((device) => equal(device.deviceId, deviceId) && !known.has(toHex(device.deviceId)))
  }
}
