// The public key that tokens verify under, as RFC 9578 section 6.5 writes it: SubjectPublicKeyInfo of id-RSASSA-PSS with SHA-384, MGF1 with
// SHA-384 and a salt of 48 bytes. There is one spelling for a modulus, so that the key's hash names the key.

import { CodecError, concat, equal, fromHex } from "@nodoor/bytes"

const modulusBytes = 256
/** Everything before the modulus of 2,048 bits: the algorithm with its parameters, and the beginning of the RSAPublicKey. */
const head = fromHex(
  "30820152303d06092a864886f70d01010a3030a00d300b0609608648016503040202a11a301806092a864886f70d010108300b0609608648016503040202a2030201300382010f003082010a0282010100",
)
/** The exponent, 65537. */
const tail = fromHex("0203010001")

export const tokenKeyBytes: number = head.length + modulusBytes + tail.length

/** `modulus`: 256 bytes, the first bit set. */
export function encodeTokenKey(modulus: Uint8Array): Uint8Array {
  const key = concat(head, modulus, tail)
  decodeTokenKey(key)
  return key
}

/** The modulus. @throws CodecError for another algorithm, size or exponent, and for a modulus that is even or has fewer than 2,048 bits */
export function decodeTokenKey(key: Uint8Array): Uint8Array {
  const modulus = key.subarray(head.length, head.length + modulusBytes)
  const wellFormed = key.length === tokenKeyBytes && equal(key.subarray(0, head.length), head) && equal(key.subarray(-tail.length), tail)
  if (!wellFormed || (modulus[0] ?? 0) < 0x80 || (modulus.at(-1) ?? 0) % 2 === 0) throw new CodecError("invalid_value", "key for tokens")
  return modulus
}
