// Chunks that are sealed for their place, and the last one as the last: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár ("Online
// Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance"), with the nonce of age. Files and archives have the same chunks.

/** Of content. The last chunk may be shorter. */
export const chunkBytes = 65_536
export const tagBytes = 16
export const sealedChunkBytes: number = chunkBytes + tagBytes

/** 11 bytes of the chunk's number, counted from 0, and one that is 1 for the last chunk. */
export function streamNonce(chunk: number, { isLast }: { readonly isLast: boolean }): Uint8Array {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setBigUint64(3, BigInt(chunk))
  nonce[11] = isLast ? 1 : 0
  return nonce
}
