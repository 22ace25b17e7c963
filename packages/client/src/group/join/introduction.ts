// An introduction: what a device that was added to a group needs to find its place there, sealed to the KeyPackage that was used and signed by
// the device that added it (docs/protocol.md, "Introductions"). All are of one size.

import { CodecError, bytes, concat, decodeTls, encodeTls, toUtf8 } from "@nodoor/bytes"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import {
  type CryptoProvider,
  type Environment,
  type Signer,
  type VerifiedKeyPackage,
  openWithKeyPackage,
  sealToKeyPackage,
} from "@nodoor/mls"
import { hashBytes, idBytes, introductionBytes, limits, signatureBytes } from "@nodoor/wire"
import { seatBytes, seatSecretBytes } from "@nodoor/wire/delivery"
import { productSuite } from "../../core/suite.ts"

export interface Introduction {
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  /** Of the seat, 32 bytes. */
  readonly secret: Uint8Array
  /** This device's EncryptedGroupSecrets (RFC 9420 §12.4.3.1). The GroupInfo is in the group's log. */
  readonly secrets: Uint8Array
  readonly adderAccount: AccountId
  readonly adderDevice: DeviceId
}

/** What was opened, and is still to be checked against the devices that the adder's account lists. */
export interface OpenedIntroduction extends Introduction {
  readonly ref: Uint8Array
  readonly signature: Uint8Array
}

const label = "nodoor introduction"
const signatureLabel = toUtf8("nodoor/introduction/v1\0")
const kemOutputBytes = 1_120
const tagBytes = 16
const contentBytes = introductionBytes - hashBytes - kemOutputBytes - tagBytes

export function sealIntroduction(
  env: Environment,
  keyPackage: VerifiedKeyPackage,
  { introduction, signer }: { readonly introduction: Introduction; readonly signer: Signer },
): Uint8Array {
  const { groupId, seat, secret, secrets, adderAccount, adderDevice } = introduction
  const message = signatureInput(env.crypto, { ...introduction, ref: keyPackage.ref })
  const signature = env.crypto.signEd25519({ privateKey: signer.privateKey, message })
  const content = encodeTls((w) =>
    w.raw(groupId).raw(seat).raw(secret).vector(secrets).raw(adderAccount).raw(adderDevice).vector(signature),
  )
  if (content.length > contentBytes) throw new RangeError("an introduction that does not fit")
  const padded = new Uint8Array(contentBytes)
  padded.set(content)
  const { kemOutput, ciphertext } = sealToKeyPackage(env, keyPackage, { label, plaintext: padded })
  return concat(keyPackage.ref, kemOutput, ciphertext)
}

/** The KeyPackage that an introduction is for. @throws CodecError `invalid_value` for another size */
export function introducedRef(sealed: Uint8Array): Uint8Array {
  if (sealed.length !== introductionBytes) throw new CodecError("invalid_value", "size of an introduction")
  return sealed.slice(0, hashBytes)
}

/** @throws CodecError, MlsError for what is no introduction, or for another KeyPackage */
export function openIntroduction(env: Environment, sealed: Uint8Array, keyPackageSecret: Uint8Array): OpenedIntroduction {
  const ref = introducedRef(sealed)
  const kemOutput = sealed.slice(hashBytes, hashBytes + kemOutputBytes)
  const ciphertext = sealed.slice(hashBytes + kemOutputBytes)
  const content = openWithKeyPackage(env, { keyPackageSecret, label, kemOutput, ciphertext })
  return decodeTls(content, (reader) => {
    const opened = {
      ref,
      groupId: reader.raw(limits.groupIdBytes),
      seat: reader.raw(seatBytes),
      secret: reader.raw(seatSecretBytes),
      secrets: reader.vector(contentBytes),
      adderAccount: bytes<"AccountId">(reader.raw(idBytes)),
      adderDevice: bytes<"DeviceId">(reader.raw(idBytes)),
      signature: reader.vector(signatureBytes),
    }
    if (reader.raw(reader.remainingBytes).some((byte) => byte !== 0)) throw new CodecError("non_canonical", "padding of an introduction")
    return opened
  })
}

/** Whether the device with this key made the introduction. */
export function isSignedBy(crypto: CryptoProvider, opened: OpenedIntroduction, signatureKey: Uint8Array): boolean {
  const message = signatureInput(crypto, opened)
  return crypto.suite(productSuite).verify(signatureKey, message, opened.signature)
}

function signatureInput(crypto: CryptoProvider, introduction: Introduction & { readonly ref: Uint8Array }): Uint8Array {
  const { ref, groupId, seat, secret, secrets, adderAccount, adderDevice } = introduction
  const { sha256 } = crypto
  return concat(signatureLabel, ref, groupId, seat, sha256(secret), sha256(secrets), adderAccount, adderDevice)
}
