// The account chain (docs/transparency.md, "Account chain"): which devices an account has, each version vouched for by a
// device of the version before. This file is the encoding; `account-chain.ts` decides whether a version may follow another.

import { type Bytes, TlsReader, type TlsWriter, bytes, compare, concat, decodeTls, encodeTls, toUtf8 } from "@nodoor/bytes"
import { CodecError } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { isOriginText } from "../core/origin.ts"

/** 16 random bytes. */
export type AccountId = Bytes<"AccountId">
/** 16 random bytes. */
export type DeviceId = Bytes<"DeviceId">
/** SHA-256("kt/account-state/v1" ‖ 0x00 ‖ TBS), 32 bytes. */
export type AccountStateHash = Bytes<"AccountStateHash">

/** What kind of program holds a device's key; shown to people, decides nothing. In order of the encoded value, from 0. */
export const deviceClasses = ["cli", "desktop", "mobile", "web", "web-verified", "bot"] as const
export type DeviceClass = (typeof deviceClasses)[number]

/** Ed25519 (RFC 8446 §4.2.3), the only scheme of format 1. */
export const ed25519SignatureScheme = 0x0807

export interface Device {
  readonly deviceId: DeviceId
  readonly deviceClass: DeviceClass
  readonly signatureScheme: typeof ed25519SignatureScheme
  /** Ed25519 public key, 32 bytes; the same key as in the device's MLS leaves. */
  readonly signatureKey: Uint8Array
  /** Version of the account that first listed the device. */
  readonly addedVersion: number
}

/** In order of the encoded value, from 0. */
export const accountStateKinds = ["genesis", "update", "reset", "tombstone"] as const
export type AccountStateKind = (typeof accountStateKinds)[number]

export interface AccountState {
  /** 1 to 255 bytes: the log's origin, `<host>/kt/1`. */
  readonly origin: string
  readonly accountId: AccountId
  /** 0 at genesis, then without gaps. */
  readonly version: number
  /** State hash of the version before; zeros at version 0. */
  readonly prev: Uint8Array
  readonly kind: AccountStateKind
  /** Never goes down, so that a reset can never be hidden later. */
  readonly resetCount: number
  /** Version of the latest reset; 0 if there was none. */
  readonly lastResetVersion: number
  /** Ed25519 public key of 32 bytes that may sign a reset, if the account has one. */
  readonly recoveryKey: Uint8Array | undefined
  /** Strictly ascending by device id; at most `maxAccountDevices`. */
  readonly devices: readonly Device[]
}

/** Version 0 of an account with one device. */
export function genesisState({
  origin,
  accountId,
  recoveryKey,
  device: { deviceId, deviceClass, signatureKey },
}: {
  readonly origin: string
  readonly accountId: AccountId
  readonly recoveryKey: Uint8Array | undefined
  readonly device: Pick<Device, "deviceId" | "deviceClass" | "signatureKey">
}): AccountState {
  return {
    origin,
    accountId,
    version: 0,
    prev: new Uint8Array(32),
    kind: "genesis",
    resetCount: 0,
    lastResetVersion: 0,
    recoveryKey,
    devices: [{ deviceId, deviceClass, signatureScheme: ed25519SignatureScheme, signatureKey, addedVersion: 0 }],
  }
}

/** An account state with the signatures that stand under it, as received: parsed, not verified. */
export interface SignedAccountState {
  readonly tbs: Uint8Array
  readonly state: AccountState
  /** Strictly ascending by device id. Each signature is 64 bytes over `accountSignatureInput(stateHash)`. */
  readonly signatures: readonly { readonly deviceId: DeviceId; readonly signature: Uint8Array }[]
  /** 64 bytes by the recovery key of the version before; only under a reset. */
  readonly recoverySignature: Uint8Array | undefined
}

/** People have a handful of devices; 20 keeps a state below 1.5 KiB and one message's fan-out small. */
export const maxAccountDevices = 20
/** An update may be signed by every device of the version before and by as many new ones. */
export const maxAccountSignatures: number = 2 * maxAccountDevices
/** Longest `AccountStateTBS` of format 1: 1+256+16+4+32+1+4+4+33+2+20·(16+1+2+34+4). */
export const maxAccountStateBytes: number = 353 + maxAccountDevices * 57
/** Longest `SignedAccountState`. */
export const maxSignedAccountStateBytes: number = 2 + maxAccountStateBytes + 2 + maxAccountSignatures * 80 + 1 + 64

const format = 1

/** The exact bytes that are hashed and signed: `AccountStateTBS`. @throws RangeError for a state that has no encoding (our own bug) */
export function encodeAccountState(state: AccountState): Uint8Array {
  return encodeTls((w) => {
    w.u8(format)
    w.prefixed(1, toUtf8(state.origin))
    w.raw(state.accountId).u32(state.version).raw(state.prev)
    w.u8(accountStateKinds.indexOf(state.kind))
    w.u32(state.resetCount).u32(state.lastResetVersion)
    w.prefixed(1, state.recoveryKey ?? new Uint8Array())
    w.prefixed(
      2,
      encodeTls((inner) => {
        for (const device of state.devices) writeDevice(inner, device)
      }),
    )
  })
}

