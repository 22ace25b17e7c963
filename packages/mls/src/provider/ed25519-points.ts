import { fromHex } from "@nodoor/bytes"

/**
 * Whether 32 bytes are a point encoding that every Ed25519 implementation agrees to take: canonical (y < p) and not of small order.
 * Libraries differ in what else they accept; members on different platforms must not. Not constant time; the bytes are public.
 */
export function isStrictEd25519Point(point: Uint8Array): boolean {
  return (
    isCanonical(point) && !smallOrder.some((bad) => bad.every((byte, i) => byte === (i === 31 ? (point[i] as number) & 0x7f : point[i])))
  )
}

/** y < p = 2^255 - 19, without the sign bit. */
function isCanonical(point: Uint8Array): boolean {
  if (((point[31] as number) & 0x7f) !== 0x7f || (point[0] as number) < 0xed) return true
  for (let i = 1; i < 31; i++) if (point[i] !== 0xff) return true
  return false
}

/** y of the eight points of small order, in their canonical encodings without the sign bit. */
const smallOrder = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map(fromHex)
