// Requests to be let in again, made by hand from what docs/protocol.md says ("Healing").

import { concat, encodeTls, toUtf8 } from "@nodoor/bytes"
import { exportSecret, type GroupState, parseKeyPackage } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import type { Ghost } from "./ghost.ts"
import { keysOf, newSeat } from "./seats.ts"
import type { Asked } from "./shown-groups.ts"

const requestBytes = 8_192
const nonceBytes = 12
const tagBytes = 16

/**
 * A request for the seat, sealed with the key of the group's epoch. `ghost`: whose KeyPackage and signature it is. `signedSeat`: the seat that is
 * signed, if another.
 */
export function forgeRejoin(
  state: GroupState,
  ghost: Ghost,
  { seat, signedSeat = seat }: { readonly seat: Uint8Array; readonly signedSeat?: Uint8Array },
): Asked {
  const { env } = ghost
  const { groupId, epoch } = state
  const { message } = ghost.keyPackage()
  const { ref } = parseKeyPackage(env, message)
  const own = newSeat()
  const { publicKey, readHash } = keysOf(own)
  const signed = encodeTls((w) =>
    w.raw(toUtf8("nodoor/readmission/v1\0")).raw(groupId).raw(signedSeat).u64(epoch).vector(ref).raw(own.seat).raw(publicKey).raw(readHash),
  )
  const signature = nodeProvider.signEd25519({ privateKey: ghost.signer.privateKey, message: signed })
  const plain = new Uint8Array(requestBytes - nonceBytes - tagBytes)
  plain.set(encodeTls((w) => w.raw(ghost.deviceId).raw(own.seat).raw(publicKey).raw(readHash).raw(signature).prefixed(4, message)))
  const key = exportSecret(env, state, { label: "nodoor rejoin", context: encodeTls((w) => w.u64(epoch)), lengthBytes: 32 })
  const suite = nodeProvider.suite(state.suite)
  const sealingKey = nodeProvider.sha256(concat(toUtf8("nodoor/rejoin-seal/v1\0"), key)).subarray(0, suite.keyBytes)
  const nonce = nodeProvider.random(nonceBytes)
  const context = encodeTls((w) => w.raw(groupId).raw(seat).u64(epoch))
  return { seat, epoch: Number(epoch), sealed: concat(nonce, suite.seal(sealingKey, nonce, context, plain)) }
}
