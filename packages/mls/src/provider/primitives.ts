import type { Random } from "./provider.ts"

/**
 * What a platform must bring; everything else of a provider (HKDF, HPKE, X-Wing, the checks of keys) is written once above it.
 * The four type parameters are the platform's imported keys: X25519 public and private, ML-KEM-768 public and private.
 * Callers have checked every length and every public key before a primitive sees it, except where a comment says otherwise.
 */
export interface Primitives<XPublic, XPrivate, MPublic, MPrivate> {
  sha256(data: Uint8Array): Uint8Array
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array
  sha3_256(data: Uint8Array): Uint8Array
  shake256(data: Uint8Array, lengthBytes: number): Uint8Array

  readonly aes128Gcm: Aead
  readonly chaCha20Poly1305: Aead

  readonly x25519: {
    /** From the 32-byte scalar, clamped as RFC 7748 §5 says. */
    importPrivate(scalar: Uint8Array): XPrivate
    importPublic(point: Uint8Array): XPublic
    publicBytes(key: XPrivate): Uint8Array
    /** The 32-byte shared secret. `point` is never of small order, so it is never all zero. */
    agree(key: XPrivate, point: XPublic): Uint8Array
  }
  readonly mlKem768: {
    /** From the 64-byte seed d ‖ z (FIPS 203 §7.1). */
    importPrivate(seed: Uint8Array): MPrivate
    /** From the 1,184-byte encapsulation key, whose modulus check (FIPS 203 §7.2) has been done. */
    importPublic(encapsulationKey: Uint8Array): MPublic
    publicBytes(key: MPrivate): Uint8Array
    encapsulate(key: MPublic, random: Random): { readonly sharedSecret: Uint8Array; readonly ciphertext: Uint8Array }
    /** From a 1,088-byte ciphertext; implicit rejection for one that was not made for this key. */
    decapsulate(key: MPrivate, ciphertext: Uint8Array): Uint8Array
  }
  readonly ed25519: {
    publicBytes(seed: Uint8Array): Uint8Array
    sign(seed: Uint8Array, message: Uint8Array): Uint8Array
    /** False for anything that is not a signature, including points that do not decode. */
    verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  }
}

/** An AEAD with a 12-byte nonce and a 16-byte tag (RFC 5116). `open` gives undefined when the tag does not fit. */
export interface Aead {
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined
}

/** Length in bytes of the tag of both AEADs. */
export const tagBytes = 16
