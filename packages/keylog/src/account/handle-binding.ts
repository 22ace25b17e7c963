// Which account a handle stands for, signed by a device of that account: without it the operator could point a name at
// somebody else (docs/transparency.md, "Handles").

import { CodecError, concat, decodeTls, encodeTls, equal, toUtf8 } from "@nodoor/bytes"
import { bytes } from "@nodoor/bytes"
import { type VerifiedAccountState, findDevice } from "./account-chain.ts"
import type { AccountId, AccountStateHash, DeviceId } from "./account-state.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { parse, rule } from "../core/keylog-error.ts"
import { isOriginText } from "../core/origin.ts"

/** `struct { opaque origin<1..255>; opaque handle<3..32>; opaque account_id[16]; opaque genesis_hash[32]; opaque device_id[16]; }` and its signature. */
export interface HandleBinding {
  readonly origin: string
  /** Lower case, 3–32 of `a-z 0-9 . _ -`. */
  readonly handle: string
  readonly accountId: AccountId
  readonly genesisHash: AccountStateHash
  /** The device that signed; a device of the account at some version. */
  readonly deviceId: DeviceId
  /** 64 bytes over "kt/handle-binding/v1" ‖ 0x00 ‖ the structure before it. */
  readonly signature: Uint8Array
}

/** Longest encoded `HandleBinding`. */
export const maxHandleBindingBytes: number = 256 + 33 + 16 + 32 + 16 + 64

/**
 * Whether the binding is the account's own. `states` are verified states of the account, at least one of which lists the
 * signing device: a binding outlives the device that signed it.
 * @throws KeylogError `malformed`, `wrong_origin`, `handle_mismatch`, `handle_account`, `handle_signature`
 */
export function verifyHandleBinding(
  crypto: LogCrypto,
  input: {
    readonly binding: Uint8Array
    readonly origin: string
    readonly handle: string
    readonly states: readonly VerifiedAccountState[]
  },
): HandleBinding {
  const binding = parse("handle binding", () => decodeHandleBinding(input.binding))
  rule(binding.origin === input.origin, "wrong_origin", "handle binding of another log") // A1
  rule(binding.handle === input.handle, "handle_mismatch", "binding of another handle") // H2
  const message = handleBindingInput(binding)
  let known = false
  for (const account of input.states) {
    rule(equal(account.state.accountId, binding.accountId), "handle_account", "binding of another account") // H3
    rule(equal(account.genesisHash, binding.genesisHash), "handle_account", "binding of another chain") // H3
    const device = findDevice(account.state, binding.deviceId)
    if (!device) continue
    known = true
    if (
      crypto.verifyEd25519({
        publicKey: device.signatureKey,
        message,
        signature: binding.signature,
      })
    )
      return binding
  }
  rule(known, "handle_account", "signed by no device of the account") // H3
  rule(false, "handle_signature", "signature of the handle binding") // H4
}

/** Signs a binding with a device's 32-byte seed. */
export function signHandleBinding(crypto: LogCrypto, input: Omit<HandleBinding, "signature">, privateKey: Uint8Array): Uint8Array {
  rule(isHandle(input.handle), "handle_invalid", "handle") // H1
  const signature = crypto.signEd25519({ privateKey, message: handleBindingInput(input) })
  return encodeHandleBinding({ ...input, signature })
}

/** Whether the text is a handle: lower case, 3–32 of `a-z 0-9 . _ -`. */
export function isHandle(text: string): boolean {
  return /^[a-z0-9._-]{3,32}$/.test(text)
}

/** The label of a handle in the map: 0x02 ‖ handle. @throws KeylogError `handle_invalid` */
export function handleLabel(handle: string): Uint8Array {
  rule(isHandle(handle), "handle_invalid", "handle") // H1
  return concat(Uint8Array.of(0x02), toUtf8(handle))
}

export function encodeHandleBinding(binding: HandleBinding): Uint8Array {
  return concat(encodeUnsigned(binding), binding.signature)
}

/** @throws CodecError */
export function decodeHandleBinding(encoded: Uint8Array): HandleBinding {
  if (encoded.length > maxHandleBindingBytes) throw new CodecError("oversized", "handle binding")
  return decodeTls(encoded, (r) => {
    const origin = String.fromCharCode(...r.prefixed(1, 255))
    if (!isOriginText(origin)) throw new CodecError("invalid_value", "origin")
    const handle = String.fromCharCode(...r.prefixed(1, 32))
    if (!isHandle(handle)) throw new CodecError("invalid_value", "handle")
    return {
      origin,
      handle,
      accountId: bytes<"AccountId">(r.raw(16).slice()),
      genesisHash: bytes<"AccountStateHash">(r.raw(32).slice()),
      deviceId: bytes<"DeviceId">(r.raw(16).slice()),
      signature: r.raw(64).slice(),
    }
  })
}

function handleBindingInput(binding: Omit<HandleBinding, "signature">): Uint8Array {
  return concat(toUtf8("kt/handle-binding/v1\0"), encodeUnsigned(binding))
}

function encodeUnsigned(binding: Omit<HandleBinding, "signature">): Uint8Array {
  return encodeTls((w) => {
    w.prefixed(1, toUtf8(binding.origin)).prefixed(1, toUtf8(binding.handle))
    w.raw(binding.accountId).raw(binding.genesisHash).raw(binding.deviceId)
  })
}
