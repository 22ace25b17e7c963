// The own account in the log, compared with what this device's own list holds (docs/transparency.md, "Owner monitoring"). The map is
// insert-only: whatever was put there while the owner was away is found by one look afterwards.

import { equal, toHex } from "@nodoor/bytes"
import {
  type AccountId,
  type Device,
  type DeviceId,
  KeylogError,
  type Lookup,
  type VerifiedAccountState,
  type VerifiedSearch,
  accountLabel,
  decodeSignedAccountState,
  findDevice,
  handleLabel,
  signAccountState,
} from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { WireError, logSearch, logUpdate } from "@nodoor/wire"
import { acknowledgeAlarm, listOpenAlarms, raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Trust } from "../trust.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { evidenceOf } from "../alarm/evidence.ts"
import type { KeyLog, SearchOptions } from "../log/key-log.ts"
import { pendingRecoveryUpdate, prepareRecoveryUpdate, recoveryUpdateTaken } from "./recovery-key.ts"
import { accountTexts, deviceNames } from "../../texts/en.ts"
import { resumeSending, stopSending } from "../alarm/sending-stop.ts"
import { saveHandle } from "../../store/trust/handles.ts"
import { deletePendingRecoveryKey, deleteUnknownVersions, listUnknownVersions, saveUnknownVersion } from "../../store/trust/own-account.ts"
import { readerOf } from "../../store/reader.ts"

/** How the own account ends on this device. */
export interface Ending {
  /** The last version, if this device has signed one. */
  signed(): Promise<Uint8Array | undefined>
  /** Signs the version that ends the account after `base`, and stores it. */
  sign(base: VerifiedAccountState): Promise<Uint8Array>
  /** The stored one cannot be the last version any more. */
  forget(): Promise<void>
  /** Whether that is what this device has signed. */
  isOwn(tombstone: VerifiedAccountState): Promise<boolean>
  /** The log shows the end. */
  take(tx: Transaction): Promise<void>
}

export interface OwnAccountParts {
  readonly transactions: Transactions
  readonly session: Session
  readonly keyLog: KeyLog
  readonly trust: Trust
  readonly ending: Ending
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: OwnDevice
}

/** The alarms of versions that this device did not make. */
const unknownVersionAlarms = ["own_device_unknown", "own_account_replaced", "own_account_ended"]

export class OwnAccount {
  readonly #parts: OwnAccountParts

  constructor(parts: OwnAccountParts) {
    this.#parts = parts
  }

  /**
   * Looks up the own labels. `pending`: the log does not hold the account yet, as in the first moments after registering. What the own list
   * does not hold raises the alarm and stops sending. @throws as `KeyLog.search`
   */
  look(): Promise<"logged" | "pending" | "unknown"> {
    return this.#look(undefined)
  }

  /** The same, asked as anybody may: for a device that the server does not know any more, to learn why. @throws as `KeyLog.search` */
  lookFromOutside(): Promise<"logged" | "pending" | "unknown"> {
    const { session } = this.#parts
    return this.#look((request) => session.call(logSearch, { request }))
  }

