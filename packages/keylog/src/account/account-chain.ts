// Which version of an account may follow which: the rule that the operator cannot add a device except through a reset,
// and that a reset shows. Numbers like A12 are the rules of docs/transparency.md.

import { type Bytes, TlsReader, bytes, compare, decodeTls, encodeTls, equal, toHex } from "@nodoor/bytes"
import { CodecError } from "@nodoor/bytes"
import {
  type AccountId,
  type AccountState,
  type AccountStateHash,
  type Device,
  type DeviceId,
  type SignedAccountState,
  accountSignatureInput,
  accountStateHash,
  decodeSignedAccountState,
  encodeAccountState,
  encodeSignedAccountState,
  maxSignedAccountStateBytes,
} from "./account-state.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { parse, rule } from "../core/keylog-error.ts"
import { isFitPublicKey } from "../core/public-key.ts"

declare const verified: unique symbol

/** How a verified version came about. A *hard reset* had no recovery key to vouch for it: its devices are held. */
export type AccountChange = "genesis" | "update" | "recovery reset" | "hard reset" | "tombstone"

/** A version whose signatures and place in the chain were checked back to genesis. Made by `verifyAccountState` only. */
export interface VerifiedAccountState {
  readonly [verified]: true
  readonly state: AccountState
  readonly kind: AccountChange
  readonly stateHash: AccountStateHash
  /** State hash of version 0; part of safety numbers and handle bindings. */
  readonly genesisHash: AccountStateHash
  /**
   * The latest hard reset of the chain, else its latest reset; still told after later updates and resets, so that a hold cannot be shaken off
   * by one: a recovery key that came with a hard reset, or after it, vouches for no more than its devices do.
   */
  readonly lastReset: { readonly version: number; readonly hard: boolean } | undefined
  /** The exact `SignedAccountState` that was verified. */
  readonly signed: Uint8Array
}

/** A chain is read at most this many versions at a time; a person changes devices a few times a year. */
export const maxChainVersions = 1024

export interface AccountVerification {
  /** The version before, verified; undefined for genesis. */
  readonly previous: VerifiedAccountState | undefined
  /** An encoded `SignedAccountState`. */
  readonly next: Uint8Array
  readonly origin: string
  readonly accountId: AccountId
}

/**
 * Whether `next` may follow `previous`.
 * @throws KeylogError with the code of the rule it breaks
 */
export function verifyAccountState(crypto: LogCrypto, { previous, next, origin, accountId }: AccountVerification): VerifiedAccountState {
  const signed = parse("account state", () => decodeSignedAccountState(next))
  const { state } = signed
  rule(state.origin === origin, "wrong_origin", "account state of another log") // A1
  rule(equal(state.accountId, accountId), "wrong_account", "state of another account") // A2
  checkPlace(previous, state)
  checkDevices(previous, state)
  const stateHash = accountStateHash(crypto, signed.tbs)
  checkSignatures(crypto, previous, signed, accountSignatureInput(stateHash))

  const hard = previous?.state.recoveryKey === undefined
  const kind: AccountChange = state.kind !== "reset" ? state.kind : hard ? "hard reset" : "recovery reset"
  const genesisHash = previous?.genesisHash ?? stateHash
  const lastReset = state.kind === "reset" ? resetOf(previous?.lastReset, { version: state.version, hard }) : previous?.lastReset
  return {
    state,
    kind,
    stateHash,
    genesisHash,
    lastReset,
    signed: next.slice(),
  } as unknown as VerifiedAccountState
}

function resetOf(before: VerifiedAccountState["lastReset"], now: { readonly version: number; readonly hard: boolean }): typeof now {
  return !now.hard && before?.hard === true ? before : now
}

/**
 * Verifies versions in order, each after the one before. Returns every one, oldest first; the last is what to store.
 * @throws KeylogError as `verifyAccountState`; `malformed` for more than `maxChainVersions`
 */
export function verifyAccountChain(
  crypto: LogCrypto,
  input: Omit<AccountVerification, "next"> & { readonly states: readonly Uint8Array[] },
): VerifiedAccountState[] {
  rule(input.states.length <= maxChainVersions, "malformed", `more than ${maxChainVersions} account states`)
  const out: VerifiedAccountState[] = []
  let previous = input.previous
  for (const next of input.states) {
    previous = verifyAccountState(crypto, {
      previous,
      next,
      origin: input.origin,
      accountId: input.accountId,
    })
    out.push(previous)
  }
  return out
}

/**
 * Signs a version with the given devices and, for a reset of an account that has one, the recovery key. Private keys are
 * 32-byte seeds; they are not kept. Returns the encoded `SignedAccountState`; it says nothing about whether the version may follow.
 */
