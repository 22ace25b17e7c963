// What the format needs of its platform. Both are asynchronous, so that the chunks of a batch are worked on side by side.

export interface MediaCrypto {
  /** AES-256-GCM (NIST SP 800-38D) with tags of 16 bytes. `key`: 32 bytes. */
  cipher(key: Uint8Array): Promise<ChunkCipher>
  sha256(data: Uint8Array): Promise<Uint8Array>
}

/** Nonces have 12 bytes; there is no associated data. */
export interface ChunkCipher {
  seal(nonce: Uint8Array, content: Uint8Array): Promise<Uint8Array>
  /** Undefined if the tag does not hold. */
  open(nonce: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined>
}

/** Where a sealed file is read from. What it gives may be any bytes at all. */
export interface MediaSource {
  /** At most `sizeBytes` bytes from `at` on; fewer at the end. */
  read(at: number, sizeBytes: number): Promise<Uint8Array>
}

/** Where a sealed file is written. */
export interface MediaSink {
  write(at: number, bytes: Uint8Array): Promise<void>
}
