// Devices that no longer speak for their accounts: removed by their owner, or of an account that has ended.

import { equal, toHex } from "@nodoor/bytes"
import type { AccountId, VerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Reader } from "../../store/reader.ts"
import { hasOpenAlarm } from "../../store/trust/alarms.ts"
import { findLatestUnknownVersion } from "../../store/trust/own-account.ts"
import type { KnownAccounts } from "../contact/known-accounts.ts"
import type { KeyLog } from "../log/key-log.ts"
import type { IdentifiedMember } from "./identified-member.ts"
import type { Lookups } from "./leaf-judgement.ts"
import { leafKey, lists, versionWithout } from "./listed-devices.ts"
import { removalTimeMs } from "./removal-time.ts"

/** Whether a device speaks for its account. `sinceMs`: when the log took in that it does not, by the log's clock; undefined if unproven. */
export type Standing =
  | { readonly status: "listed" }
  | { readonly status: "lookup" }
  | { readonly status: "removed"; readonly sinceMs: number | undefined }

export interface RemovedDevicesParts {
  readonly accounts: KnownAccounts
  readonly keyLog: Pick<KeyLog, "loggedSinceMs">
  readonly reader: Reader
  readonly crypto: CryptoProvider
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
}

export class RemovedDevices {
  readonly #parts: RemovedDevicesParts
  /** When the log took in that devices were removed, as far as it was asked: undefined where it proves nothing. */
  readonly #removedMs = new Map<string, number | undefined>()

  constructor(parts: RemovedDevicesParts) {
    this.#parts = parts
  }

  /** Whether the account as this device knows it does not list the leaf's device with its key. */
  async isStale(member: IdentifiedMember): Promise<boolean> {
    const { accounts } = this.#parts
    const account = await accounts.latest(member.accountId)
    return account === undefined || !lists(account, member) || (await accounts.ending(member.accountId)) === "unproven"
  }

  /** Whether a device still speaks for its account, by a lookup made since the record came up. */
  async standing(member: IdentifiedMember, looks: Lookups): Promise<Standing> {
    if (equal(member.deviceId, this.#parts.own.deviceId)) return { status: "listed" }
    if (!looks.asked.has(toHex(member.accountId))) return { status: "lookup" }
    if (!(await this.isStale(member))) return { status: "listed" }
    const key = leafKey(member)
    return this.#removedMs.has(key) ? { status: "removed", sinceMs: this.#removedMs.get(key) } : { status: "lookup" }
  }

  /** Learns when the log took in that the device was removed, or its account ended. Not inside a transaction. @throws as `KeyLog.search` */
  async learnRemoval(member: IdentifiedMember): Promise<void> {
    const { crypto, reader, keyLog } = this.#parts
    if (!(await this.isStale(member))) return
    const version = await versionWithout(crypto, reader, member)
    const sinceMs = version === undefined ? undefined : await removalTimeMs(keyLog, member.accountId, version)
    this.#removedMs.set(leafKey(member), sinceMs)
  }

  /** Whether the account has a verified state that does not list the leaf's device with its key. */
  async isRevoked(member: IdentifiedMember): Promise<boolean> {
    const account = await this.shownInLog(member.accountId)
    if (account === undefined || lists(account, member)) return await this.#hasEndedUnproven(member.accountId)
    return true
  }

  /** An account as everybody else sees it: of the own one also what its owner has not acknowledged. */
  async shownInLog(accountId: AccountId): Promise<VerifiedAccountState | undefined> {
    const { accounts, crypto, reader, own } = this.#parts
    const unknown = equal(accountId, own.accountId) ? await findLatestUnknownVersion(crypto, reader) : undefined
    return unknown ?? (await accounts.latest(accountId))
  }

  /** The own account has ended for everybody else as soon as its owner is told. */
  async #hasEndedUnproven(accountId: AccountId): Promise<boolean> {
    const { accounts, reader, own } = this.#parts
    if (!equal(accountId, own.accountId)) return (await accounts.ending(accountId)) === "unproven"
    return await hasOpenAlarm(reader, "own_account_ended")
  }
}