export function signAccountState(
  crypto: LogCrypto,
  input: {
    readonly state: AccountState
    readonly signers: readonly { readonly deviceId: DeviceId; readonly privateKey: Uint8Array }[]
    readonly recoveryPrivateKey?: Uint8Array | undefined
  },
): Uint8Array {
  const tbs = encodeAccountState(input.state)
  const message = accountSignatureInput(accountStateHash(crypto, tbs))
  const signatures = input.signers
    .map(({ deviceId, privateKey }) => ({
      deviceId,
      signature: crypto.signEd25519({ privateKey, message }),
    }))
    .sort((a, b) => compare(a.deviceId, b.deviceId))
  const recoverySignature = input.recoveryPrivateKey && crypto.signEd25519({ privateKey: input.recoveryPrivateKey, message })
  return encodeSignedAccountState({ tbs, signatures, recoverySignature })
}

/**
 * The same version with a further device's signature: a new device signs what a listed one has signed. Says nothing about whether the version
 * may follow. @throws KeylogError `malformed`
 */
export function coSignAccountState(
  crypto: LogCrypto,
  signed: Uint8Array,
  { deviceId, privateKey }: { readonly deviceId: DeviceId; readonly privateKey: Uint8Array },
): Uint8Array {
  const { tbs, signatures, recoverySignature } = parse("account state", () => decodeSignedAccountState(signed))
  const message = accountSignatureInput(accountStateHash(crypto, tbs))
  const own = { deviceId, signature: crypto.signEd25519({ privateKey, message }) }
  const others = signatures.filter((other) => !equal(other.deviceId, deviceId))
  const all = [...others, own].sort((a, b) => compare(a.deviceId, b.deviceId))
  return encodeSignedAccountState({ tbs, signatures: all, recoverySignature })
}

/** Until when peers encrypt nothing to the account's devices: a day or more after the epoch that showed a hard reset. Undefined: no hold. */
export function heldUntilMs(
  account: VerifiedAccountState,
  times: { readonly resetEpochTimeMs: number; readonly resetDelayMs: number },
): number | undefined {
  return account.lastReset?.hard === true ? times.resetEpochTimeMs + times.resetDelayMs : undefined
}

/** Bytes of a verified state for the owner's own storage. Whoever can write there can forge it; never for the wire. */
export function encodeVerifiedAccountState(account: VerifiedAccountState): Uint8Array {
  return encodeTls((w) => {
    w.prefixed(2, account.signed).raw(account.genesisHash)
    w.u8(["genesis", "update", "recovery reset", "hard reset", "tombstone"].indexOf(account.kind))
    w.optional(account.lastReset, (inner, reset) => inner.u32(reset.version).u8(reset.hard ? 1 : 0))
  })
}

/** Reads back what `encodeVerifiedAccountState` wrote, from trusted storage only: signatures are not checked again. @throws CodecError */
export function decodeVerifiedAccountState(crypto: LogCrypto, stored: Uint8Array): VerifiedAccountState {
  return decodeTls(stored, (r) => {
    const signed = r.prefixed(2, maxSignedAccountStateBytes).slice()
    const { state, tbs } = decodeSignedAccountState(signed)
    const genesisHash: Bytes<"AccountStateHash"> = bytes(r.raw(32).slice())
    const kind = (["genesis", "update", "recovery reset", "hard reset", "tombstone"] as const)[r.u8()]
    if (kind === undefined) throw new CodecError("invalid_value", "account change")
    const lastReset = r.optional((inner: TlsReader) => ({
      version: inner.u32(),
      hard: inner.u8() === 1,
    }))
    return {
      state,
      kind,
      stateHash: accountStateHash(crypto, tbs),
      genesisHash,
      lastReset,
      signed,
    } as unknown as VerifiedAccountState
  })
}

function checkPlace(previous: VerifiedAccountState | undefined, state: AccountState): void {
  if (previous === undefined) {
    rule(state.kind === "genesis", "account_kind", "the first version is no genesis") // A17
    rule(state.version === 0, "account_version", "genesis is version 0") // A3
    rule(
      state.prev.every((byte) => byte === 0),
      "account_prev",
      "genesis has a version before",
    ) // A4
    rule(state.resetCount === 0 && state.lastResetVersion === 0, "account_reset_count", "genesis counts a reset") // A5
    return
  }
  const before = previous.state
  rule(before.kind !== "tombstone", "account_after_tombstone", "the account was erased") // A6
  rule(state.kind !== "genesis", "account_kind", "a second genesis") // A17
  rule(state.version === before.version + 1, "account_version", "versions have no gaps") // A3
  rule(equal(state.prev, previous.stateHash), "account_prev", "not the successor of the version before") // A4
  const reset = state.kind === "reset"
  rule(state.resetCount === before.resetCount + (reset ? 1 : 0), "account_reset_count", "resets are counted, never uncounted") // A5
  rule(state.lastResetVersion === (reset ? state.version : before.lastResetVersion), "account_reset_count", "version of the last reset") // A5
}

