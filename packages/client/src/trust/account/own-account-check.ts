// The own account in the log, compared with what this device holds (docs/transparency.md, "Owner monitoring"). The map only grows, so
// whatever was put there while the owner was away is found by one lookup afterwards.

import { equal } from "@nodoor/bytes"
import {
  KeylogError,
  type VerifiedAccountState,
  type VerifiedSearch,
  accountLabel,
  decodeSignedAccountState,
  findDevice,
  handleLabel,
} from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { logSearch } from "@nodoor/wire"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Transaction } from "../../core/transaction.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { saveHandle } from "../../store/trust/handles.ts"
import { findPendingAddition } from "../../store/link.ts"
import { deletePendingRecoveryKey, saveUnknownVersion } from "../../store/trust/own-account.ts"
import { accountTexts, deviceNames } from "../../texts/en.ts"
import { evidenceOf } from "../alarm/evidence.ts"
import { stopSending } from "../alarm/sending-stop.ts"
import type { KeyLog, SearchOptions } from "../log/key-log.ts"
import type { Ending } from "./account-end.ts"
import { type OwnVersions, devicesOf, shownAccount } from "./own-versions.ts"
import { isMadeBySiblings, tellSiblingChanges } from "./sibling-changes.ts"
import { pendingRecoveryUpdate } from "./recovery-key.ts"

/** `pending`: the log does not hold the account yet, as in the first moments after registering. `unknown`: it holds more than its owner made. */
export type OwnAccountStatus = "logged" | "pending" | "unknown"

export interface OwnAccountCheckParts {
  readonly versions: OwnVersions
  readonly keyLog: Pick<KeyLog, "search" | "stored">
  readonly session: Pick<Session, "alone">
  readonly ending: Pick<Ending, "isOwn">
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: OwnDevice
  /** Another own device came or went. */
  changed(): void
}

export class OwnAccountCheck {
  readonly #parts: OwnAccountCheckParts

  constructor(parts: OwnAccountCheckParts) {
    this.#parts = parts
  }

  /**
   * Looks up the own labels. What its owner did not make raises the alarm and stops sending. @throws as `KeyLog.search`
   */
  look(): Promise<OwnAccountStatus> {
    return this.#look(undefined)
  }

  /** The same without signing in, on a connection of its own: lets a device that the server no longer knows learn why. @throws as `KeyLog.search` */
  lookFromOutside(): Promise<OwnAccountStatus> {
    const { session } = this.#parts
    return this.#look((request) => session.alone(logSearch, { request }))
  }

  #look(ask: SearchOptions<never>["ask"]): Promise<OwnAccountStatus> {
    const { own, keyLog } = this.#parts
    return keyLog.search({
      labels: [accountLabel(own.accountId), handleLabel(own.handle)],
      subject: own.accountId,
      ...(ask && { ask }),
      take: (tx, verified) => this.#take(tx, verified),
    })
  }

  async #take(tx: Transaction, verified: VerifiedSearch): Promise<OwnAccountStatus> {
    const { own, versions } = this.#parts
    const account = shownAccount(verified, own.accountId)
    const erased = verified.lookups.some(({ status, label }) => status === "ended" && equal(label, accountLabel(own.accountId)))
    await this.#checkHandle(tx, verified, { over: erased || account?.account.kind === "tombstone" })
    if (erased) {
      await this.#alarmEnd(tx, [])
      return "unknown"
    }
    if (!account) return "pending"
    const known = await versions.known()
    if (!known) throw new KeylogError("account_version", "an account without a list of its own")
    let mine: VerifiedAccountState = known
    const states = [...account.chain, account.account]
    const same = states.find((state) => state.state.version === known.state.version)
    if (account.account.state.version < mine.state.version) throw new KeylogError("version_lower", "an older version of the own account")
    if (same && !equal(same.stateHash, mine.stateHash)) throw new KeylogError("value_changed", "another own account than this device made")
    versions.noteLogged(tx, verified)
    const unknown = states.filter((state, at) => state.state.version > known.state.version && states.indexOf(state) === at)
    if (unknown.length === 0) return "logged"
    const pending = [await pendingRecoveryUpdate(tx), await findPendingAddition(tx)]
    const [first] = unknown
    if (first && pending.some((signed) => signed && equal(first.signed, signed))) {
      // Sent, and the answer was lost.
      await versions.adopt(tx, [first])
      if (unknown.length === 1) return "logged"
      unknown.shift()
      mine = first
    } else deletePendingRecoveryKey(tx)
    if (isOwnEnd(mine, unknown)) {
      await this.#takeEnd(tx, mine, unknown)
      return "logged"
    }
    if (isMadeBySiblings(mine, unknown, own)) return await this.#takeFromSiblings(tx, mine, unknown)
    await this.#alarm(tx, mine, unknown)
    return "unknown"
  }

  /** The person changed the account on another device, and perhaps took this one out of it. */
  async #takeFromSiblings(tx: Transaction, mine: VerifiedAccountState, after: readonly VerifiedAccountState[]): Promise<OwnAccountStatus> {
    const { own, versions, random, clock } = this.#parts
    const last = after.at(-1) ?? mine
    if (!findDevice(last.state, own.deviceId)) {
      for (const state of after) saveUnknownVersion(tx, state)
      const code = "own_device_removed"
      await this.#stop(tx, { code, text: accountTexts.thisRemoved, deviceId: own.deviceId, states: after })
      return "unknown"
    }
    await versions.adopt(tx, after)
    await tellSiblingChanges(tx, { random, own, nowMs: clock.nowMs() }, mine, after)
    tx.after(() => this.#parts.changed())
    return "logged"
  }

  /** The own handle leads to the own account, or nowhere: not yet, or no longer. @throws KeylogError `handle_account` */
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
    await this.#parts.versions.adopt(tx, states)
  }
}

/** Whether the versions after `mine` end the account and were made by its known devices alone: nobody came in on the way. */
function isOwnEnd(mine: VerifiedAccountState, after: readonly VerifiedAccountState[]): boolean {
  return (
    after.at(-1)?.kind === "tombstone" &&
    after.every(({ kind }) => kind === "update" || kind === "tombstone") &&
    devicesOf(after).every(({ deviceId }) => findDevice(mine.state, deviceId) !== undefined)
  )
}
