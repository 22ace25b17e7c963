// What a member who cannot go on asks of the others: a KeyPackage for a fresh leaf and the keys of a seat that it drew for itself, signed by its device
// for the seat that it leaves. Only members can open it.

import { CodecError, concat, decodeTls, encodeTls, toUtf8 } from "@nodoor/bytes"
import { type Environment, MlsError, type Signer, type SuiteCrypto, type VerifiedKeyPackage, parseKeyPackage } from "@nodoor/mls"
import { hashBytes, idBytes, limits, publicKeyBytes, signatureBytes } from "@nodoor/wire"
import { type SeatKeys, seatBytes } from "@nodoor/wire/delivery"
import { productSuite } from "../../core/suite.ts"

/** What the device signs, and everybody can check once the others have answered. */
export interface ReadmissionStatement {
  readonly groupId: Uint8Array
  /** The seat that it leaves. */
  readonly seat: Uint8Array
  /** Of the key that the request was sealed with. */
  readonly epoch: number
  /** KeyPackageRef (RFC 9420 §5.2). */
  readonly ref: Uint8Array
  readonly keys: SeatKeys
}

export interface RejoinContent {
  readonly deviceId: Uint8Array
  /** An MLSMessage. */
  readonly keyPackage: Uint8Array
  readonly keys: SeatKeys
  /** Over `readmissionInput`, by the key of the KeyPackage's leaf. */
  readonly signature: Uint8Array
}

const nonceBytes = 12
/** AES-GCM's. */
const tagBytes = 16

/** `"nodoor/readmission/v1" ‖ 0x00 ‖ group_id ‖ seat ‖ epoch u64 ‖ KeyPackageRef<V> ‖ new seat ‖ public_key ‖ read_hash`. */
export function readmissionInput({ groupId, seat, epoch, ref, keys }: ReadmissionStatement): Uint8Array {
  return encodeTls((w) =>
    w
      .raw(toUtf8("nodoor/readmission/v1\0"))
      .raw(groupId)
      .raw(seat)
      .u64(BigInt(epoch))
      .vector(ref)
      .raw(keys.seat)
      .raw(keys.publicKey)
      .raw(keys.readHash),
  )
}

export function signReadmission(env: Environment, signer: Signer, statement: ReadmissionStatement): Uint8Array {
  return env.crypto.signEd25519({ privateKey: signer.privateKey, message: readmissionInput(statement) })
}

export function isReadmissionSigned(
  crypto: Pick<Environment["crypto"], "verifyEd25519">,
  statement: ReadmissionStatement,
  { publicKey, signature }: { readonly publicKey: Uint8Array; readonly signature: Uint8Array },
): boolean {
  return crypto.verifyEd25519({ publicKey, message: readmissionInput(statement), signature })
}

/** Seals with the key of an epoch, for the seat that asks. Always `limits.rejoinBytes`. */
export function sealRejoin(env: Environment, { key, groupId, seat, epoch }: Sealing, content: RejoinContent): Uint8Array {
  const plain = encodeTls((w) => {
    w.raw(content.deviceId).raw(content.keys.seat).raw(content.keys.publicKey).raw(content.keys.readHash).raw(content.signature)
    w.prefixed(4, content.keyPackage)
  })
  const padded = new Uint8Array(limits.rejoinBytes - nonceBytes - tagBytes)
  padded.set(plain)
  const suite = env.crypto.suite(productSuite)
  const nonce = env.crypto.random(nonceBytes)
  return concat(nonce, suite.seal(sealingKey(env, suite, key), nonce, contextOf({ groupId, seat, epoch }), padded))
}

/** The key of an epoch, and what the request is for. */
export interface Sealing {
  /** `rejoinKey`. */
  readonly key: Uint8Array
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  readonly epoch: number
}

/** The plaintext; undefined if it was sealed with another key, or for another group, seat or epoch. */
export function openRejoin(env: Environment, { key, ...sealing }: Sealing, sealed: Uint8Array): Uint8Array | undefined {
  const suite = env.crypto.suite(productSuite)
  return suite.open(sealingKey(env, suite, key), sealed.subarray(0, nonceBytes), contextOf(sealing), sealed.subarray(nonceBytes))
}

/** @throws CodecError */
export function decodeRejoin(plain: Uint8Array): RejoinContent {
  return decodeTls(plain, (r) => {
    const deviceId = r.raw(idBytes)
    const keys = { seat: r.raw(seatBytes), publicKey: r.raw(publicKeyBytes), readHash: r.raw(hashBytes) }
    const signature = r.raw(signatureBytes)
    const keyPackage = r.prefixed(4, limits.keyPackageBytes)
    if (r.raw(r.remainingBytes).some((byte) => byte !== 0)) throw new CodecError("invalid_value", "padding of a request")
    return { deviceId, keys, signature, keyPackage }
  })
}

/** The KeyPackage, if the device that it is of signed the request for this seat. */
export function signedKeyPackage(
  env: Environment,
  { groupId, seat, epoch }: Omit<Sealing, "key">,
  { keyPackage, keys, signature }: RejoinContent,
): VerifiedKeyPackage | undefined {
  try {
    const verified = parseKeyPackage(env, keyPackage)
    const statement = { groupId, seat, epoch, ref: verified.ref, keys }
    return isReadmissionSigned(env.crypto, statement, { publicKey: verified.member.signatureKey, signature }) ? verified : undefined
  } catch (error) {
    if (error instanceof MlsError || error instanceof CodecError) return undefined
    throw error
  }
}

/** The first bytes of SHA-256("nodoor/rejoin-seal/v1" ‖ 0x00 ‖ key). */
function sealingKey({ crypto }: Environment, { keyBytes }: Pick<SuiteCrypto, "keyBytes">, key: Uint8Array): Uint8Array {
  return crypto.sha256(concat(toUtf8("nodoor/rejoin-seal/v1\0"), key)).subarray(0, keyBytes)
}

function contextOf({ groupId, seat, epoch }: Omit<Sealing, "key">): Uint8Array {
  return encodeTls((w) => w.raw(groupId).raw(seat).u64(BigInt(epoch)))
}
