// RFC 9420 §5.1 and §5.2 and the derivations of §8 and §9.1: every use of a key carries a label, so that no output of one
// purpose can pass for another's.

import { TlsWriter, concat, toUtf8 } from "@nodoor/bytes"
import type { KemPrivateKey, KemPublicKey, Random, SuiteCrypto } from "../provider/provider.ts"

export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array
  readonly ciphertext: Uint8Array
}

/** Nothing: the empty context. */
export const empty: Uint8Array = new Uint8Array(0)

const labels = new Map<string, Uint8Array>()

/** `opaque label<V>` of "MLS 1.0 " + label. The set of labels is this package's own and small, so they are kept. */
function encodedLabel(label: string): Uint8Array {
  let encoded = labels.get(label)
  if (encoded === undefined) {
    encoded = new TlsWriter().vector(toUtf8(`MLS 1.0 ${label}`)).finish()
    if (labels.size < 256) labels.set(label, encoded)
  }
  return encoded
}

/** Bytes of the length prefix of a vector of `length` bytes. */
export function vectorPrefixBytes(length: number): 1 | 2 | 4 {
  return length < 0x40 ? 1 : length < 0x4000 ? 2 : 4
}

/** Writes `opaque x<V>` at `at` and returns the offset after it. */
function putVector(out: Uint8Array, at: number, value: Uint8Array): number {
  const length = value.length
  const prefixBytes = vectorPrefixBytes(length)
  if (prefixBytes === 1) out[at] = length
  else if (prefixBytes === 2) {
    out[at] = 0x40 | (length >> 8)
    out[at + 1] = length
  } else {
    out[at] = 0x80 | (length >>> 24)
    out[at + 1] = length >>> 16
    out[at + 2] = length >>> 8
    out[at + 3] = length
  }
  out.set(value, at + prefixBytes)
  return at + prefixBytes + length
}

/** `struct { opaque label<V>; opaque content<V> }`: SignContent and EncryptContext. */
function labelledWriter(label: string, content: Uint8Array): TlsWriter {
  return new TlsWriter(content.length + 64).raw(encodedLabel(label)).vector(content)
}

/** ExpandWithLabel, RFC 9420 §8. */
export function expandWithLabel(
  suite: SuiteCrypto,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  lengthBytes: number,
): Uint8Array {
  const start = encodedLabel(label)
  const info = new Uint8Array(2 + start.length + vectorPrefixBytes(context.length) + context.length)
  info[0] = lengthBytes >> 8
  info[1] = lengthBytes
  info.set(start, 2)
  putVector(info, 2 + start.length, context)
  return suite.expand(secret, info, lengthBytes)
}

/** DeriveSecret, RFC 9420 §8. */
export function deriveSecret(suite: SuiteCrypto, secret: Uint8Array, label: string): Uint8Array {
  return expandWithLabel(suite, secret, label, empty, suite.hashBytes)
}

/** DeriveTreeSecret, RFC 9420 §9.1. */
export function deriveTreeSecret(
  suite: SuiteCrypto,
  secret: Uint8Array,
  label: string,
  generation: number,
  lengthBytes: number,
): Uint8Array {
  const context = Uint8Array.of(generation >>> 24, generation >>> 16, generation >>> 8, generation)
  return expandWithLabel(suite, secret, label, context, lengthBytes)
}

/** SignWithLabel, RFC 9420 §5.1.2. */
export function signWithLabel(suite: SuiteCrypto, privateKey: Uint8Array, label: string, content: Uint8Array): Uint8Array {
  return labelledWriter(label, content).lend((signed) => suite.sign(privateKey, signed))
}

/** VerifyWithLabel, RFC 9420 §5.1.2. */
export function verifyWithLabel(
  suite: SuiteCrypto,
  publicKey: Uint8Array,
  label: string,
  content: Uint8Array,
  signature: Uint8Array,
): boolean {
  return labelledWriter(label, content).lend((signed) => suite.verify(publicKey, signed, signature))
}

/**
 * EncryptContext, RFC 9420 §5.1.3. Made once and handed to every `encryptInContext` of a batch: providers hash one array once, and a
 * Welcome's context is its whole GroupInfo.
 */
export function encryptContext(label: string, context: Uint8Array): Uint8Array {
  return labelledWriter(label, context).finish()
}

/** EncryptWithLabel with a ready EncryptContext. */
export function encryptInContext(
  suite: SuiteCrypto,
  to: KemPublicKey,
  context: Uint8Array,
  plaintext: Uint8Array,
  random: Random,
): HpkeCiphertext {
  return suite.hpkeSeal(to, context, empty, plaintext, random)
}

/** DecryptWithLabel, RFC 9420 §5.1.3; undefined when it does not open. */
export function decryptWithLabel(
  suite: SuiteCrypto,
  key: KemPrivateKey,
  label: string,
  context: Uint8Array,
  sealed: HpkeCiphertext,
): Uint8Array | undefined {
  return suite.hpkeOpen(key, sealed.kemOutput, labelledWriter(label, context).finish(), empty, sealed.ciphertext)
}

/** RefHash, RFC 9420 §5.2. `label` is given whole. */
export function refHash(suite: SuiteCrypto, label: string, value: Uint8Array): Uint8Array {
  return suite.hash(concat(new TlsWriter().vector(toUtf8(label)).finish(), new TlsWriter().vector(value).finish()))
}

export function makeKeyPackageRef(suite: SuiteCrypto, encodedKeyPackage: Uint8Array): Uint8Array {
  return refHash(suite, "MLS 1.0 KeyPackage Reference", encodedKeyPackage)
}

/** `authenticatedContent`: the encoded AuthenticatedContent that carried the proposal. */
export function makeProposalRef(suite: SuiteCrypto, authenticatedContent: Uint8Array): Uint8Array {
  return refHash(suite, "MLS 1.0 Proposal Reference", authenticatedContent)
}
