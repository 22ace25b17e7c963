// The delivery key of an epoch permits posting to the group. Every member derives it, so the server learns "a member" and not which one.

import { type GroupState, type SuiteCrypto, exportSecret } from "@nodoor/mls"
import { encodeTls } from "@nodoor/bytes"
import type { Environment } from "@nodoor/mls"

export interface DeliveryKey {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

/** Ed25519 key pair whose seed is MLS-Exporter("nodoor delivery", epoch as uint64, 32) (RFC 9420 §8.5). */
export function deliveryKey(env: Environment, state: GroupState): DeliveryKey {
  const context = encodeTls((w) => w.u64(state.epoch))
  const seed = exportSecret(env, state, { label: "nodoor delivery", context, lengthBytes: 32 })
  return suiteOf(env, state).signatureKeyPair(() => seed)
}

export function suiteOf(env: Environment, state: GroupState): SuiteCrypto {
  return env.crypto.suite(state.suite)
}
