// Which 32 bytes may stand as an Ed25519 public key. Verifiers differ over the points refused here (RFC 8032 §5.1.7
// leaves the choice open), and a key that is valid on one device and invalid on another splits what people see.

import { equal, fromHex } from "@nodoor/bytes"

/** The eight points of small order, in their canonical encodings with either sign bit; non-canonical ones fail the range check. */
const smallOrderKeys = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map(fromHex)

/** Whether the bytes are a canonical encoding (y < 2^255 - 19) that is none of the points of small order. 32 bytes; does not test that it is on the curve. */
export function isFitPublicKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false
  const y = key.slice()
  y[31] = (y[31] as number) & 0x7f
  return isBelowFieldPrime(y) && !smallOrderKeys.some((bad) => equal(bad, y))
}

function isBelowFieldPrime(y: Uint8Array): boolean {
  if (y[31] !== 0x7f) return true
  for (let i = 30; i >= 1; i--) if (y[i] !== 0xff) return true
  return (y[0] as number) < 0xed
}