function checkDevices(previous: VerifiedAccountState | undefined, state: AccountState): void {
  if (state.kind === "tombstone") {
    rule(state.devices.length === 0 && state.recoveryKey === undefined, "account_no_device", "an erased account has no keys") // A7
    return
  }
  rule(state.devices.length > 0, "account_no_device", "an account without a device") // A7
  const seen = new Set<string>()
  for (const { signatureKey } of state.devices) {
    rule(isFitPublicKey(signatureKey), "account_key_unfit", "device key") // A8
    const text = toHex(signatureKey)
    rule(!seen.has(text), "account_key_reused", "two devices with one key") // A9
    seen.add(text)
  }
  rule(state.recoveryKey === undefined || isFitPublicKey(state.recoveryKey), "account_key_unfit", "recovery key") // A8
  rule(state.recoveryKey === undefined || !seen.has(toHex(state.recoveryKey)), "account_key_reused", "recovery key is a device's") // A9
  checkRecoveryKey(previous, state)
  for (const device of state.devices) {
    const old = previous && findDevice(previous.state, device.deviceId)
    if (old === undefined) {
      rule(device.addedVersion === state.version, "account_added_version", "a new device was added now") // A11
      continue
    }
    rule(state.kind !== "reset", "account_device_changed", "a reset keeps no device") // A10
    rule(equal(old.signatureKey, device.signatureKey), "account_device_changed", "key of a kept device") // A10
    rule(
      old.deviceClass === device.deviceClass && old.addedVersion === device.addedVersion,
      "account_device_changed",
      "class or first version of a kept device",
    ) // A10
  }
}

/** A device may give its account a first recovery key, and no more: who holds a device for a minute is not who may start the account over. */
function checkRecoveryKey(previous: VerifiedAccountState | undefined, state: AccountState): void {
  const before = previous?.state.recoveryKey
  if (state.kind !== "update" || before === undefined) return
  const kept = state.recoveryKey !== undefined && equal(state.recoveryKey, before)
  rule(kept, "account_recovery_changed", "an update keeps the recovery key") // A18
}

function checkSignatures(
  crypto: LogCrypto,
  previous: VerifiedAccountState | undefined,
  { state, signatures, recoverySignature }: SignedAccountState,
  message: Uint8Array,
): void {
  const byOld = new Map<string, Device>()
  const byNew = new Map<string, Device>()
  if (previous && state.kind !== "reset") for (const device of previous.state.devices) byOld.set(toHex(device.deviceId), device)
  for (const device of state.devices) if (!byOld.has(toHex(device.deviceId))) byNew.set(toHex(device.deviceId), device)

  let vouchers = 0
  for (const { deviceId, signature } of signatures) {
    const id = toHex(deviceId)
    const signer = byOld.get(id) ?? byNew.get(id)
    rule(signer !== undefined, "account_stray_signature", "signature of a device that has no say") // A15
    const good = crypto.verifyEd25519({ publicKey: signer.signatureKey, message, signature })
    rule(good, "account_bad_signature", "signature of a device") // A14
    if (byOld.has(id)) vouchers++
    byNew.delete(id)
  }
  rule(byNew.size === 0, "account_no_possession", "a new device did not sign") // A13
  if (state.kind === "update" || state.kind === "tombstone")
    rule(vouchers > 0, "account_unsigned", "no device of the version before signed") // A12

  const recoveryKey = state.kind === "reset" ? previous?.state.recoveryKey : undefined
  if (recoveryKey === undefined) {
    rule(recoverySignature === undefined, "account_stray_signature", "recovery signature without a say") // A15
    return
  }
  rule(recoverySignature !== undefined, "account_recovery_unsigned", "the account has a recovery key") // A16
  const good = crypto.verifyEd25519({
    publicKey: recoveryKey,
    message,
    signature: recoverySignature,
  })
  rule(good, "account_bad_signature", "signature of the recovery key") // A14
}

/** The device of that id, if the state lists it. */
export function findDevice(state: AccountState, deviceId: DeviceId): Device | undefined {
  return state.devices.find((device) => equal(device.deviceId, deviceId))
}
