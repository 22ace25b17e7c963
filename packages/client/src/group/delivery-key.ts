// The delivery key of an epoch permits posting to the group. Every member derives it, so the server learns "a member" and not which one.

import { encodeTls } from "@nodoor/bytes"
import { type Environment, type GroupState, type SuiteCrypto, exportSecret } from "@nodoor/mls"

export interface DeliveryKeyPair {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

/** MLS-Exporter("nodoor delivery", epoch as uint64, 32) (RFC 9420 §8.5): the key of the MAC of every post of the epoch. */
export function deliveryKey(env: Environment, state: GroupState): Uint8Array {
  const context = encodeTls((w) => w.u64(state.epoch))
  return exportSecret(env, state, { label: "nodoor delivery", context, lengthBytes: 32 })
}

/** Ed25519 key pair whose seed is the delivery key. */
export function deliveryKeyPair(env: Environment, state: GroupState): DeliveryKeyPair {
  return suiteOf(env, state).signatureKeyPair(() => deliveryKey(env, state))
}

export function suiteOf(env: Environment, state: GroupState): SuiteCrypto {
  return env.crypto.suite(state.suite)
}
