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
  decodeVerifiedAccountState,
  encodeVerifiedAccountState,
  findDevice,
  handleLabel,
  signAccountState,
} from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { WireError, logUpdate } from "@nodoor/wire"
import { raiseAlarmOnce } from "../alarms.ts"
import { ClientError } from "../client-error.ts"
import type { OwnDevice } from "../own-device.ts"
import type { Clock } from "../ports.ts"
import type { Session } from "../session.ts"
import type { Trust } from "../trust.ts"
import type { Turn, Turns } from "../turn.ts"
import { deviceWords } from "./contact-notes.ts"
import { evidenceOf } from "./evidence-record.ts"
import type { KeyLog } from "./key-log.ts"
import { writeKnownHandle } from "./log-rows.ts"
import { goOn, stopSending } from "./stops.ts"

export interface OwnAccountParts {
  readonly turns: Turns
  readonly session: Session
  readonly keyLog: KeyLog
  readonly trust: Trust
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: OwnDevice
}

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
    const { own, keyLog } = this.#parts
    return keyLog.search({
      labels: [accountLabel(own.accountId), handleLabel(own.handle)],
      subject: own.accountId,
      take: (turn, verified) => this.#take(turn, verified),
    })
  }

  /** Versions that the log holds and nobody acknowledged, oldest first. */
  async unknown(): Promise<readonly VerifiedAccountState[]> {
    const rows = await this.#parts.turns.database.read("SELECT state FROM own_unknown ORDER BY version")
    return rows.map((row) => decodeVerifiedAccountState(this.#parts.crypto, row["state"] as Uint8Array))
  }

  /** "It was me." @throws ClientError `not_found` for a device that nothing unknown brought */
  async acknowledge(deviceId: Uint8Array): Promise<void> {
    const { turns } = this.#parts
    const states = await this.unknown()
    const last = states.at(-1)
    if (!last || !(await this.#isUnknown(deviceId, states)))
      throw new ClientError("not_found", "There is no unknown device of that id in your account.")
    await turns.run((turn) => this.#adopt(turn, states))
  }

  /** The next version of the account without the device, signed by this one, answered when it is in the log. @throws ClientError `not_allowed`, `not_found`; as `KeyLog.search` */
  async remove(deviceId: Uint8Array): Promise<void> {
    const { own, trust, keyLog, session } = this.#parts
    if (equal(deviceId, own.deviceId)) throw new ClientError("not_allowed", "This device cannot remove itself.")
    await this.look()
    const unknown = await this.unknown()
    const base = unknown.at(-1) ?? (await trust.latest(own.accountId))
    if (!base || !findDevice(base.state, deviceId as DeviceId))
      throw new ClientError("not_found", "There is no such device in your account.")
    if (!findDevice(base.state, own.deviceId))
      throw new ClientError(
        "not_allowed",
        "Your account was started over without this device, so it has no say in it any more. Tell your contacts by another way: their devices hold the new one back for a day.",
      )
    const next = this.#without(base, deviceId)
    try {
      await keyLog.search({
        labels: [accountLabel(own.accountId)],
        subject: own.accountId,
        ask: (request) => session.call(logUpdate, { state: next, request }),
        take: (turn, verified) => this.#takeUpdate(turn, verified, { next, unknown }),
      })
    } catch (error) {
      if (error instanceof ClientError && error.cause instanceof WireError && error.cause.code === "account_state_stale")
        throw new ClientError("not_allowed", "Your account has just changed otherwise. Look at your devices again.", { cause: error })
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

  async #take(turn: Turn, verified: VerifiedSearch): Promise<"logged" | "pending" | "unknown"> {
    const { own, trust } = this.#parts
    const account = ownAccount(verified, own.accountId)
    await this.#checkHandle(turn, verified)
    if (!account) return "pending"
    const mine = await trust.latest(own.accountId)
    if (!mine) throw new KeylogError("account_version", "an account without a list of its own")
    const states = [...account.chain, account.account]
    const same = states.find((state) => state.state.version === mine.state.version)
    if (account.account.state.version < mine.state.version) throw new KeylogError("version_lower", "an older version of the own account")
    if (same && !equal(same.stateHash, mine.stateHash)) throw new KeylogError("value_changed", "another own account than this device made")
    trust.noteOwnLogged(turn, verified.head.size)
    const unknown = states.filter((state, at) => state.state.version > mine.state.version && states.indexOf(state) === at)
    if (unknown.length === 0) return "logged"
    await this.#alarm(turn, mine, unknown)
    return "unknown"
  }

  /** The own handle leads to the own account, or nowhere yet. @throws KeylogError `handle_account` */
  async #checkHandle(turn: Turn, { lookups }: VerifiedSearch): Promise<void> {
    for (const found of lookups) {
      if (found.status !== "handle") continue
      const { handle, accountId } = found.binding
      if (!equal(accountId, this.#parts.own.accountId)) throw new KeylogError("handle_account", "the own handle is another's")
      writeKnownHandle(turn, handle, { version: found.version, binding: found.encoded, accountId })
    }
  }

  async #alarm(turn: Turn, mine: VerifiedAccountState, unknown: readonly VerifiedAccountState[]): Promise<void> {
    const { random, clock, crypto, own, keyLog } = this.#parts
    const last = unknown.at(-1) as VerifiedAccountState
    for (const state of unknown)
      turn.write(
        "INSERT OR REPLACE INTO own_unknown (version, state) VALUES (?, ?)",
        state.state.version,
        encodeVerifiedAccountState(state),
      )
    const atMs = clock.nowMs()
    const out = findDevice(last.state, own.deviceId) === undefined
    const added = devicesOf(unknown).filter((device) => !findDevice(mine.state, device.deviceId))
    const what = added.map(({ deviceClass }) => deviceWords[deviceClass]).join(" and ")
    const code = out ? "own_account_replaced" : "own_device_unknown"
    const text = out
      ? "Your account was started over without this device. If that was not you, somebody else is taking it over: tell your contacts by another way, now. Their devices hold the new one back for a day. This device sends nothing any more."
      : `A device that you did not add is in your account${what === "" ? "" : `: ${what}`}. Remove it, or say that it was you. This device sends nothing until you have.`
    const evidence = evidenceOf(crypto, {
      code,
      atMs,
      origin: own.origin,
      config: keyLog.stored?.config,
      stored: keyLog.stored?.head,
      states: unknown.map((state) => state.signed),
    })
    const alarmId = await raiseAlarmOnce(turn, random, {
      level: "red",
      code,
      text,
      accountId: own.accountId,
      deviceId: (added.find((device) => findDevice(last.state, device.deviceId)) ?? added.at(-1))?.deviceId,
      evidence,
      atMs,
    })
    await stopSending(turn, { accountId: undefined, code, alarmId })
  }

  async #takeUpdate(
    turn: Turn,
    verified: VerifiedSearch,
    made: { readonly next: Uint8Array; readonly unknown: readonly VerifiedAccountState[] },
  ): Promise<void> {
    const account = ownAccount(verified, this.#parts.own.accountId)
    // A receipt is a search like any other: it must show the very version that was sent.
    if (!account || !equal(account.account.signed, made.next)) throw new KeylogError("value_changed", "the log holds another version")
    const states = [...account.chain, account.account].filter((state, at, all) => all.indexOf(state) === at)
    await this.#adopt(turn, states)
    this.#parts.trust.noteOwnLogged(turn, verified.head.size)
  }

  /** The states count as the owner's; what they had stopped goes on. */
  async #adopt(turn: Turn, states: readonly VerifiedAccountState[]): Promise<void> {
    const { trust, clock, own } = this.#parts
    trust.adoptOwn(turn, states)
    turn.write("DELETE FROM own_unknown")
    const alarms = await turn.read(
      "SELECT id FROM alarm WHERE account_id = ? AND code IN ('own_device_unknown', 'own_account_replaced') AND acknowledged_ms IS NULL",
      own.accountId,
    )
    for (const row of alarms) {
      const id = row["id"] as Uint8Array
      turn.write("UPDATE alarm SET acknowledged_ms = ? WHERE id = ?", clock.nowMs(), id)
      await goOn(turn, id)
    }
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

/** Every device that any of the versions lists, once. */
function devicesOf(states: readonly VerifiedAccountState[]): readonly Device[] {
  return [...new Map(states.flatMap((state) => state.state.devices).map((device) => [toHex(device.deviceId), device])).values()]
}
