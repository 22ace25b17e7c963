// Introductions as somebody with changed code makes them, and as whoever has a KeyPackage's secret opens them.

import { concat, encodeTls, toUtf8, TlsReader } from "@nodoor/bytes"
import { type Environment, type Signer, openWithKeyPackage, sealToKeyPackage } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { introductionBytes } from "@nodoor/wire"
import type { Added } from "./hand-made-group.ts"
import type { OwnSeat } from "./seats.ts"

const label = "nodoor introduction"
const refBytes = 32
const kemOutputBytes = 1_120
const tagBytes = 16

/** Who says that they added somebody. */
export interface Adder {
  readonly env: Environment
  readonly signer: Signer
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
}

/** What becomes of the content before it is sealed. */
export interface IntroductionDeviation {
  readonly groupId?: Uint8Array
  readonly seat?: OwnSeat
  readonly adder?: Pick<Adder, "accountId" | "deviceId">
  /** The signature is over the content as an honest adder would have it. */
  readonly signature?: Uint8Array
}

export function sealIntroduction(by: Adder, groupId: Uint8Array, added: Added, deviation: IntroductionDeviation = {}): Uint8Array {
  const { keyPackage, encrypted } = added
  const { accountId, deviceId } = deviation.adder ?? by
  const content = { groupId: deviation.groupId ?? groupId, seat: deviation.seat ?? added.seat, encrypted, accountId, deviceId }
  const message = signatureInput(keyPackage.ref, content)
  const signature = deviation.signature ?? nodeProvider.signEd25519({ privateKey: by.signer.privateKey, message })
  const written = encodeTls((w) =>
    w.raw(content.groupId).raw(content.seat.seat).raw(content.seat.secret).vector(encrypted).raw(accountId).raw(deviceId).vector(signature),
  )
  const plaintext = new Uint8Array(introductionBytes - refBytes - kemOutputBytes - tagBytes)
  plaintext.set(written)
  const { kemOutput, ciphertext } = sealToKeyPackage(by.env, keyPackage, { label, plaintext })
  return concat(keyPackage.ref, kemOutput, ciphertext)
}

/** The group, the seat and the EncryptedGroupSecrets of an introduction. @throws MlsError if it is for another KeyPackage */
export function openIntroduction(
  env: Environment,
  keyPackageSecret: Uint8Array,
  sealed: Uint8Array,
): { readonly groupId: Uint8Array; readonly seat: OwnSeat; readonly encrypted: Uint8Array } {
  const kemOutput = sealed.subarray(refBytes, refBytes + kemOutputBytes)
  const ciphertext = sealed.subarray(refBytes + kemOutputBytes)
  const reader = new TlsReader(openWithKeyPackage(env, { keyPackageSecret, label, kemOutput, ciphertext }))
  const groupId = reader.raw(32)
  const seat = { seat: reader.raw(16), secret: reader.raw(32) }
  return { groupId, seat, encrypted: reader.vector(4_096) }
}

function signatureInput(
  ref: Uint8Array,
  content: {
    readonly groupId: Uint8Array
    readonly seat: OwnSeat
    readonly encrypted: Uint8Array
    readonly accountId: Uint8Array
    readonly deviceId: Uint8Array
  },
): Uint8Array {
  const { groupId, seat, encrypted, accountId, deviceId } = content
  const hashes = [nodeProvider.sha256(seat.secret), nodeProvider.sha256(encrypted)]
  return concat(toUtf8("nodoor/introduction/v1\0"), ref, groupId, seat.seat, ...hashes, accountId, deviceId)
}
