// What a person does to the own account from this device: removes a device, ends the account. Each is the next version of the account, signed
// here, and done when the log shows it.

import { compare, equal } from "@nodoor/bytes"
import {
  type AccountState,
  type Device,
  type DeviceId,
  KeylogError,
  type VerifiedAccountState,
  type VerifiedSearch,
  accountLabel,
  ed25519SignatureScheme,
  findDevice,
  signAccountState,
} from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { WireError, logUpdate } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { accountTexts } from "../../texts/en.ts"
import type { KeyLog } from "../log/key-log.ts"
import type { Ending } from "./account-end.ts"
import type { OwnAccountCheck } from "./own-account-check.ts"
import { type OwnVersions, shownAccount } from "./own-versions.ts"
import { pendingRecoveryUpdate, prepareRecoveryUpdate } from "./recovery-key.ts"

export interface OwnAccountChangesParts {
  readonly versions: OwnVersions
  readonly check: Pick<OwnAccountCheck, "look" | "lookFromOutside">
  readonly transactions: Transactions
  readonly keyLog: Pick<KeyLog, "search">
  readonly session: Pick<Session, "call">
  readonly ending: Ending
  readonly crypto: CryptoProvider
  readonly clock: Clock
  readonly own: OwnDevice
}

export class OwnAccountChanges {
  readonly #parts: OwnAccountChangesParts

  constructor(parts: OwnAccountChangesParts) {
    this.#parts = parts
  }

  /** The next version of the account without the device, signed by this one, answered when it is in the log. @throws ClientError `not_allowed`, `not_found`; as `KeyLog.search` */
  async remove(deviceId: Uint8Array): Promise<void> {
    const { own, versions, check } = this.#parts
    if (equal(deviceId, own.deviceId)) throw new ClientError("not_allowed", accountTexts.notItself)
    await check.look()
    const unknown = await versions.unknown()
    const base = await versions.latest(unknown)
    if (!findDevice(base.state, deviceId as DeviceId)) throw new ClientError("not_found", accountTexts.noDevice)
    this.#requireSay(base)
    await this.#update(this.#without(base, deviceId), unknown)
  }

  /**
   * Every version of the account, and the next one with a further device, signed by this one. The new device signs it as well, before it is sent.
   * @throws ClientError `not_allowed`; as `KeyLog.search`
   */
  async prepareAddition(
    device: Pick<Device, "deviceId" | "deviceClass" | "signatureKey">,
  ): Promise<{ readonly base: VerifiedAccountState; readonly next: Uint8Array }> {
    const { own, versions, check, crypto } = this.#parts
    await check.look()
    if ((await versions.unknown()).length > 0) throw new ClientError("not_allowed", accountTexts.removeOrConfirm)
    const base = await versions.latest([])
    this.#requireSay(base)
    const version = base.state.version + 1
    const added = { ...device, signatureScheme: ed25519SignatureScheme, addedVersion: version } as const
    const devices = [...base.state.devices, added].toSorted((a, b) => compare(a.deviceId, b.deviceId))
    const state: AccountState = { ...base.state, version, prev: base.stateHash, kind: "update", devices }
    const next = signAccountState(crypto, { state, signers: [{ deviceId: own.deviceId, privateKey: own.signer.privateKey }] })
    return { base, next }
  }

  /** Sends the version that adds a device, signed by both. @throws ClientError `not_allowed` when the account has changed meanwhile; as `KeyLog.search` */
  async add(next: Uint8Array): Promise<void> {
    await this.#update(next, await this.#parts.versions.unknown())
  }

  /**
   * Ends the account: its last version, signed by this device and stored, then sent until the log shows it. Once it is stored the account
   * ends, whatever this rejects with: `endAgain` goes on. @throws ClientError `not_allowed`; as `KeyLog.search`
   */
  async end(): Promise<void> {
    const { versions, check, ending } = this.#parts
    await check.look()
    if (await versions.hasEnded()) return
    const base = await versions.latest(await versions.unknown())
    this.#requireSay(base)
    await ending.sign(base)
    await this.endAgain()
  }

