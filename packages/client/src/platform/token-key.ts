// The public key under which tokens are signed, as RFC 9578 section 6.5 writes it: RSASSA-PSS with SHA-384, MGF1 with SHA-384, a salt of 48
// bytes. One form only, so that one key has one id.

import { CodecError, concat, equal, fromHex } from "@nodoor/bytes"

const before = fromHex(
  "30820152303d06092a864886f70d01010a3030a00d300b0609608648016503040202a11a301806092a864886f70d010108300b0609608648016503040202a2030201300382010f003082010a0282010100",
)
const modulusBytes = 256
/** The exponent 65537. */
const after = fromHex("0203010001")

/** The modulus of 2,048 bits, big-endian. @throws CodecError for any other form of key */
export function tokenKeyModulus(key: Uint8Array): Uint8Array {
  const modulus = key.slice(before.length, before.length + modulusBytes)
  const [first = 0] = modulus
  if (first < 0x80 || !equal(key, concat(before, modulus, after))) throw new CodecError("invalid_value", "token key")
  return modulus
}

/** The key with this modulus. */
export function tokenKeyOf(modulus: Uint8Array): Uint8Array {
  return concat(before, modulus, after)
}
