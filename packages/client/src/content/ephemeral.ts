// Ephemeral posts, such as "somebody is typing". They may get lost, so they do not use the message ratchets, where each lost one would be a
// skipped generation. They are encrypted with a key of the epoch and signed with the device's key.

import { CodecError, concat, decodeCbor, encodeCbor, encodeTls, toUtf8 } from "@nodoor/bytes"
import { type Environment, type GroupState, type Signer, exportSecret, members } from "@nodoor/mls"
import { suiteOf } from "../group/delivery-key.ts"
import { pad, unpad } from "./payload/padme.ts"

export interface Ephemeral {
  readonly contentType: string
  /** Identity of the leaf that signed it. */
  readonly identity: Uint8Array
}

const maxEphemeralBytes = 8192

/** CBOR [epoch, nonce[12], AES-GCM(key, Padmé(CBOR [leaf index, content type, signature]))], key = MLS-Exporter("nodoor ephemeral", epoch, 16). */
export function sealEphemeral(
  env: Environment,
  state: GroupState,
  input: { readonly contentType: string; readonly signer: Signer },
): Uint8Array {
  const suite = suiteOf(env, state)
  const nonce = env.crypto.random(suite.nonceBytes)
  const signature = env.crypto.signEd25519({
    privateKey: input.signer.privateKey,
    message: signatureInput(state, { nonce, contentType: input.contentType }),
  })
  const inner = pad(encodeCbor([state.ownLeafIndex, input.contentType, signature]))
  return encodeCbor([Number(state.epoch), nonce, suite.seal(sealingKey(env, state), nonce, state.groupId, inner)])
}

/** Undefined if it is from another epoch and so out of date. @throws CodecError if no member of the group made it */
export function openEphemeral(env: Environment, state: GroupState, body: Uint8Array): Ephemeral | undefined {
  const suite = suiteOf(env, state)
  const [epoch, nonce, sealed] = list(decodeCbor(body, { maxBytes: maxEphemeralBytes }))
  if (epoch !== Number(state.epoch)) return undefined
  if (!(nonce instanceof Uint8Array) || nonce.length !== suite.nonceBytes || !(sealed instanceof Uint8Array))
    throw new CodecError("invalid_value", "ephemeral")
  const padded = suite.open(sealingKey(env, state), nonce, state.groupId, sealed)
  if (!padded) throw new CodecError("invalid_value", "ephemeral seal")
  const [leafIndex, contentType, signature] = list(decodeCbor(unpad(padded), { maxBytes: maxEphemeralBytes }))
  if (typeof contentType !== "string" || !(signature instanceof Uint8Array)) throw new CodecError("invalid_value", "ephemeral content")
  const member = members(state).find((candidate) => candidate.leafIndex === leafIndex)
  const message = signatureInput(state, { nonce, contentType })
  if (!member || !env.crypto.verifyEd25519({ publicKey: member.signatureKey, message, signature }))
    throw new CodecError("invalid_value", "ephemeral signature")
  return { contentType, identity: member.identity }
}

function sealingKey(env: Environment, state: GroupState): Uint8Array {
  return exportSecret(env, state, {
    label: "nodoor ephemeral",
    context: encodeTls((w) => w.u64(state.epoch)),
    lengthBytes: suiteOf(env, state).keyBytes,
  })
}

function signatureInput(state: GroupState, input: { readonly nonce: Uint8Array; readonly contentType: string }): Uint8Array {
  return concat(
    toUtf8("nodoor/ephemeral/v1\0"),
    encodeTls((w) => w.vector(state.groupId).u64(state.epoch).raw(input.nonce).vector(toUtf8(input.contentType))),
  )
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== 3) throw new CodecError("invalid_value", "ephemeral")
  return value
}
