import { fromHex } from "@nodoor/bytes"

/**
 * Whether a 32-byte X25519 public key is of small order, on the curve or on its twist: then, and only then, a shared secret made
 * with it is all zero, which RFC 9180 §7.1.4 and RFC 7748 §6.1 say to refuse. The highest bit does not count (RFC 7748 §5). Not constant time; keys are public.
 */
export function isSmallOrderX25519(point: Uint8Array): boolean {
  return smallOrder.some((bad) => bad.every((byte, i) => byte === (i === 31 ? (point[i] as number) & 0x7f : point[i])))
}

/** 0, 1, the two coordinates of order 8, and p-1, p, p+1, which are -1, 0 and 1 again. */
const smallOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(fromHex)