  #look(ask: SearchOptions<never>["ask"]): Promise<"logged" | "pending" | "unknown"> {
    const { own, keyLog } = this.#parts
    return keyLog.search({
      labels: [accountLabel(own.accountId), handleLabel(own.handle)],
      subject: own.accountId,
      ...(ask && { ask }),
      take: (tx, verified) => this.#take(tx, verified),
    })
  }

  /** Versions that the log holds and nobody acknowledged, oldest first. */
  async unknown(): Promise<readonly VerifiedAccountState[]> {
    return await listUnknownVersions(this.#parts.crypto, readerOf(this.#parts.transactions.database))
  }

  /** "It was me", of versions that brought no device. False when they brought one, which is removed or acknowledged by itself. */
  async acknowledgeChange(): Promise<boolean> {
    const states = await this.unknown()
    const mine = await this.#parts.trust.latest(this.#parts.own.accountId)
    if (states.length === 0 || devicesOf(states).some(({ deviceId }) => !mine || !findDevice(mine.state, deviceId))) return false
    await this.#parts.transactions.run((tx) => this.#adopt(tx, states))
    return true
  }

  /** "It was me." @throws ClientError `not_found` for a device that nothing unknown brought */
  async acknowledge(deviceId: Uint8Array): Promise<void> {
    const { transactions } = this.#parts
    const states = await this.unknown()
    const last = states.at(-1)
    if (!last || !(await this.#isUnknown(deviceId, states))) throw new ClientError("not_found", accountTexts.noUnknownDevice)
    await transactions.run((tx) => this.#adopt(tx, states))
  }

  /** The next version of the account without the device, signed by this one, answered when it is in the log. @throws ClientError `not_allowed`, `not_found`; as `KeyLog.search` */
  async remove(deviceId: Uint8Array): Promise<void> {
    const { own } = this.#parts
    if (equal(deviceId, own.deviceId)) throw new ClientError("not_allowed", accountTexts.notItself)
    await this.look()
    const unknown = await this.unknown()
    const base = await this.#latest(unknown)
    if (!findDevice(base.state, deviceId as DeviceId)) throw new ClientError("not_found", accountTexts.noDevice)
    this.#requireSay(base)
    await this.#update(this.#without(base, deviceId), unknown)
  }

  /**
   * Ends the account: its last version, signed by this device and stored, then sent until the log shows it. Once it is stored the account
   * ends, whatever this rejects with: `endAgain` goes on. @throws ClientError `not_allowed`; as `KeyLog.search`
   */
  async end(): Promise<void> {
    const { own, trust, ending } = this.#parts
    await this.look()
    if (await trust.hasEnded(own.accountId)) return
    const base = await this.#latest(await this.unknown())
    this.#requireSay(base)
    await ending.sign(base)
    await this.endAgain()
  }

  /** Sends the stored end again, if there is one that the log has not shown. @throws as `end` */
  async endAgain(): Promise<void> {
    const { own, trust, ending } = this.#parts
    const next = await ending.signed()
    if (!next || (await trust.hasEnded(own.accountId))) return
    try {
      await this.#update(next, await this.unknown())
    } catch (error) {
      const cause = error instanceof ClientError ? error.cause : error
      if (!(cause instanceof WireError)) throw error
      // Another version came in between, which the person has to see first.
      if (cause.code === "account_state_stale" || cause.code === "account_state_invalid") await ending.forget()
      if (cause.code !== "unauthorized") throw error
      // The server forgets the devices of an account with its end: an answer may have been lost.
      await this.lookFromOutside()
      if (!(await trust.hasEnded(own.accountId))) throw error
    }
  }

  /**
   * Gives an account from before recovery keys its key, by an update that this device signs. Does nothing while anything about the account is
   * unknown or ending. @throws as `KeyLog.search`; what was signed is sent again at the next look
   */
  async giveRecoveryKey(): Promise<void> {
    const { own, trust, ending, transactions } = this.#parts
    const mine = await trust.latest(own.accountId)
    if (!mine || mine.kind === "tombstone" || mine.state.recoveryKey !== undefined || !findDevice(mine.state, own.deviceId)) return
    if ((await this.unknown()).length > 0 || (await ending.signed()) !== undefined) return
    const next = await transactions.run(async (tx) => (await pendingRecoveryUpdate(tx)) ?? prepareRecoveryUpdate(tx, this.#parts, mine))
    await this.#update(next, [])
  }

  async #latest(unknown: readonly VerifiedAccountState[]): Promise<VerifiedAccountState> {
    const { own, trust } = this.#parts
    const base = unknown.at(-1) ?? (await trust.latest(own.accountId))
    if (!base) throw new ClientError("not_found", accountTexts.none)
    return base
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

  async #take(tx: Transaction, verified: VerifiedSearch): Promise<"logged" | "pending" | "unknown"> {
    const { own, trust } = this.#parts
    const account = ownAccount(verified, own.accountId)
    const erased = verified.lookups.some(({ status, label }) => status === "ended" && equal(label, accountLabel(own.accountId)))
    await this.#checkHandle(tx, verified, { over: erased || account?.account.kind === "tombstone" })
    if (erased) {
      await this.#alarmEnd(tx, [])
      return "unknown"
    }
    if (!account) return "pending"
    const known = await trust.latest(own.accountId)
    if (!known) throw new KeylogError("account_version", "an account without a list of its own")
    let mine: VerifiedAccountState = known
    const states = [...account.chain, account.account]
    const same = states.find((state) => state.state.version === known.state.version)
    if (account.account.state.version < mine.state.version) throw new KeylogError("version_lower", "an older version of the own account")
    if (same && !equal(same.stateHash, mine.stateHash)) throw new KeylogError("value_changed", "another own account than this device made")
    trust.accounts.noteChecked(tx, own.accountId, verified.head.size)
    const unknown = states.filter((state, at) => state.state.version > known.state.version && states.indexOf(state) === at)
    if (unknown.length === 0) return "logged"
    const pending = await pendingRecoveryUpdate(tx)
    const [first] = unknown
    if (pending && first && equal(first.signed, pending)) {
      // Sent, and the answer was lost.
      await this.#adopt(tx, [first])
      if (unknown.length === 1) return "logged"
      unknown.shift()
      mine = first
    } else deletePendingRecoveryKey(tx)
    if (isOwnEnd(mine, unknown)) {
      await this.#takeEnd(tx, mine, unknown)
      return "logged"
    }
    await this.#alarm(tx, mine, unknown)
    return "unknown"
  }

  /** The own handle leads to the own account, or nowhere yet, or nowhere any more. @throws KeylogError `handle_account` */
  async #checkHandle(tx: Transaction, { lookups }: VerifiedSearch, { over }: { readonly over: boolean }): Promise<void> {
    const label = handleLabel(this.#parts.own.handle)
    for (const found of lookups) {
      if (found.status === "ended" && equal(found.label, label) && !over)
        throw new KeylogError("handle_account", "the handle of a living account is shown as erased")
      if (found.status !== "handle") continue
      const { handle, accountId } = found.binding
      if (!equal(accountId, this.#parts.own.accountId)) throw new KeylogError("handle_account", "the own handle is another's")
      saveHandle(tx, handle, { version: found.version, binding: found.encoded, accountId })
    }
  }

  async #alarm(tx: Transaction, mine: VerifiedAccountState, unknown: readonly VerifiedAccountState[]): Promise<void> {
    const { own } = this.#parts
    const last = unknown.at(-1) as VerifiedAccountState
    for (const state of unknown) saveUnknownVersion(tx, state)
    if (last.kind === "tombstone") return await this.#alarmEnd(tx, unknown)
    const out = findDevice(last.state, own.deviceId) === undefined
    const added = devicesOf(unknown).filter((device) => !findDevice(mine.state, device.deviceId))
    const what = added.map(({ deviceClass }) => deviceNames[deviceClass]).join(" and ")
    await this.#stop(tx, {
      code: out ? "own_account_replaced" : "own_device_unknown",
      text: out ? accountTexts.replaced : what === "" ? accountTexts.changed : accountTexts.deviceUnknown(what),
      deviceId: (added.find((device) => findDevice(last.state, device.deviceId)) ?? added.at(-1))?.deviceId,
      states: unknown,
    })
  }

  /** `unknown`: how it came to that, as far as the log still shows it. */
  async #alarmEnd(tx: Transaction, unknown: readonly VerifiedAccountState[]): Promise<void> {
    await this.#stop(tx, {
      code: "own_account_ended",
      text: accountTexts.ended,
      deviceId: undefined,
      states: unknown,
    })
  }

  async #stop(
    tx: Transaction,
    found: {
      readonly code: string
      readonly text: string
      readonly deviceId: Uint8Array | undefined
      readonly states: readonly VerifiedAccountState[]
    },
  ): Promise<void> {
    const { random, clock, crypto, own, keyLog } = this.#parts
    const { code, text, deviceId, states } = found
    const atMs = clock.nowMs()
    const evidence = evidenceOf(crypto, {
      code,
      atMs,
      origin: own.origin,
      config: keyLog.stored?.config,
      stored: keyLog.stored?.head,
      states: states.map((state) => state.signed),
    })
    const alarmId = await raiseAlarmOnce(tx, random, { level: "red", code, text, accountId: own.accountId, deviceId, evidence, atMs })
    await stopSending(tx, { accountId: undefined, code, alarmId })
  }

  /** One of the own devices ended the account, this one or another. */
  async #takeEnd(tx: Transaction, mine: VerifiedAccountState, states: readonly VerifiedAccountState[]): Promise<void> {
    const { ending, random, clock, own } = this.#parts
    const last = states.at(-1) as VerifiedAccountState
    if (!(await ending.isOwn(last))) {
      const [signer] = decodeSignedAccountState(last.signed).signatures
      const device = signer && findDevice(mine.state, signer.deviceId)
      await raiseAlarmOnce(tx, random, {
        level: "notice",
        code: "own_account_deleted",
        text: accountTexts.deletedFrom(device && deviceNames[device.deviceClass]),
        accountId: own.accountId,
        deviceId: device?.deviceId,
        atMs: clock.nowMs(),
      })
    }
    await this.#adopt(tx, states)
  }

  /** "I have read it": an account that somebody else ended is over all the same. */
  async acknowledgeEnd(): Promise<void> {
    const states = await this.unknown()
    await this.#parts.transactions.run(async (tx) => {
      await this.#adopt(tx, states)
      await this.#parts.ending.take(tx)
    })
  }

  async #takeUpdate(
    tx: Transaction,
    verified: VerifiedSearch,
    made: { readonly next: Uint8Array; readonly unknown: readonly VerifiedAccountState[] },
  ): Promise<void> {
    const account = ownAccount(verified, this.#parts.own.accountId)
    // A receipt is a search like any other: it must show the very version that was sent.
    if (!account || !equal(account.account.signed, made.next)) throw new KeylogError("value_changed", "the log holds another version")
    const states = [...account.chain, account.account].filter((state, at, all) => all.indexOf(state) === at)
    await this.#adopt(tx, states)
    this.#parts.trust.accounts.noteChecked(tx, this.#parts.own.accountId, verified.head.size)
  }

  /** The states count as the owner's; what they had stopped goes on. */
  async #adopt(tx: Transaction, states: readonly VerifiedAccountState[]): Promise<void> {
    const { trust, clock, own, ending } = this.#parts
    trust.accounts.addStates(tx, states)
    await recoveryUpdateTaken(tx, states)
    deleteUnknownVersions(tx)
    for (const alarmId of await listOpenAlarms(tx, { accountId: own.accountId, codes: unknownVersionAlarms })) {
      acknowledgeAlarm(tx, alarmId, clock.nowMs())
      await resumeSending(tx, alarmId)
    }
    if (states.at(-1)?.kind === "tombstone") await ending.take(tx)
  }

  async #isUnknown(deviceId: Uint8Array, states: readonly VerifiedAccountState[]): Promise<boolean> {
    const mine = await this.#parts.trust.latest(this.#parts.own.accountId)
    const known = new Set((mine?.state.devices ?? []).map((device) => toHex(device.deviceId)))
    return devicesOf(states).some((device) => equal(device.deviceId, deviceId) && !known.has(toHex(device.deviceId)))
  }
}

function ownAccount({ lookups }: VerifiedSearch, accountId: AccountId): Extract<Lookup, { readonly status: "account" }> | undefined {
  for (const found of lookups) if (found.status === "account" && equal(found.account.state.accountId, accountId)) return found
  return undefined
}

/** Whether the versions after `mine` end the account and were made by its known devices alone: nobody came in on the way. */
function isOwnEnd(mine: VerifiedAccountState, after: readonly VerifiedAccountState[]): boolean {
  return (
    after.at(-1)?.kind === "tombstone" &&
    after.every(({ kind }) => kind === "update" || kind === "tombstone") &&
    devicesOf(after).every(({ deviceId }) => findDevice(mine.state, deviceId) !== undefined)
  )
}

/** Every device that any of the versions lists, once. */
function devicesOf(states: readonly VerifiedAccountState[]): readonly Device[] {
  return [...new Map(states.flatMap((state) => state.state.devices).map((device) => [toHex(device.deviceId), device])).values()]
}
