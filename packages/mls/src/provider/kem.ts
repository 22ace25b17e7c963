import type { KemPrivateKey, KemPublicKey, Random } from "./provider.ts"

/** A key encapsulation mechanism as HPKE uses it (RFC 9180 §4), with keys that are imported at first use and kept imported. */
export interface Kem {
  /** HPKE KEM identifier. */
  readonly id: number
  readonly publicKeyBytes: number
  /** Nenc. */
  readonly ciphertextBytes: number
  /** The private key, 32 bytes, that DeriveKeyPair(ikm) gives. */
  derivePrivateKey(ikm: Uint8Array): Uint8Array
  importPublicKey(bytes: Uint8Array): KemPublicKey | undefined
  importPrivateKey(bytes: Uint8Array): KemPrivateKey | undefined
  publicKeyOf(key: KemPrivateKey): KemPublicKey
  encapsulate(to: KemPublicKey, random: Random): { readonly sharedSecret: Uint8Array; readonly kemOutput: Uint8Array }
  /** Undefined for bytes that cannot be a ciphertext of this KEM. */
  decapsulate(key: KemPrivateKey, kemOutput: Uint8Array): Uint8Array | undefined
}

/** A value made once, when it is first asked for: importing a key costs as much as using it, and most keys of a tree are never used. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
