// What a leaf of the map commits to: one value of one version of one label (draft-ietf-keytrans-protocol, suite KT_128_SHA256_Ed25519).

import { encodeTls, equal, fromHex } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"

const commitmentKey = fromHex("d821f8790d97709796b4d7903357c3f5")
/** Random bytes that keep a commitment from being guessed; erasing them erases the value. */
export const openingBytes = 16

export interface CommittedValue {
  readonly opening: Uint8Array
  readonly label: Uint8Array
  readonly version: number
  readonly value: Uint8Array
}

/** HMAC-SHA256(key, opening[16] ‖ u8 len ‖ label ‖ u32 version ‖ u32 len ‖ value), 32 bytes. */
export function commitment(crypto: LogCrypto, { opening, label, version, value }: CommittedValue): Uint8Array {
  const message = encodeTls((w) => {
    w.raw(opening).prefixed(1, label).u32(version).prefixed(4, value)
  })
  return crypto.hmacSha256(commitmentKey, message)
}

/** @throws KeylogError `commitment` unless the commitment opens to exactly this */
export function verifyCommitment(crypto: LogCrypto, input: CommittedValue & { readonly commitment: Uint8Array }): void {
  rule(input.opening.length === openingBytes, "commitment", "length of the opening") // M4
  rule(equal(commitment(crypto, input), input.commitment), "commitment", "does not open to this value") // M4
}

/** What the VRF is asked: u8(len(label)) ‖ label ‖ u32(version). */
export function vrfInput(label: Uint8Array, version: number): Uint8Array {
  return encodeTls((w) => w.prefixed(1, label).u32(version))
}