  /** Sends the stored end again, if there is one that the log has not shown. @throws as `end` */
  async endAgain(): Promise<void> {
    const { versions, check, ending } = this.#parts
    const next = await ending.signed()
    if (!next || (await versions.hasEnded())) return
    try {
      await this.#update(next, await versions.unknown())
    } catch (error) {
      const cause = error instanceof ClientError ? error.cause : error
      if (!(cause instanceof WireError)) throw error
      // Another version came in between, which the person has to see first.
      if (cause.code === "account_state_stale" || cause.code === "account_state_invalid") await ending.forget()
      if (cause.code !== "unauthorized") throw error
      // The server forgets the devices of an account with its end: an answer may have been lost.
      await check.lookFromOutside()
      if (!(await versions.hasEnded())) throw error
    }
  }

  /**
   * Gives an account from before recovery keys its key, by an update that this device signs. Does nothing while anything about the account is
   * unknown or ending. @throws as `KeyLog.search`; what was signed is sent again at the next look
   */
  async giveRecoveryKey(): Promise<void> {
    const { own, versions, ending, transactions } = this.#parts
    const mine = await versions.known()
    if (!mine || mine.kind === "tombstone" || mine.state.recoveryKey !== undefined || !findDevice(mine.state, own.deviceId)) return
    if ((await versions.unknown()).length > 0 || (await ending.signed()) !== undefined) return
    const next = await transactions.run(async (tx) => (await pendingRecoveryUpdate(tx)) ?? prepareRecoveryUpdate(tx, this.#parts, mine))
    await this.#update(next, [])
  }

  /** @throws ClientError `not_allowed` */
  #requireSay({ state }: VerifiedAccountState): void {
    if (findDevice(state, this.#parts.own.deviceId)) return
    throw new ClientError("not_allowed", accountTexts.noSay)
  }

  /** Sends the next version and takes in what the log then shows. */
  async #update(next: Uint8Array, unknown: readonly VerifiedAccountState[]): Promise<void> {
    const { own, keyLog, session } = this.#parts
    try {
      await keyLog.search({
        labels: [accountLabel(own.accountId)],
        subject: own.accountId,
        ask: (request) => session.call(logUpdate, { state: next, request }),
        take: (tx, verified) => this.#takeUpdate(tx, verified, { next, unknown }),
      })
    } catch (error) {
      if (error instanceof ClientError && error.cause instanceof WireError && error.cause.code === "account_state_stale")
        throw new ClientError("not_allowed", accountTexts.justChanged, { cause: error })
      throw error
    }
  }

  #without(base: VerifiedAccountState, deviceId: Uint8Array): Uint8Array {
    const { own, crypto } = this.#parts
    const { state, stateHash } = base
    return signAccountState(crypto, {
      state: {
        ...state,
        version: state.version + 1,
        prev: stateHash,
        kind: "update",
        devices: state.devices.filter((device) => !equal(device.deviceId, deviceId)),
      },
      signers: [{ deviceId: own.deviceId, privateKey: own.signer.privateKey }],
    })
  }

  async #takeUpdate(
    tx: Transaction,
    verified: VerifiedSearch,
    made: { readonly next: Uint8Array; readonly unknown: readonly VerifiedAccountState[] },
  ): Promise<void> {
    const { own, versions } = this.#parts
    const account = shownAccount(verified, own.accountId)
    // A receipt is a search like any other: it must show the very version that was sent.
    if (!account || !equal(account.account.signed, made.next)) throw new KeylogError("value_changed", "the log holds another version")
    const states = [...account.chain, account.account].filter((state, at, all) => all.indexOf(state) === at)
    await versions.adopt(tx, states)
    versions.noteLogged(tx, verified)
  }
}
