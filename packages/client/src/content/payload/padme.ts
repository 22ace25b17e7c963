// Padding before encryption, so that the size of a ciphertext says little about its content (docs/protocol.md, "Groups").

import { CodecError, decodeTls, encodeTls } from "@nodoor/bytes"

/** Receipts, reactions and one-line messages all have this size. */
export const minPaddedBytes = 256

/**
 * Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", §4): the size rounded up so that only its
 * O(log log n) leading bits are told. At most 12 % more.
 */
export function padmeSize(sizeBytes: number): number {
  if (sizeBytes <= minPaddedBytes) return minPaddedBytes
  const exponent = Math.floor(Math.log2(sizeBytes))
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1
  const step = 2 ** (exponent - mantissaBits)
  return Math.ceil(sizeBytes / step) * step
}

/** `opaque content<V>` followed by zeros up to the Padmé size. */
export function pad(content: Uint8Array): Uint8Array {
  const framed = encodeTls((w) => w.vector(content))
  const out = new Uint8Array(padmeSize(framed.length))
  out.set(framed)
  return out
}

/** @throws CodecError for a size that is not the content's Padmé size, or padding that is not zero */
export function unpad(padded: Uint8Array): Uint8Array {
  return decodeTls(padded, (r) => {
    const content = r.vector(padded.length)
    const framedBytes = r.offset
    if (padded.length !== padmeSize(framedBytes)) throw new CodecError("non_canonical", "padded size")
    if (r.raw(r.remainingBytes).some((byte) => byte !== 0)) throw new CodecError("non_canonical", "padding")
    return content
  })
}