/** @throws CodecError for anything but the one encoding of a state: unknown format, kind, class or scheme, devices out of order, bytes left over */
export function decodeAccountState(tbs: Uint8Array): AccountState {
  if (tbs.length > maxAccountStateBytes) throw new CodecError("oversized", "account state")
  return decodeTls(tbs, (r) => {
    if (r.u8() !== format) throw new CodecError("invalid_value", "account state format")
    const origin = readOrigin(r)
    const accountId = bytes<"AccountId">(r.raw(16).slice())
    const version = r.u32()
    const prev = r.raw(32).slice()
    const kind = accountStateKinds[r.u8()]
    if (kind === undefined) throw new CodecError("invalid_value", "account state kind")
    const resetCount = r.u32()
    const lastResetVersion = r.u32()
    const recovery = r.prefixed(1, 32)
    if (recovery.length !== 0 && recovery.length !== 32) throw new CodecError("invalid_value", "recovery key length")
    const devices: Device[] = []
    const inner = new TlsReader(r.prefixed(2))
    while (inner.remainingBytes > 0) {
      if (devices.length === maxAccountDevices) throw new CodecError("oversized", `more than ${maxAccountDevices} devices`)
      const device = readDevice(inner)
      const before = devices.at(-1)
      if (before && compare(before.deviceId, device.deviceId) >= 0) throw new CodecError("non_canonical", "order of devices")
      devices.push(device)
    }
    const recoveryKey = recovery.length === 0 ? undefined : recovery.slice()
    return {
      origin,
      accountId,
      version,
      prev,
      kind,
      resetCount,
      lastResetVersion,
      recoveryKey,
      devices,
    }
  })
}

/** `struct { opaque tbs<1..2^16-1>; DeviceSignature signatures<0..2^16-1>; opaque recovery_signature<0..64>; } SignedAccountState` */
export function encodeSignedAccountState(signed: Pick<SignedAccountState, "tbs" | "signatures" | "recoverySignature">): Uint8Array {
  return encodeTls((w) => {
    w.prefixed(2, signed.tbs)
    w.prefixed(2, concat(...signed.signatures.flatMap(({ deviceId, signature }) => [deviceId, signature])))
    w.prefixed(1, signed.recoverySignature ?? new Uint8Array())
  })
}

/** @throws CodecError as `decodeAccountState`, and for signatures out of order or of a wrong length */
export function decodeSignedAccountState(encoded: Uint8Array): SignedAccountState {
  if (encoded.length > maxSignedAccountStateBytes) throw new CodecError("oversized", "signed account state")
  return decodeTls(encoded, (r) => {
    const tbs = r.prefixed(2, maxAccountStateBytes).slice()
    const state = decodeAccountState(tbs)
    const inner = new TlsReader(r.prefixed(2))
    const signatures: { deviceId: DeviceId; signature: Uint8Array }[] = []
    while (inner.remainingBytes > 0) {
      if (signatures.length === maxAccountSignatures) throw new CodecError("oversized", `more than ${maxAccountSignatures} signatures`)
      const deviceId = bytes<"DeviceId">(inner.raw(16).slice())
      const before = signatures.at(-1)
      if (before && compare(before.deviceId, deviceId) >= 0) throw new CodecError("non_canonical", "order of signatures")
      signatures.push({ deviceId, signature: inner.raw(64).slice() })
    }
    const recovery = r.prefixed(1, 64)
    if (recovery.length !== 0 && recovery.length !== 64) throw new CodecError("invalid_value", "recovery signature length")
    return {
      tbs,
      state,
      signatures,
      recoverySignature: recovery.length === 0 ? undefined : recovery.slice(),
    }
  })
}

/** The name of one version of an account, 32 bytes; the `prev` of the next version. */
export function accountStateHash(crypto: LogCrypto, tbs: Uint8Array): AccountStateHash {
  return bytes<"AccountStateHash">(new Uint8Array(crypto.sha256(concat(toUtf8("kt/account-state/v1\0"), tbs))))
}

/** What devices and the recovery key sign: "kt/account-sig/v1" ‖ 0x00 ‖ state_hash. */
export function accountSignatureInput(stateHash: AccountStateHash): Uint8Array {
  return concat(toUtf8("kt/account-sig/v1\0"), stateHash)
}

/** The label of an account in the map: 0x01 ‖ account_id. */
export function accountLabel(accountId: AccountId): Uint8Array {
  return concat(Uint8Array.of(0x01), accountId)
}

function writeDevice(w: TlsWriter, device: Device): void {
  w.raw(device.deviceId)
  w.u8(deviceClasses.indexOf(device.deviceClass))
  w.u16(device.signatureScheme)
  w.prefixed(2, device.signatureKey)
  w.u32(device.addedVersion)
}

function readDevice(r: TlsReader): Device {
  const deviceId = bytes<"DeviceId">(r.raw(16).slice())
  const deviceClass = deviceClasses[r.u8()]
  if (deviceClass === undefined) throw new CodecError("invalid_value", "device class")
  const signatureScheme = r.u16()
  if (signatureScheme !== ed25519SignatureScheme) throw new CodecError("invalid_value", "signature scheme")
  const signatureKey = r.prefixed(2, 32).slice()
  if (signatureKey.length !== 32) throw new CodecError("invalid_value", "signature key length")
  return { deviceId, deviceClass, signatureScheme, signatureKey, addedVersion: r.u32() }
}

function readOrigin(r: TlsReader): string {
  const origin = String.fromCharCode(...r.prefixed(1, 255))
  if (!isOriginText(origin)) throw new CodecError("invalid_value", "origin")
  return origin
}
