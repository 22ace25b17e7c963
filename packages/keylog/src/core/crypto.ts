/**
 * The primitives that transparency needs, handed in so that each platform brings its fastest: node:crypto in Node,
 * libsodium and noble in a browser. Synchronous. `packages/mls` providers and the server's `crypto.ts` satisfy it.
 */
export interface LogCrypto {
  /** SHA-256 of the input; 32 bytes. */
  sha256(data: Uint8Array): Uint8Array
  /** HMAC-SHA256; 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array
  /** Ed25519 (RFC 8032): whether the 64-byte signature is the 32-byte key's over the message. Never throws: bad lengths and points are false. */
  verifyEd25519(input: { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array }): boolean
  /** Ed25519 signature, 64 bytes, with a 32-byte private seed (RFC 8032 §5.1.5). */
  signEd25519(input: { readonly privateKey: Uint8Array; readonly message: Uint8Array }): Uint8Array
  /** Where the platform has it, VRF proofs are made in a quarter of the time, and verified in two thirds of it. */
  readonly x25519?: X25519 | undefined
}

/** X25519 of the platform (RFC 7748 §5). */
export interface X25519 {
  /** Makes a scalar ready: 32 bytes, clamped. */
  scalar(bytes: Uint8Array): X25519Scalar
}

export interface X25519Scalar {
  /** u-coordinate of this multiple of the base point, 32 bytes. */
  readonly base: Uint8Array
  /** u-coordinate of this multiple of the point whose u-coordinate is given, 32 bytes each. */
  times(u: Uint8Array): Uint8Array
}
